"""Where the container engine is: the same places, in the same order, that the `docker` command looks at.

`DOCKER_HOST`, then `DOCKER_CONTEXT`, then the current context of the docker configuration, then the usual sockets,
Podman's among them. https://docs.docker.com/engine/manage-resources/contexts/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from packer.errors import EngineError

__all__ = ["Certificates", "Endpoint", "find_endpoints"]

_LARGEST_CONFIGURATION = 1 << 20
_LOCAL_SCHEMES = frozenset({"unix", "npipe"})
_USUAL_SOCKET = "its usual socket"
_LOCAL_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})


class Certificates(Struct, frozen=True, kw_only=True):
    """A folder with `ca.pem`, `cert.pem` and `key.pem`, and whether the engine's own certificate is verified."""

    folder: Path
    verify: bool


class Endpoint(Struct, frozen=True, kw_only=True):
    """An engine's address (`unix:///run/docker.sock`, `tcp://…`, `ssh://…`) and who named it."""

    host: str
    source: str
    certificates: Certificates | None = None

    @property
    def is_local(self) -> bool:
        """Whether a port that the engine publishes on its loopback address is one of this machine's."""
        address = urlsplit(self.host)
        return address.scheme in _LOCAL_SCHEMES or (address.scheme != "ssh" and address.hostname in _LOCAL_NAMES)

    def known_in(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """The environment in which the `docker` command finds this engine, too: of the usual sockets it knows one."""
        return {**environment, "DOCKER_HOST": self.host} if self.source == _USUAL_SOCKET else environment


def find_endpoints(environment: Mapping[str, str], home: Path) -> tuple[Endpoint, ...]:
    """The endpoints to try, best first. An explicit wish is the only one; none at all is an empty tuple.

    Raises `EngineError` when the wished context is not there or cannot be read.
    """
    host = environment.get("DOCKER_HOST")
    if host:
        return (Endpoint(host=host, source="DOCKER_HOST", certificates=_environment_certificates(environment, home)),)
    folder = Path(environment.get("DOCKER_CONFIG") or home / ".docker")
    context = environment.get("DOCKER_CONTEXT") or _current_context(folder / "config.json")
    if context and context != "default":
        return (_context_endpoint(context, folder / "contexts"),)
    sockets = _usual_sockets(environment.get("XDG_RUNTIME_DIR"), home)
    return tuple(Endpoint(host=f"unix://{path}", source=_USUAL_SOCKET) for path in sockets if path.is_socket())


def _environment_certificates(environment: Mapping[str, str], home: Path) -> Certificates | None:
    """https://docs.docker.com/reference/cli/docker/#environment-variables."""
    folder, verify = environment.get("DOCKER_CERT_PATH"), bool(environment.get("DOCKER_TLS_VERIFY"))
    if not folder and not verify:
        return None
    return Certificates(folder=Path(folder) if folder else home / ".docker", verify=verify)


def _usual_sockets(runtime: str | None, home: Path) -> tuple[Path, ...]:
    own = (Path(runtime, "docker.sock"), Path(runtime, "podman", "podman.sock")) if runtime else ()
    return (
        Path("/var/run/docker.sock"),
        home / ".docker" / "run" / "docker.sock",
        *own,
        Path("/run/podman/podman.sock"),
    )


def _current_context(path: Path) -> str | None:
    """An unreadable configuration names no context: it is the docker command's, which lives with it too."""
    try:
        name = _read_object(path).get("currentContext")
    except EngineError:
        return None
    return name if isinstance(name, str) else None


def _context_endpoint(name: str, contexts: Path) -> Endpoint:
    """https://github.com/docker/cli/tree/master/cli/context/store: folders are named by the SHA-256 of the name."""
    key = sha256(name.encode()).hexdigest()
    path = contexts / "meta" / key / "meta.json"
    if not path.is_file():
        raise EngineError(f"there is no docker context {name!r}", where=str(path), hint=_CONTEXT_HINT)
    endpoints = _read_object(path).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(docker, dict) or not isinstance(host, str) or not host:
        raise EngineError(f"the docker context {name!r} names no engine", where=str(path), hint=_CONTEXT_HINT)
    folder = contexts / "tls" / key / "docker"
    certificates = Certificates(folder=folder, verify=not docker.get("SkipTLSVerify")) if folder.is_dir() else None
    return Endpoint(host=host, source=f"the docker context {name!r}", certificates=certificates)


_CONTEXT_HINT = "choose another with `docker context use`, or set DOCKER_HOST"


def _read_object(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as stream:
            document = json.loads(stream.read(_LARGEST_CONFIGURATION))
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(f"a docker configuration cannot be read: {error}", where=str(path)) from error
    if not isinstance(document, dict):
        raise EngineError("a docker configuration is not a JSON object", where=str(path))
    return document
