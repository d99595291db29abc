"""Folders of static files, and the URL paths that the application serves them under."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from packer.project.app.frameworks import constructor_named
from packer.project.app.places import folder_of
from packer.project.code.constants import Constants
from packer.project.code.module import Site
from packer.project.code.program import Program
from packer.project.code.values import ROOT, UNKNOWN, Constant, in_project
from packer.project.folders import files_under
from packer.project.model import Framework, StaticFolder
from packer.project.routing.application import Application, keyword
from packer.project.routing.blueprints import Blueprints, joined_url

__all__ = ["read_static"]

_FLASK_LIKE = frozenset({"flask", "quart", "dash"})


def read_static(
    program: Program, application: Application, blueprints: Blueprints, constants: Constants, framework: Framework
) -> tuple[StaticFolder, ...]:
    """The folders that exist, the application's own first; of two with the same URL path Flask serves the first."""
    reader = _Reader(program, constants)
    found: list[StaticFolder] = []
    if framework in _FLASK_LIKE:
        found += [*reader.assets(), *reader.application(application)]
        for blueprint in blueprints.all:
            found += [folder for prefix in blueprint.prefixes for folder in reader.blueprint(blueprint.call, prefix)]
    found += reader.mounted()
    first: dict[str, StaticFolder] = {}
    for folder in found:
        first.setdefault(folder.url, folder)
    return tuple(first.values())


class _Reader:
    def __init__(self, program: Program, constants: Constants) -> None:
        self._program = program
        self._constants = constants
        self._paths = program.tree.paths

    def application(self, application: Application) -> Iterator[StaticFolder]:
        """What Flask's own rule serves."""
        call = application.call
        if call is None:
            yield from self._folder(None, posixpath.join(ROOT, application.root_path, "static"), "/static")
        else:
            folder = self._argument(call, "static_folder", "static", 2)
            url = self._argument(call, "static_url_path", None, 1)
            yield from self._served(call, application.root_path, folder, url, "")

    def blueprint(self, call: Site[ast.Call], prefix: str) -> Iterator[StaticFolder]:
        folder = self._argument(call, "static_folder", None, 2)
        url = self._argument(call, "static_url_path", None, 3)
        yield from self._served(call, folder_of(call.scope.path), folder, url, prefix)

    def mounted(self) -> Iterator[StaticFolder]:
        """What Starlette and its kin mount: `app.mount("/static", StaticFiles(directory="static"))`."""
        for module in self._program.modules:
            for site in module.calls:
                match site.node:
                    case ast.Call(func=ast.Attribute(attr="mount"), args=[url, ast.Call() as files, *_]):
                        name = self._program.name_of(files.func, site.scope) or ""
                        directory = keyword(files, "directory", 0)
                        prefix = self._constants.value(url, site.scope)
                        if name.endswith(".StaticFiles") and directory is not None and isinstance(prefix, str):
                            folder = self._constants.value(directory, site.scope)
                            yield from self._folder(site, folder, prefix.rstrip("/"))
                    case _:
                        continue

    def assets(self) -> Iterator[StaticFolder]:
        """What Dash serves, also where it was put on an application of Flask."""
        for call in self._dash_calls():
            folder = self._argument(call, "assets_folder", "assets")
            url = self._argument(call, "assets_url_path", "assets")
            if isinstance(folder, str) and isinstance(url, str):
                full = posixpath.join(ROOT, folder_of(call.scope.path), folder)
                yield from self._folder(call, full, f"/{url.strip('/')}")

    def _dash_calls(self) -> Iterator[Site[ast.Call]]:
        for module in self._program.modules:
            if not any("dash" in statement.module for statement in module.imports):
                continue
            for call in module.calls:
                names = self._program.ancestry(call.node.func, call.scope)
                if any(found.framework == "dash" for found in map(constructor_named, names) if found is not None):
                    yield call

    def _argument(self, call: Site[ast.Call], name: str, default: Constant, position: int | None = None) -> Constant:
        given = keyword(call.node, name, position)
        return default if given is None else self._constants.value(given, call.scope)

    def _served(
        self, call: Site[ast.Call], root_path: str, folder: Constant, url: Constant, prefix: str
    ) -> Iterator[StaticFolder]:
        """Flask's own rule: the URL path is the one given, else the folder's last name."""
        if folder is None or folder is UNKNOWN or url is UNKNOWN:
            return
        full = posixpath.join(ROOT, root_path, str(folder))
        path = str(url) if url is not None else posixpath.basename(str(folder).rstrip("/"))
        yield from self._folder(call, full, joined_url(prefix, f"/{path.lstrip('/')}").rstrip("/"))

    def _folder(self, call: Site[ast.Call] | None, folder: Constant, url: str) -> Iterator[StaticFolder]:
        path = in_project(folder, self._program.working_directory)
        if path is None or path == "." or not files_under(self._paths, path):
            return
        evidence = (self._program.evidence(call.scope, call.node),) if call is not None else ()
        yield StaticFolder(url=url, path=path, evidence=evidence)
