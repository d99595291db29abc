"""What a project is: facts read from its files, each with its evidence. Nothing here decides or touches a disk.

The words are those of `pack inspect --json` (schema 1), which `packer.project.report` writes from these values.
Every path is relative to the project's root, POSIX, without a leading `./`; the root itself is `.`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = [
    "AppCandidate",
    "AppFacts",
    "Decision",
    "DatedUse",
    "DependencyFacts",
    "EnvironmentVariable",
    "Evidence",
    "Framework",
    "HealthRoute",
    "Interface",
    "LocalPackage",
    "Manager",
    "MigrationFacts",
    "OwnPackage",
    "Project",
    "PythonFacts",
    "PythonHint",
    "RequirementFact",
    "ServerFacts",
    "ServerKind",
    "ServiceFact",
    "StaticFolder",
    "Caution",
    "ConnectionPool",
    "WritablePath",
]

Framework = Literal["flask", "dash", "quart", "django", "fastapi", "starlette", "bottle", "falcon", "other"]
Interface = Literal["wsgi", "asgi"]
ServerKind = Literal["gunicorn", "uvicorn", "waitress", "uwsgi", "hypercorn", "gevent", "daphne"]
Manager = Literal["uv", "poetry", "pdm", "pipenv", "pip", "setuptools", "pylock"]


class Evidence(Struct, frozen=True, order=True):
    """Where a fact was read: a file, a line (from 1) and that line's text, stripped and at most 160 characters."""

    path: str
    line: int
    excerpt: str


class Decision(Struct, frozen=True, kw_only=True):
    """A choice, why it was made, where it comes from, and how to override it.

    Attributes:
        subject: what was decided, in the plan's words: `app.target`, `python.version`, `dependencies.lock`.
        choice: what was chosen, as text.
        reason: one sentence, lower case, without a full stop.
        evidence: where the reason is to be seen.
        override: the setting or flag that changes it (`app = "module:attribute"`), if there is one.
    """

    subject: str
    choice: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    override: str | None = None


class Caution(Struct, frozen=True, kw_only=True):
    """Something that will surprise: what, and what to do about it. Shown on stderr by `inspect` and `build`."""

    what: str
    hint: str | None = None
    evidence: tuple[Evidence, ...] = ()


class AppCandidate(Struct, frozen=True, kw_only=True):
    """One way to start the application.

    Attributes:
        target: `module:attribute`, or `module:factory()` with literal keyword arguments where the factory wants them.
            The module is dotted and importable when `import_root` is on `sys.path`.
        path: the file that the target's module is.
        framework: what made it an application.
        interface: how a server calls it.
        import_root: the folder to put on `sys.path` (`.`, `src`, `backend`, …).
        working_directory: the folder the process must start in, so that relative file names work as they did for its
            authors: usually `.`, or the flat folder that holds the app.
        score: higher is better; only the order means anything.
        reason: why it ranks where it does, one sentence.
        evidence: the lines that show it.
    """

    target: str
    path: str
    framework: Framework
    interface: Interface
    import_root: str = "."
    working_directory: str = "."
    score: int = 0
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class HealthRoute(Struct, frozen=True, kw_only=True):
    """A URL path that the app answers to GET, and why a health check may ask it.

    `kind`: `health` for a health-like route, `static` for a served static file, `plain` for a route without
    parameters whose view touches neither database nor network.
    """

    url: str
    kind: Literal["health", "static", "plain"]
    evidence: tuple[Evidence, ...] = ()


class ServerFacts(Struct, frozen=True, kw_only=True):
    """What the project says about its own production server (Procfile, gunicorn config, extensions).

    Attributes:
        kind: the server in its dependencies, None if there is none for production.
        worker_class: what its files ask for (`gevent`, `uvicorn.workers.UvicornWorker`, …), None for no wish.
        single_worker: the app keeps state in the process (Flask-SocketIO, APScheduler in the web process, …).
        config_path: a `gunicorn.conf.py` of the project's own, which gunicorn would load by itself from its folder.
        config_issues: settings in that file that break a container: `daemon`, `bind`, `pidfile`, `user`, `chdir`, …
        arguments: options of a Procfile's web line worth keeping: ("--timeout", "120"), …
    """

    kind: ServerKind | None = None
    worker_class: str | None = None
    single_worker: bool = False
    config_path: str | None = None
    config_issues: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class ConnectionPool(Struct, frozen=True, kw_only=True):
    """What the code says of SQLAlchemy's pool, the largest numbers that it gives; None where it says nothing."""

    size: int | None = None
    overflow: int | None = None
    evidence: tuple[Evidence, ...] = ()


class AppFacts(Struct, frozen=True, kw_only=True):
    """The application, the best candidate first. No candidate: no app was found, and `refusal` says why.

    `process_environment` are variables without which importing the best candidate would start a development server.
    `max_content_length` and `max_form_memory_size` are bytes, where the code sets them.
    """

    candidates: tuple[AppCandidate, ...] = ()
    process_environment: tuple[tuple[str, str], ...] = ()
    server: ServerFacts = ServerFacts()
    health: tuple[HealthRoute, ...] = ()
    max_content_length: int | None = None
    max_form_memory_size: int | None = None
    pool: ConnectionPool = ConnectionPool()
    refusal: str | None = None

    @property
    def best(self) -> AppCandidate | None:
        """The candidate that will be started, if any."""
        return self.candidates[0] if self.candidates else None


class RequirementFact(Struct, frozen=True, kw_only=True):
    """One requirement of the project for production.

    Attributes:
        text: a PEP 508 requirement, normalised, without hashes: `flask>=3; python_version > "3.10"`.
        name: normalised distribution name.
        pinned: the exact version, if `==` names one (`===` too).
        hashes: `sha256:<hex>` values beside it in a requirements file.
        evidence: where it stands.
    """

    text: str
    name: str
    pinned: str | None = None
    hashes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class LocalPackage(Struct, frozen=True, kw_only=True):
    """A package in the tree that dependencies name by path (`-e .`, `./libs/x`, workspace members).

    `path` is its folder, `import_root` the folder inside the tree that makes it importable.
    """

    path: str
    import_root: str
    name: str | None = None


class DatedUse(Struct, frozen=True, kw_only=True):
    """Something that production code uses and that newer releases of a distribution no longer have.

    `limit` is the PEP 440 limit under which it is still there (`<2.3`); `name` is the distribution's, or `python` for
    the interpreter and its standard library. `what` names the use: `flask.json.JSONEncoder`.
    """

    name: str
    limit: str
    what: str
    evidence: tuple[Evidence, ...] = ()


class DependencyFacts(Struct, frozen=True, kw_only=True):
    """What the project needs to run.

    Attributes:
        manager: the tool that owns the manifest.
        manifest: the file that states the wishes.
        lock: the file that pins them all, None if there is none that is complete.
        lock_format: how to read `lock`.
        files: every file of the input closure, sorted: manifest, lock, `-r`/`-c` files, workspace manifests.
        direct: the direct requirements for production (no dev groups), in order of name.
        constraints: further limits from `-c` files and the like.
        locked: name and exact version of every distribution that the lock holds for production, for all platforms (a
            name stands there once for each version that markers choose between); empty without a lock.
        wheels: file names that the lock lists, by distribution name; a distribution whose lock names files but no wheel
            is source-only. Empty where the lock lists no files.
        extra_indexes: index URLs that the files name, without credentials.
        local_packages: packages by path.
        requires_python: the lock's own limit on Python, as PEP 440.
        implied: what production code imports although no requirement provides it, for well-known modules only;
            to be installed as well.
        inferred: True when there is no manifest and the requirements were inferred from imports.
        imports: the modules of others that production code imports, dotted, with their members (`wtforms.Form`),
            sorted.
        dated: uses in production code of what newer releases have removed.
    """

    manager: Manager | None = None
    manifest: str | None = None
    lock: str | None = None
    lock_format: Literal["uv", "pylock", "poetry", "pdm", "pipenv", "requirements"] | None = None
    files: tuple[str, ...] = ()
    direct: tuple[RequirementFact, ...] = ()
    constraints: tuple[RequirementFact, ...] = ()
    locked: tuple[tuple[str, str], ...] = ()
    wheels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    extra_indexes: tuple[str, ...] = ()
    local_packages: tuple[LocalPackage, ...] = ()
    requires_python: str | None = None
    implied: tuple[RequirementFact, ...] = ()
    inferred: bool = False
    imports: tuple[str, ...] = ()
    dated: tuple[DatedUse, ...] = ()


class PythonHint(Struct, frozen=True, kw_only=True):
    """A wish for a Python version.

    `specifier` is PEP 440 (`>=3.9,<4`, `==3.11.*`); `hard` hints (requires-python, a lock's own limit) may not be
    broken, soft ones (.python-version, runtime.txt, Pipfile, classifiers) are corrected aloud when reality disagrees.
    """

    specifier: str
    source: str
    hard: bool
    evidence: tuple[Evidence, ...] = ()


class PythonFacts(Struct, frozen=True, kw_only=True):
    """What the project says about Python. `requires` is the text of `requires-python` or its like."""

    requires: str | None = None
    hints: tuple[PythonHint, ...] = ()


class OwnPackage(Struct, frozen=True, kw_only=True):
    """The project's own distribution, where it declares one, so that its metadata can be found at run time.

    `version` is None when it is computed by a build back end; `scripts` are `name = module:function` lines.
    """

    name: str
    version: str | None
    scripts: tuple[str, ...] = ()
    entry_points: tuple[tuple[str, tuple[str, ...]], ...] = ()


class ServiceFact(Struct, frozen=True, kw_only=True):
    """A backing service that the app talks to, and the driver (distribution name) it does so with."""

    kind: str
    driver: str | None = None
    evidence: tuple[Evidence, ...] = ()


class StaticFolder(Struct, frozen=True, kw_only=True):
    """A folder of static files and the URL path it is served under (`/static`, no trailing slash)."""

    url: str
    path: str
    evidence: tuple[Evidence, ...] = ()


class MigrationFacts(Struct, frozen=True, kw_only=True):
    """Database migrations in the tree: the tool, and the folder that holds its env.py."""

    tool: Literal["flask-migrate", "alembic"]
    path: str
    evidence: tuple[Evidence, ...] = ()


class EnvironmentVariable(Struct, frozen=True, kw_only=True):
    """A variable that the app reads.

    Attributes:
        name: its name.
        required: the app fails without it (subscript access without a default, at import or in the factory).
        default: the literal default, if there is one (never a secret: a `secret` role's default is dropped).
        role: `secret-key`, `database-url`, `database-host`, `database-port`, `database-user`, `database-password`,
            `database-name`, `redis-url`, `celery-broker`, `mail`, `debug`, `port`, `token`, … or None.
        example: a value that the code understands, where only some are: the name of a configuration.
    """

    name: str
    required: bool
    default: str | None = None
    role: str | None = None
    example: str | None = None
    evidence: tuple[Evidence, ...] = ()


class WritablePath(Struct, frozen=True, kw_only=True):
    """A place that the app writes to at run time, relative to the project's root, or absolute where it lies outside.

    `kind` is `directory` (an instance folder, uploads) or `file` (a SQLite file, a generated secret, a log).
    """

    path: str
    kind: Literal["directory", "file"]
    evidence: tuple[Evidence, ...] = ()


class Project(Struct, frozen=True, kw_only=True):
    """Everything that pack knows of a project, before it decides anything.

    Attributes:
        name: a name fit for an image: lower case, digits, `-`, `_`, `.`; from the manifest, else the folder.
        import_roots: folders that must be on `sys.path`, in order, the app's own first.
        celery: its Celery application, as `celery --app` takes it, where it has one.
        decisions: choices made while reading (which manager, which lock), each with its reason.
    """

    name: str
    python: PythonFacts
    dependencies: DependencyFacts
    app: AppFacts
    own_package: OwnPackage | None = None
    import_roots: tuple[str, ...] = (".",)
    services: tuple[ServiceFact, ...] = ()
    celery: str | None = None
    static: tuple[StaticFolder, ...] = ()
    migrations: MigrationFacts | None = None
    environment: tuple[EnvironmentVariable, ...] = ()
    writable: tuple[WritablePath, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()
