"""A container engine that answers: connecting to it, and handing it images.

The docker SDK is imported only here and only when an engine is wanted: it costs 130 ms.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.engine.endpoint import Endpoint, find_endpoints
from packer.errors import EngineError
from packer.regex import regex

if TYPE_CHECKING:
    from docker import APIClient
    from docker.tls import TLSConfig

__all__ = ["Engine", "LoadedImage", "connect", "engine_errors"]

_SOCKET = "unix://"
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 600
"""An engine that unpacks a large image says nothing for minutes."""
_LOADED = regex(r"Loaded image(?: ID|\(s\))?: (\S+)")
_INSTALL_HINT = (
    "install and start Docker Engine or Podman, or set DOCKER_HOST; `pack build` without --load and --check needs none"
)
_DENIED_HINT = "join the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use sudo"


class LoadedImage(Struct, frozen=True, kw_only=True):
    """An image in the engine: its ID there, and the references it was given."""

    id: str
    references: tuple[str, ...]


class Engine(Struct, frozen=True):
    """An engine that answered: the SDK's client and where it is connected to."""

    client: APIClient
    endpoint: Endpoint

    def load(self, archive: Iterable[bytes]) -> LoadedImage:
        """Hand over an image archive (as `docker load` takes it), streamed. Raises `EngineError`."""
        with engine_errors("the engine did not load the image", self.endpoint):
            messages = list(self.client.load_image(iter(archive), quiet=True))
            references = tuple(_loaded_references(messages, self.endpoint))
            if not references:
                raise EngineError("the engine loaded no image from the archive", where=self.endpoint.host)
            return LoadedImage(id=self.client.inspect_image(references[0])["Id"], references=references)


@contextmanager
def connect(environment: Mapping[str, str], home: Path) -> Iterator[Engine]:
    """The engine that this user's `docker` command would talk to, connected until the block ends.

    Raises `EngineError` when there is none or it does not answer.
    """
    engine = _first_that_answers(find_endpoints(environment, home))
    try:
        yield engine
    finally:
        engine.client.close()


def _first_that_answers(endpoints: tuple[Endpoint, ...]) -> Engine:
    """A socket may outlive its engine, so the next one is tried; the best one's failure is what the user hears."""
    failure = EngineError("no container engine is running here", hint=_INSTALL_HINT)
    for place, endpoint in enumerate(endpoints):
        answer = _open(endpoint)
        if isinstance(answer, Engine):
            return answer
        failure = answer if place == 0 else failure
    raise failure


def _open(endpoint: Endpoint) -> Engine | EngineError:
    what = f"the container engine named by {endpoint.source} does not answer"
    refusal = _refusal(endpoint)
    if refusal is not None:
        return _failure(what, endpoint, refusal)
    from docker import APIClient  # noqa: PLC0415  # slow, and most commands need no engine

    try:
        with engine_errors(what, endpoint):
            client = APIClient(
                base_url=endpoint.host,
                version="auto",
                timeout=_CONNECT_SECONDS,
                tls=_tls(endpoint),
                use_ssh_client=True,
            )
    except EngineError as error:
        return error
    client.timeout = _ANSWER_SECONDS
    return Engine(client, endpoint)


def _refusal(endpoint: Endpoint) -> OSError | None:
    """Why nobody listens on a socket of this machine: known before the SDK is loaded, which leaves it open then."""
    if not endpoint.host.startswith(_SOCKET):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        try:
            probe.connect(endpoint.host.removeprefix(_SOCKET))
        except OSError as error:
            return error
    return None


def _tls(endpoint: Endpoint) -> TLSConfig | bool:
    if endpoint.certificates is None:
        return False
    from docker.tls import TLSConfig  # noqa: PLC0415  # as above

    folder = endpoint.certificates.folder
    return TLSConfig(
        client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
        ca_cert=str(folder / "ca.pem") if (folder / "ca.pem").exists() else None,
        verify=endpoint.certificates.verify,
    )


def _loaded_references(messages: Iterable[object], endpoint: Endpoint) -> Iterator[str]:
    """What the engine says it loaded. Its refusal may come as a message in an answer that began well."""
    for message in messages:
        if not isinstance(message, dict):
            continue
        refusal = message.get("error") or message.get("message")
        if refusal:
            raise EngineError(f"the engine did not load the image: {refusal}", where=endpoint.host)
        yield from _LOADED.findall(str(message.get("stream", "")))


@contextmanager
def engine_errors(what: str, endpoint: Endpoint) -> Iterator[None]:
    """Turn what the docker SDK and its HTTP library raise inside the block into an `EngineError`."""
    from docker.errors import APIError, DockerException  # noqa: PLC0415  # already loaded with the client
    from requests.exceptions import RequestException  # noqa: PLC0415

    try:
        yield
    except APIError as error:
        raise EngineError(f"{what}: {error.explanation or error}", where=endpoint.host) from error
    except (DockerException, RequestException, OSError) as error:
        raise _failure(what, endpoint, _root_cause(error)) from error


def _failure(what: str, endpoint: Endpoint, reason: BaseException) -> EngineError:
    hint = _DENIED_HINT if isinstance(reason, PermissionError) else _INSTALL_HINT
    return EngineError(f"{what}: {reason}", where=endpoint.host, hint=hint)


def _root_cause(error: BaseException) -> BaseException:
    """The system's own error under the layers of HTTP libraries."""
    seen = {id(error)}
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None or id(inner) in seen:
            return error
        seen.add(id(inner))
        error = inner
