"""`inspect`: every reader in its order, from a source tree to a `Project`."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from packer.project.app import AppSearch, find_app
from packer.project.app.modules import ModuleIndex
from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.startup import Startup
from packer.project.dependencies import DependencyReader, DependencyReading
from packer.project.environment import read_environment, read_examples
from packer.project.health import find_health
from packer.project.limits import connection_pool, max_content_length, max_form_memory_size
from packer.project.migrations import find_migrations
from packer.project.model import AppCandidate, AppFacts, DependencyFacts, OwnPackage, Project, PythonFacts
from packer.project.notebook import Notebook, Notes
from packer.project.routing.application import find_application
from packer.project.routing.blueprints import Blueprints
from packer.project.routing.routes import read_routes
from packer.project.routing.static import read_static
from packer.project.server import read_server
from packer.project.services import driver_services, find_services
from packer.project.services.background import celery_target
from packer.project.tree import SourceTree
from packer.project.writable import find_writable

__all__ = ["inspect"]

FLASK_SQLALCHEMY_STRICT = 3
"""The first major version of Flask-SQLAlchemy that insists on a database, and keeps SQLite in the instance folder."""

_NEWEST = "999"
_OLD_PARTNERS = {"flask": "2.2", "sqlalchemy": "1.4.18"}
"""Releases below these go with Flask-SQLAlchemy 2 alone."""


class _Metadata(Struct, frozen=True):
    """The image's name, and the project's own distribution."""

    name: str
    own_package: OwnPackage | None


def inspect(tree: SourceTree, *, app: str | None = None, notes: Notes | None = None) -> Project:
    """Read a project. A project without an application is one too: its `app.refusal` says why there is none.

    Args:
        tree: its files.
        app: the application as the user names it (`module:attribute`); it wins over everything that is found.
        notes: what was read of the same files before; None to read all of them.

    Raises:
        ProjectError: a manifest or lock is broken, hostile, or cannot be read.
    """
    notebook = Notebook(tree, notes)
    dependencies = DependencyReader(tree, notebook)
    first = dependencies.read()
    search = find_app(tree, distributions=_names(first.facts), setting=app, notebook=notebook)
    best = search.candidates[0] if search.candidates else None
    folder = best.import_root if best else "."
    reading = dependencies.read(subfolder=folder, app_path=best.path) if best else first
    metadata = _metadata(notebook, folder)
    common = Project(
        name=metadata.name,
        python=_python(notebook, reading.facts, folder),
        dependencies=reading.facts,
        app=AppFacts(candidates=search.candidates, process_environment=search.environment, refusal=search.refusal),
        own_package=metadata.own_package,
        import_roots=_import_roots(search, reading),
        decisions=(*reading.decisions, *search.decisions),
        cautions=(*reading.cautions, *search.cautions),
    )
    return _with_code(tree, common, best) if best else replace(common, services=driver_services(reading.facts))


def _metadata(notebook: Notebook, folder: str) -> _Metadata:
    def read(tree: SourceTree) -> _Metadata:
        from packer.project.metadata import read_metadata  # noqa: PLC0415 - slow to import; notes spare it

        return _Metadata(*read_metadata(tree, folder))

    return notebook.read("metadata", (folder,), _Metadata, read)


def _python(notebook: Notebook, facts: DependencyFacts, folder: str) -> PythonFacts:
    def read(tree: SourceTree) -> PythonFacts:
        from packer.project.python import read_python  # noqa: PLC0415 - slow to import; notes spare it

        return read_python(tree, facts, subfolder=folder)

    return notebook.read("python", (folder, facts.lock, facts.requires_python), PythonFacts, read)


def _with_code(tree: SourceTree, project: Project, best: AppCandidate) -> Project:
    """The project with what the application's code says. Modules are parsed once, and only if production loads them."""
    index = ModuleIndex(tree)
    program = Program(tree, index, entry=best.path, working_directory=best.working_directory)
    configuration = Configuration(program)
    application = find_application(program, best, Constants(program, configuration))
    constants = Constants(
        program, configuration, root_path=application.root_path, instance_path=application.instance_path
    )
    startup = Startup(program, factory_name(best))
    sqlalchemy = _flask_sqlalchemy(project.dependencies)
    examples = read_examples(tree, best.working_directory)
    environment = read_environment(
        program,
        configuration,
        constants,
        startup,
        database_setting_required=sqlalchemy is not None and sqlalchemy >= FLASK_SQLALCHEMY_STRICT,
        examples=examples,
    )
    blueprints = Blueprints(program, constants)
    static = read_static(program, application, blueprints, constants, best.framework)
    routes = read_routes(program, application, blueprints, constants)
    server = read_server(program, constants, startup, project.dependencies)
    writable = find_writable(
        program,
        configuration,
        constants,
        application,
        sqlite_in_instance_folder=sqlalchemy is None or sqlalchemy >= FLASK_SQLALCHEMY_STRICT,
    )
    services = find_services(
        program,
        configuration,
        constants,
        dependencies=project.dependencies,
        environment=environment,
        examples=examples,
    )
    has_tasks = any(service.kind == "celery" for service in services)
    return replace(
        project,
        app=replace(
            project.app,
            server=server.facts,
            health=find_health(program, routes, static),
            max_content_length=max_content_length(configuration, constants),
            max_form_memory_size=max_form_memory_size(configuration, constants),
            pool=connection_pool(program, configuration, constants),
        ),
        services=services,
        celery=celery_target(tree, project.import_roots) if has_tasks else None,
        static=static,
        migrations=find_migrations(program, constants, root_path=application.root_path),
        environment=environment,
        writable=writable.paths,
        cautions=(*project.cautions, *server.cautions, *writable.cautions),
    )


def factory_name(candidate: AppCandidate) -> str | None:
    """The function that the server calls to get the application, if the target is one."""
    attribute = candidate.target.partition(":")[2]
    return attribute.partition("(")[0] if "(" in attribute else None


def _names(facts: DependencyFacts) -> frozenset[str]:
    return frozenset({requirement.name for requirement in facts.direct} | {name for name, _ in facts.locked})


def _import_roots(search: AppSearch, reading: DependencyReading) -> tuple[str, ...]:
    """The application's own folders first, then those of packages that the dependencies name by path."""
    return tuple(dict.fromkeys((*search.import_roots, *(one.import_root for one in reading.facts.local_packages))))


def _flask_sqlalchemy(facts: DependencyFacts) -> int | None:
    """Its major version. A free one follows the code, where that is written for an older one, and old partners."""
    major = _major(facts, "flask-sqlalchemy")
    old = {use.name for use in facts.dated if use.name == "flask-sqlalchemy"}
    old |= {one.name for one in facts.direct if one.pinned and _is_below(one.pinned, _OLD_PARTNERS.get(one.name))}
    return FLASK_SQLALCHEMY_STRICT - 1 if major == int(_NEWEST) and old else major


def _is_below(version: str, limit: str | None) -> bool:
    try:
        return limit is not None and Version(version) < Version(limit)
    except InvalidVersion:
        return False


def _major(facts: DependencyFacts, name: str) -> int | None:
    """The major version of a distribution: the pinned one, a high number where it is free, None where it is absent."""
    pinned = dict(facts.locked).get(name)
    for requirement in facts.direct:
        if requirement.name == name:
            pinned = pinned or requirement.pinned or _NEWEST
    major = (pinned or "").partition(".")[0]
    return int(major) if major.isascii() and major.isdigit() else None
