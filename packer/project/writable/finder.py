"""From the places that code writes to, to the paths in the tree that must be writable."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from packer.project.app.places import folder_of
from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.values import in_project
from packer.project.folders import files_under
from packer.project.model import Caution, WritablePath
from packer.project.routing.application import Application
from packer.project.writable.bundles import bundled_files
from packer.project.writable.databases import database_files
from packer.project.writable.files import written_files
from packer.project.writable.places import Place, Places
from packer.project.writable.settings import configured_places, instance_folder
from packer.regex import regex

__all__ = ["WritableReading", "find_writable"]

_PLACEHOLDER = regex(
    r"(\.git(keep|ignore)|\.keep|\.placeholder|README(\.\w+)?|.+\.(log|db|sqlite3?|db-journal))", re.IGNORECASE
)
_CODE = (".py", ".pyx", ".html", ".jinja2", ".j2")
_TEMPORARY = ("/tmp/", "/var/tmp/")  # noqa: S108 - places of the container's own
_SYSTEM = frozenset({"app", "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "usr"})
_MAX_DEPTH = 12
_MAX_PATHS = 24


class WritableReading(Struct, frozen=True, kw_only=True):
    """The places, and what will surprise about those that cannot be made writable."""

    paths: tuple[WritablePath, ...] = ()
    cautions: tuple[Caution, ...] = ()


def find_writable(
    program: Program,
    configuration: Configuration,
    constants: Constants,
    application: Application,
    *,
    sqlite_in_instance_folder: bool,
) -> WritableReading:
    """Every place in the tree that production code writes to, in order of path.

    A file in a folder that holds nothing else makes the folder writable: databases and logs need room beside them. A
    folder that holds code is never made writable. For `sqlite_in_instance_folder` see `database_files`.
    """
    places = Places(program, constants)
    found = (
        *database_files(places, configuration, application, in_instance_folder=sqlite_in_instance_folder),
        *instance_folder(places, application),
        *bundled_files(places, application),
        *configured_places(places, configuration),
        *written_files(places),
    )
    inside: dict[str, WritablePath] = {}
    cautions: dict[str, Caution] = {}
    paths = program.tree.paths
    for place in found:
        path = in_project(place.path, program.working_directory)
        if path is None:
            inside.update(_outside(place))
        elif path in inside and inside[path].kind == place.kind:
            continue
        elif (writable := _in_tree(paths, path, place)) is not None:
            if writable.kind == "directory" or writable.path not in inside:
                inside[writable.path] = writable
        elif not place.made:
            cautions.update(_among_code(path, place))
    return WritableReading(
        paths=tuple(_outermost(inside.values()))[:_MAX_PATHS],
        cautions=tuple(cautions[key] for key in sorted(cautions)[:_MAX_PATHS]),
    )


def _in_tree(paths: Sequence[str], path: str, place: Place) -> WritablePath | None:
    folder = folder_of(path)
    if place.kind == "file" and folder != "." and _is_spare(paths, folder):
        return WritablePath(path=folder, kind="directory", evidence=(place.evidence,))
    if place.kind == "directory" and (path == "." or _holds_code(paths, path)):
        return None
    return WritablePath(path=path, kind=place.kind, evidence=(place.evidence,))


def _is_spare(paths: Sequence[str], folder: str) -> bool:
    """Whether a folder holds nothing but what the application itself put there, or nothing at all."""
    return all(_PLACEHOLDER.fullmatch(path.rpartition("/")[2]) for path in files_under(paths, folder))


def _holds_code(paths: Sequence[str], folder: str) -> bool:
    return any(path.endswith(_CODE) for path in files_under(paths, folder))


def _outside(place: Place) -> Iterator[tuple[str, WritablePath]]:
    """The folder to make for a place outside of the project, unless it is the system's own."""
    path = posixpath.normpath(place.path)
    folder = path if place.kind == "directory" else posixpath.dirname(path)
    depth = folder.count("/") if folder.startswith("/") and not folder.startswith("//") else 0
    if folder == "/" or not 0 < depth <= _MAX_DEPTH:
        return
    if folder.split("/")[1] not in _SYSTEM and not f"{folder}/".startswith(_TEMPORARY):
        yield folder, WritablePath(path=folder, kind="directory", evidence=(place.evidence,))


def _among_code(path: str, place: Place) -> Iterator[tuple[str, Caution]]:
    where = "the project's root" if path == "." else f"{path}/, which holds code"
    yield (
        path,
        Caution(
            what=f"the app makes or writes files in {where}; the code is read-only in the image",
            hint="let it write into a folder of its own",
            evidence=(place.evidence,),
        ),
    )


def _outermost(found: Iterable[WritablePath]) -> Iterator[WritablePath]:
    """Without what lies inside a folder that is writable anyway."""
    folder: str | None = None
    for place in sorted(found, key=lambda place: f"{place.path}/"):
        if folder is None or not f"{place.path}/".startswith(folder):
            yield place
            folder = f"{place.path}/" if place.kind == "directory" else folder
