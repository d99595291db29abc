"""Database migrations: the folder of Alembic's scripts, and whether Flask-Migrate drives them."""

from __future__ import annotations

import posixpath

from packer.project.app.modules import joined
from packer.project.app.places import folder_of
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.values import in_project
from packer.project.model import Evidence, MigrationFacts
from packer.project.routing.application import keyword
from packer.project.tree import SourceTree, evidence_at

__all__ = ["find_migrations"]


def find_migrations(program: Program, constants: Constants, *, root_path: str) -> MigrationFacts | None:
    """The migrations of the application; None where the tree holds no `env.py` of Alembic."""
    return _flask_migrate(program, constants, root_path) or _alembic(program.tree, program.working_directory)


def _flask_migrate(program: Program, constants: Constants, root_path: str) -> MigrationFacts | None:
    for module in program.modules:
        for site in module.calls:
            given = keyword(site.node, "directory", 2)
            name = program.name_of(site.node.func, site.scope) or ""
            if name in {"flask_migrate.Migrate", "flask_alembic.Alembic"} or (
                given is not None and name.endswith(".init_app")
            ):
                stated = in_project(constants.value(given, site.scope), program.working_directory) if given else None
                folder = stated or _default_folder(program.tree, program.working_directory, root_path)
                if folder is not None and program.tree.has(joined(folder, "env.py")):
                    evidence = (
                        program.evidence(site.scope, site.node),
                        evidence_at(program.tree, f"{folder}/env.py", 1),
                    )
                    return MigrationFacts(tool="flask-migrate", path=folder, evidence=evidence)
    return None


def _default_folder(tree: SourceTree, working_directory: str, root_path: str) -> str | None:
    """`migrations` where the commands run, else the only such folder near the application."""
    places = (working_directory, ".", folder_of(root_path), root_path)
    folders = dict.fromkeys(joined(place, "migrations") for place in places)
    return next((folder for folder in folders if tree.has(f"{folder}/env.py")), None)


def _alembic(tree: SourceTree, working_directory: str) -> MigrationFacts | None:
    places = dict.fromkeys((joined(working_directory, "alembic.ini"), "alembic.ini"))
    for path in (*places, *(path for path in tree.paths if path.endswith("/alembic.ini"))):
        location = _script_location(tree.read(path))
        folder = posixpath.normpath(posixpath.join(folder_of(path), location)) if location else ""
        if folder and tree.has(f"{folder}/env.py"):
            return MigrationFacts(tool="alembic", path=folder, evidence=(_line(tree, path, "script_location"),))
    return None


def _script_location(text: str | None) -> str | None:
    """`script_location` of an alembic.ini, a path relative to that file; None for what is not one."""
    import configparser  # noqa: PLC0415 - slow to import, and mostly not needed

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return None
    location = parser.get("alembic", "script_location", fallback="").replace("%(here)s", ".").strip()
    return location if location and ":" not in location and not location.startswith("/") else None


def _line(tree: SourceTree, path: str, needle: str) -> Evidence:
    lines = (tree.read(path) or "").split("\n")
    number = next((number for number, line in enumerate(lines, 1) if line.startswith(needle)), 1)
    return evidence_at(tree, path, number)
