"""Files that Flask-Assets packs when a page first asks for them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from packer.project.code.values import ROOT
from packer.project.routing.application import Application, keyword
from packer.project.writable.places import Place, Places

__all__ = ["bundled_files"]

_BUNDLES = frozenset({"flask_assets.Bundle", "webassets.Bundle"})
_CACHE = ".webassets-cache"


def bundled_files(places: Places, application: Application) -> Iterator[Place]:
    """The outputs of bundles under the application's static folder, and the cache that is kept beside them.

    Outputs that stand in the tree are packed already.
    """
    static = posixpath.join(application.root_path, "static")
    for module in places.program.modules:
        for call in module.calls:
            given = keyword(call.node, "output")
            if given is None or places.program.name_of(call.node.func, call.scope) not in _BUNDLES:
                continue
            output = places.constants.text(given, call.scope)
            path = posixpath.normpath(posixpath.join(static, output)) if output else ""
            if path and not places.program.tree.has(path):
                evidence = places.program.evidence(call.scope, call.node)
                yield Place(path=posixpath.join(ROOT, path), kind="file", evidence=evidence)
                yield Place(path=posixpath.join(ROOT, static, _CACHE), kind="directory", evidence=evidence)
