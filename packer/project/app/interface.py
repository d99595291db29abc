"""Which version of a framework decides how it is called: connexion 2 is WSGI, 3 is ASGI."""

from __future__ import annotations

import re

from packer.project.connexion import former_connexion_uses
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["connexion_major"]

_MANIFEST = regex(
    r"(?:^|/)(?:[\w.\-]*requirements[\w.\-]*\.(?:txt|in)|requirements/[\w.\-]+\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.(?:py|cfg)|environment\.ya?ml)$"
)
_LOCK = regex(r"(?:^|/)(?:uv\.lock|poetry\.lock|pdm\.lock|pylock\.toml|Pipfile\.lock)$")
_PINNED = regex(
    r"""connexion(?:\[[^\]]*\])?["']?\s*[:=,{]*\s*["']?(?:version["']?\s*[=:]\s*["'])?(?P<sign>[=<>~^!]{0,3})=?\s*(?P<major>\d+)""",
    re.IGNORECASE,
)
_LOCKED = regex(r"""(?:name = "connexion"\s+version = "|"connexion": \{[^}]*?"version": "==)(?P<major>\d+)""")
_LATEST = 3
_FORMER = 2
_LOCK_LIMIT = 16 * 1024 * 1024


def connexion_major(tree: SourceTree, app_path: str) -> int:
    """The major version of connexion that will be installed for the application in `app_path`.

    Locks and manifests say it, else the code when it can only run with 2; else it is the newest.

    `<3` and `<3.0` mean 2; a lower limit alone means the newest.
    """
    for path in tree.paths:
        if _LOCK.search(path):
            found = _LOCKED.search(tree.read(path, _LOCK_LIMIT) or "")
            if found:
                return int(found["major"])
    for path in tree.paths:
        found = _PINNED.search(tree.read(path) or "") if _MANIFEST.search(path) else None
        if found and found["sign"].startswith("<"):
            return int(found["major"]) - 1
        if found and not found["sign"].startswith(">"):
            return int(found["major"])
    module = tree.module(app_path)
    return _FORMER if module and any(former_connexion_uses(module)) else _LATEST
