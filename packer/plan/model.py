"""What will be made: a `Plan` states content and runtime, never shell commands.

A native image, a Dockerfile, a compose file and a Kubernetes resource are readings of this one value.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct

from packer.project.model import Caution, Decision, Interface, MigrationFacts, OwnPackage, ServiceFact, StaticFolder

__all__ = [
    "APP_ROOT",
    "FORMER_NAMES_MODULE",
    "FORWARDING_MODULE",
    "GUNICORN_CONFIG",
    "SECRETS_MODULE",
    "VENV",
    "ArchiveBase",
    "Base",
    "BytecodeChoice",
    "DatabasePlan",
    "DebianBase",
    "DependencyPlan",
    "HealthCheck",
    "LayoutBase",
    "Plan",
    "ReferenceBase",
    "Runtime",
    "STATE_ROOT",
    "ServerPlan",
    "SinglePlan",
    "SourcePlan",
    "SuppliedVariable",
    "Volume",
    "WebPlan",
]

APP_ROOT = PurePosixPath("/app")
"""Where the source is, root-owned and not writable; also the working directory (the image contract)."""
VENV = APP_ROOT / ".venv"
"""The Python environment."""
GUNICORN_CONFIG = PurePosixPath("/etc/gunicorn/gunicorn.conf.py")
"""The rendered server configuration."""
FORWARDING_MODULE = "pack_app"
"""The module that names an app which gunicorn's own argument cannot: its `app` is what the server serves."""

SECRETS_MODULE = "pack_secrets"
"""The module that gives the app its secrets from files."""
FORMER_NAMES_MODULE = "pack_former_names"
"""The module that gives back to Python the names that it removed, where the plan says so."""

STATE_ROOT = PurePosixPath("/var/lib/pack")
"""The volume of an all-in-one container: the database and the secrets that were made at the first start."""

BytecodeChoice = Literal["compiled", "none"]


class DebianBase(Struct, frozen=True, kw_only=True):
    """A base assembled from a Debian release's signed packages.

    Attributes:
        release: codename.
        packages: further packages that are needed at run time (`libpq5`, `libmariadb3`, …), sorted.
        with_python: it carries the release's Python.
    """

    release: Literal["bookworm", "trixie"]
    packages: tuple[str, ...] = ()
    with_python: bool = True


class ReferenceBase(Struct, frozen=True, kw_only=True):
    """A base in an image registry: `docker.io/library/python:3.12-slim`."""

    reference: str


class LayoutBase(Struct, frozen=True, kw_only=True):
    """A base in an OCI layout folder on this machine."""

    path: str


class ArchiveBase(Struct, frozen=True, kw_only=True):
    """A base in an image archive (`docker save`, OCI archive) on this machine."""

    path: str


Base = DebianBase | ReferenceBase | LayoutBase | ArchiveBase


class DependencyPlan(Struct, frozen=True, kw_only=True):
    """What to resolve, or which lock to follow, for the image's environment.

    Attributes:
        lock: the project's complete lock, None to resolve.
        lock_format: how to read it.
        files: the whole input closure (for cache keys), sorted.
        requirements: PEP 508 texts of the direct requirements.
        hashes: `sha256:` values by normalised name, where a requirements file states them.
        added: requirements that pack adds (a production server, a driver's missing half), each with a decision.
        pins: `name==version` that `pack.lock` holds for what `added` leads to.
        constraints: PEP 508 texts by which the project limits what may be chosen.
        advice: further limits, by pack's compatibility rules; they give way where they contradict the project.
        overrides: what is taken of a distribution whatever others ask for, PEP 508.
        dropped: normalised names to leave out of the image although a file names them.
        provided: normalised names of distributions that the project's own tree is; never taken from an index.
        extra_indexes: index URLs that the project's files name, without credentials.
        relaxed: normalised names of the direct requirements in which other versions took a pin's place.
        wheels_only: normalised names of distributions whose releases without wheels turned out not to build.
    """

    lock: str | None
    lock_format: Literal["uv", "pylock", "poetry", "pdm", "pipenv", "requirements"] | None
    files: tuple[str, ...]
    requirements: tuple[str, ...]
    hashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    added: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    provided: tuple[str, ...] = ()
    extra_indexes: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()
    wheels_only: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a resolver chooses, so that other releases may take a pin's place; a lock is followed."""
        return self.lock_format in {None, "requirements"} and not self.hashes


class Volume(Struct, frozen=True, kw_only=True):
    """A place in the image that the app's user may write to, declared as a volume.

    `path` is absolute. `links` are absolute paths of files that are symbolic links into it (a SQLite file beside
    the code is a link to a file in the volume).
    """

    path: str
    links: tuple[tuple[str, str], ...] = ()


class SourcePlan(Struct, frozen=True, kw_only=True):
    """What of the project goes to `/app`.

    Attributes:
        import_roots: absolute folders in the image to put on `sys.path`, in order.
        exclude: gitignore-style patterns left out on top of the built-in ones.
        own_package: the project's own metadata to write beside the dependencies.
        volumes: writable places.
    """

    import_roots: tuple[str, ...] = (str(APP_ROOT),)
    exclude: tuple[str, ...] = ()
    own_package: OwnPackage | None = None
    volumes: tuple[Volume, ...] = ()


class ServerPlan(Struct, frozen=True, kw_only=True):
    """How gunicorn serves the app.

    Attributes:
        target: gunicorn's app argument: `module:attribute` or `module:factory()`.
        forwards: `module:dotted.attribute` where the app is an attribute of an attribute, which gunicorn's argument
            cannot say: `target` is then a module that the image carries for this purpose.
        interface: wsgi or asgi.
        worker_class: `gthread`, `gevent`, `geventwebsocket.…`, `uvicorn_worker.UvicornWorker`, …
        workers: a fixed number of processes, None to compute it from the container's CPU quota.
        threads: threads of a `gthread` worker.
        timeout: seconds after which a silent worker is replaced.
        working_directory: the absolute folder that the process starts in.
    """

    target: str
    interface: Interface
    forwards: str | None = None
    worker_class: str = "gthread"
    workers: int | None = None
    threads: int = 4
    timeout: int = 60
    working_directory: str = str(APP_ROOT)


class HealthCheck(Struct, frozen=True, kw_only=True):
    """How to ask the container whether it is well, without a shell or curl.

    `path` is the URL path asked over HTTP, None to try the port only. Times are seconds.
    """

    command: tuple[str, ...]
    path: str | None
    interval: int = 10
    timeout: int = 5
    start_period: int = 30
    retries: int = 3


class Runtime(Struct, frozen=True, kw_only=True):
    """The image's runtime configuration: what `docker run` does with it."""

    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    health: HealthCheck
    user: str = "65532:65532"
    working_directory: str = str(APP_ROOT)
    port: int = 8000
    stop_signal: str = "SIGTERM"


class DatabasePlan(Struct, frozen=True, kw_only=True):
    """A MySQL-compatible database for the app: its name, the user that the app is, and SQLAlchemy's URL scheme."""

    name: str
    user: str
    scheme: str


class SuppliedVariable(Struct, frozen=True, kw_only=True):
    """A variable that the app reads, and what it is given where nobody sets it."""

    name: str
    value: Literal["url", "host", "port", "user", "password", "name", "secret"]


class SinglePlan(Struct, frozen=True, kw_only=True):
    """What runs beside the app when all is in one container.

    Attributes:
        server: the command that serves the app.
        app_port: where the app listens, on the loopback address.
        database: what is made at the first start; None for no database.
        variables: what the app is told.
        migrate: the command that brings the database up to date before the app starts; empty for none.
    """

    server: tuple[str, ...]
    app_port: int
    database: DatabasePlan | None
    variables: tuple[SuppliedVariable, ...]
    migrate: tuple[str, ...]


class WebPlan(Struct, frozen=True, kw_only=True):
    """The web server in front of the app: nginx, which answers for static files and passes the rest on.

    Attributes:
        base: what its image stands on.
        static: folders whose files it carries, by URL path.
        upstream: the app's `host:port`.
        body_limit: the largest request body in bytes.
        read_timeout: seconds that the app may take for an answer; longer than the app's server allows itself.
        port: where it listens.
        proxies: how many proxies in front of it are believed.
    """

    base: DebianBase
    static: tuple[StaticFolder, ...]
    upstream: str
    body_limit: int
    read_timeout: int
    port: int
    proxies: int = 0


class Plan(Struct, frozen=True, kw_only=True):
    """Everything a builder or renderer needs, and why.

    `python` is X.Y; `python_alternatives` are the versions to fall back to, best first, when a pinned distribution
    has no wheel for `python`.
    """

    name: str
    python: str
    python_alternatives: tuple[str, ...]
    base: Base
    dependencies: DependencyPlan
    source: SourcePlan
    server: ServerPlan
    runtime: Runtime
    labels: tuple[tuple[str, str], ...] = ()
    bytecode: BytecodeChoice = "compiled"
    former_names: bool = False
    """The environment gets the names that Python 3.10 and 3.11 removed, for distributions of before."""
    services: tuple[ServiceFact, ...] = ()
    celery: str | None = None
    """The Celery application, as `celery --app` takes it."""
    static: tuple[StaticFolder, ...] = ()
    migrations: MigrationFacts | None = None
    web: WebPlan
    single: SinglePlan | None = None
    """All in one container; None for an image of the app alone."""
    decisions: tuple[Decision, ...] = ()
    cautions: tuple[Caution, ...] = ()
