"""The user's wishes. All are optional; what is not set, pack decides from the project.

The attribute docstrings below are the reference that users read: `docs/settings.md` and `settings_schema.json` are
made from them. An attribute `worker_class` is the setting `worker-class`, `debian.allow_expired` is
`debian.allow-expired`.
"""

from collections.abc import Iterator
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from packer.plan.settings_values import Kind, ListTable, Number, Switch, Text, TextList, TextTable, Variables

__all__ = ["SETTING_TABLES", "DebianSettings", "Settings", "Source", "WebSettings", "setting_kinds"]


def _url(example: str) -> Text:
    return Text("an http(s) address without a password", r"https?://[^\s@]+", example)


def _patterns(example: str) -> TextList:
    return TextList(Text("a gitignore-style pattern", r"[^\x00-\x1f]+", example))


_IMAGE = r"(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9][a-z0-9._/-]*(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?(?:@sha256:[0-9a-f]{64})?"


class Source(Struct, frozen=True):
    """Where a setting's value comes from: `pyproject.toml:14`, `PACK_PORT`, `--port`."""

    kind: Literal["file", "environment", "flag"]
    where: str


class DebianSettings(Struct, frozen=True, kw_only=True):
    """Where Debian packages come from, for a base that is assembled from them."""

    mirror: Annotated[str | None, _url("https://mirror.example.com/debian")] = None
    """The Debian mirror.
    Without it, the one that this machine's apt sources name, else Debian's own.
    """

    security_mirror: Annotated[str | None, _url("https://mirror.example.com/debian-security")] = None
    """The mirror of Debian's security updates.
    Without it, the one that this machine's apt sources name, else Debian's own.
    """

    snapshot: Annotated[str | None, _url("https://snapshot.example.com/archive")] = None
    """An archive of old Debian packages, asked for locked packages that the mirror no longer has."""

    allow_expired: Annotated[bool, Switch()] = False
    """Accept package lists whose signature is good but whose time is over.
    A mirror that stopped being updated hides security updates, so this is off.
    """


class WebSettings(Struct, frozen=True, kw_only=True):
    """The web server (nginx) in front of the app."""

    build: Annotated[bool, Switch()] = False
    """Build the web image beside the app's, as `pack build --web` does, and pin its base in `pack.lock`.
    It is called as the app's image, with `-web` at the end.
    """

    port: Annotated[int | None, Number(1, 65535)] = None
    """The port that the web server listens on in its container.
    Without it, 8080.
    """

    body_limit: Annotated[int | None, Number(1, 1 << 40)] = None
    """The largest request body that is passed on to the app, in bytes.
    Without it, the app's own `MAX_CONTENT_LENGTH`, else 16 MiB.
    """

    image: Annotated[str | None, Text("an image reference", _IMAGE, "nginxinc/nginx-unprivileged:1.29-alpine")] = None
    """The image that a generated Dockerfile takes nginx from.
    Without it, `nginxinc/nginx-unprivileged:1.29-alpine`.
    `pack build` takes nginx from Debian.
    """

    proxies: Annotated[int | None, Number(0, 8)] = None
    """How many proxies stand in front of the web server, whose `X-Forwarded-*` headers are believed.
    Without it, none: what clients say about themselves is not passed on.
    """


class MysqlSettings(Struct, frozen=True, kw_only=True):
    """MySQL in the stack."""

    image: Annotated[str | None, Text("an image reference", _IMAGE, "mysql:9.7")] = None
    """The image of the stack's MySQL.
    Without it, `mysql:8.4`.
    A volume that a later version has opened cannot go back to an earlier one.
    """


class PostgresqlSettings(Struct, frozen=True, kw_only=True):
    """PostgreSQL in the stack."""

    image: Annotated[str | None, Text("an image reference", _IMAGE, "postgres:17")] = None
    """The image of the stack's PostgreSQL.
    Without it, `postgres:17`.
    """


class RedisSettings(Struct, frozen=True, kw_only=True):
    """Redis in the stack."""

    image: Annotated[str | None, Text("an image reference", _IMAGE, "redis:8")] = None
    """The image of the stack's Redis.
    Without it, `redis:8`.
    """


class DockerfileSettings(Struct, frozen=True, kw_only=True):
    """The Dockerfile that `pack generate` writes."""

    syntax: Annotated[bool, Switch()] = True
    """Begin with a line that names the newest Dockerfile frontend, which the engine then fetches from its registry.
    Without the line, the engine's own frontend reads the file.
    """


class EngineSettings(Struct, frozen=True, kw_only=True):
    """BuildKit, for `pack build --builder engine`."""

    builder: Annotated[str | None, Text("a builder's name", r"[A-Za-z0-9][A-Za-z0-9_.-]*", "team-farm")] = None
    """The buildx builder that builds: `docker buildx ls` lists them. One may be on other machines or a Kubernetes farm.
    Without it, the one in use.
    """

    cache_from: Annotated[
        tuple[str, ...],
        TextList(
            Text(
                "a cache, in buildx's words",
                r"[^\s\x00-\x1f]+",
                "type=registry,ref=registry.example.com/team/shop:cache",
            )
        ),
    ] = ()
    """Where BuildKit may find layers: a reference, or `type=…,ref=…`."""

    cache_to: Annotated[
        tuple[str, ...],
        TextList(
            Text(
                "a cache, in buildx's words",
                r"[^\s\x00-\x1f]+",
                "type=registry,ref=registry.example.com/team/shop:cache,mode=max",
            )
        ),
    ] = ()
    """Where BuildKit puts layers for others to find."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the user wants, and where each wish was stated."""

    image: Annotated[
        str | None,
        Text(
            "an image name without a tag, in lower case",
            r"(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*",
            "registry.example.com/team/shop",
        ),
    ] = None
    """The image's name, with its registry if it has one, without a tag.
    Without it, the project's name.
    """

    cache: Annotated[
        str | None,
        Text(
            "an image repository, or none",
            r"none|[a-z0-9.-]+(?::[0-9]+)?/[a-z0-9][a-z0-9._/-]*",
            "registry.example.com/team/cache",
        ),
    ] = None
    """The repository in which a team shares what builds know, so that a machine with nothing makes no layer again.
    Without it, the repository that an image is pushed to; `none` for no sharing.
    Whoever may push there is believed, unless `PACK_CACHE_SECRET` is set: see docs/shared-cache.md.
    """

    insecure_registries: Annotated[
        tuple[str, ...], TextList(Text("a registry", r"[a-z0-9.-]+(?::[0-9]+)?", "registry.internal.example.com:5000"))
    ] = ()
    """Registries that may speak without TLS, or with a certificate that does not hold.
    This machine's own (`localhost`) need not be named.
    """

    registry_mirrors: Annotated[
        tuple[tuple[str, tuple[str, ...]], ...],
        ListTable(
            Text("a registry", r"[a-z0-9.-]+(?::[0-9]+)?", "docker.io"),
            TextList(
                Text(
                    "a registry, perhaps with a path",
                    r"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9][a-z0-9._-]*)*",
                    "mirror.example.com/hub",
                )
            ),
        ),
    ] = ()
    """Other registries that have what a registry has, each perhaps with a path before the names.
    They are asked first, in this order, for what is pulled; one that fails is told of and passed over.
    Nothing is pushed to them.
    """

    app: Annotated[
        str | None, Text("module:attribute or module:factory()", r"[\w.]+:[^\s:][^\x00-\x1f]*", "shop.web:create_app()")
    ] = None
    """The WSGI or ASGI application: `module:attribute`, or `module:factory()` for a function that makes it."""

    python: Annotated[str | None, Text("a Python version such as 3.13", r"3\.[0-9]{1,2}", "3.13")] = None
    """The Python version of the image.
    Without it, the newest that has a base, that the project allows, and that every pinned distribution has a wheel for.
    """

    base: Annotated[
        str | None, Text("debian, an image reference, oci:DIR or archive:FILE", r"\S.*\S", "oci:../bases/python")
    ] = None
    """What the image stands on: `debian` (assembled from signed packages), an image reference,
    `oci:DIR` (an OCI layout) or `archive:FILE` (`docker save`, or an OCI archive).
    Without it, `debian` where a Debian release carries the Python.
    """

    platforms: Annotated[
        tuple[str, ...], TextList(Text("a platform", r"linux/[a-z0-9_]+(?:/[a-z0-9]+)?", "linux/arm64"))
    ] = ()
    """The platforms to build for.
    Without it, this machine's.
    """

    include: Annotated[tuple[str, ...], _patterns("data/*.sqlite3")] = ()
    """Files to take into the image although a rule leaves them out: gitignore-style patterns."""

    exclude: Annotated[tuple[str, ...], _patterns("notes/")] = ()
    """Files to leave out of the image, besides those that are left out anyway: gitignore-style patterns."""

    builder: Annotated[str | None, Text("native, engine or auto", r"native|engine|auto", "engine")] = None
    """What makes the image: `native` (pack itself, with no Docker), `engine` (BuildKit, from the Dockerfile that
    `pack generate` writes), or `auto`: native, unless the plan needs an engine.
    Without it, `auto`.
    """

    engine: EngineSettings = EngineSettings()
    """BuildKit, for the builder `engine`."""

    layout: Annotated[str | None, Text("app or single", r"app|single", "single")] = None
    """What one image holds: `app`, the app alone, for one container for each service;
    or `single`, the app with nginx in front of it and the database that it needs, supervised in one container, for
    demonstrations and small installations.
    Without it, `app`.
    """

    packages: Annotated[
        tuple[str, ...], TextList(Text("a Debian package name", r"[a-z0-9][a-z0-9.+-]+", "libmagic1t64"))
    ] = ()
    """Debian packages that the app needs at run time, besides those that pack finds by itself.
    Only a base made of Debian packages takes them; beside another `base` they are an error.
    """

    debian: DebianSettings = DebianSettings()
    """Where Debian packages come from."""

    web: WebSettings = WebSettings()
    """The web server in front of the app."""

    mysql: MysqlSettings = MysqlSettings()
    """MySQL in the stack."""

    postgresql: PostgresqlSettings = PostgresqlSettings()
    """PostgreSQL in the stack."""

    redis: RedisSettings = RedisSettings()
    """Redis in the stack."""

    dockerfile: DockerfileSettings = DockerfileSettings()
    """The Dockerfile that `pack generate` writes."""

    port: Annotated[int | None, Number(1, 65535)] = None
    """The port that the server listens on where `PORT` is not set.
    Without it, 8000.
    """

    workers: Annotated[int | None, Number(1, 512)] = None
    """The number of server processes.
    Without it, `WEB_CONCURRENCY` says it when the container starts, or else the container's share of processors and
    memory.
    """

    threads: Annotated[int | None, Number(1, 512)] = None
    """The number of threads in each server process, for the `gthread` worker class.
    `GUNICORN_THREADS` overrides it when the container starts.
    Without it, 4.
    """

    timeout: Annotated[int | None, Number(1, 86400)] = None
    """Seconds after which a server process that does not answer is replaced.
    `GUNICORN_TIMEOUT` overrides it when the container starts.
    Without it, 60.
    """

    worker_class: Annotated[
        str | None, Text("a gunicorn worker class", r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", "gevent")
    ] = None
    """Gunicorn's worker class.
    Without it, `gthread` for WSGI, uvicorn's for ASGI, or what the project's own files ask for.
    """

    health: Annotated[str | None, Text("a URL path", r"/[^\s\x00-\x1f#]*", "/healthz")] = None
    """The URL path that the health check asks.
    Without it, a health-like route of the app, else another that is safe to ask, else only the port is tried.
    """

    environment: Annotated[
        tuple[tuple[str, str], ...],
        Variables(Text("a variable name", r"[A-Za-z_][A-Za-z0-9_]*", "TZ"), "Europe/Vienna"),
    ] = ()
    """Environment variables of the image.
    Everyone who has the image can read them, so names and values that look like secrets are refused.
    """

    labels: Annotated[
        tuple[tuple[str, str], ...],
        TextTable(Text("a label name", r"[^\s=]+", "org.opencontainers.image.vendor"), "The Shop"),
    ] = ()
    """Labels of the image, besides those that pack writes."""

    bytecode: Annotated[bool, Switch()] = True
    """Compile Python files to bytecode, so that containers start faster; the image is larger for it."""

    volumes: Annotated[
        tuple[str, ...],
        TextList(Text("an absolute folder in the image", r"(?:/(?!\.\.?(?:/|$))[^/\x00-\x1f]+)+/?", "/app/uploads")),
    ] = ()
    """Folders that the app may write to, besides those that pack finds by itself."""

    sources: tuple[tuple[str, Source], ...] = ()

    def source(self, name: str) -> Source | None:
        """Where the setting `name` (`worker-class`, `debian.mirror`) was stated; None when it has its default."""
        return dict(self.sources).get(name)


SETTING_TABLES: MappingProxyType[str, type[Struct]] = MappingProxyType(
    {
        "debian": DebianSettings,
        "web": WebSettings,
        "mysql": MysqlSettings,
        "postgresql": PostgresqlSettings,
        "redis": RedisSettings,
        "dockerfile": DockerfileSettings,
        "engine": EngineSettings,
    }
)
"""The tables inside the table of settings, by name."""


@cache
def setting_kinds() -> MappingProxyType[str, Kind]:
    """Every setting's kind by its name, in the order of the reference."""
    return MappingProxyType(dict(_kinds(Settings)))


def _kinds(record: type, prefix: str = "") -> Iterator[tuple[str, Kind]]:
    hints = get_type_hints(record, include_extras=True)
    for attribute in fields(record):
        name = prefix + attribute.name.replace("_", "-")
        hint = hints[attribute.name]
        if name in SETTING_TABLES:
            yield from _kinds(SETTING_TABLES[name], f"{name}.")
        elif metadata := getattr(hint, "__metadata__", ()):
            yield name, metadata[0]
