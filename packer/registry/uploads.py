"""Sending blobs to a repository: an upload is begun, then everything is sent at once; or another repository's is used.

Specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode, urlsplit, urlunsplit

from msgspec import Struct

from packer.errors import RegistryError, TransientError, TrustError
from packer.oci.descriptor import Descriptor
from packer.registry.problem import RefusedError
from packer.registry.scope import Scope
from packer.registry.session import Session
from packer.system.http import Body, ByteStream, Response
from packer.system.transport import DisconnectedError
from packer.system.urls import redacted

__all__ = ["BlobSource", "Uploads"]

_ACCEPTED = frozenset({200, 201, 202, 204})
_ABSENT = frozenset({404, 410})
_LOST = frozenset({"BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID"})
_MOUNTED = "mounted"


class BlobSource(Struct, frozen=True, kw_only=True):
    """A blob to push.

    Attributes:
        descriptor: what it is.
        open: a stream of its bytes, anew each time.
        name: for messages: `layer cryptography 50.0.2`.
    """

    descriptor: Descriptor
    open: Callable[[], ByteStream]
    name: str


class Uploads:
    """Uploads to one repository. Safe for several threads.

    Args:
        session: requests to its registry.
        scope: the right to write to it.
    """

    def __init__(self, session: Session, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._path = f"/v2/{scope.repository}/blobs/uploads/"

    def mount(self, descriptor: Descriptor, source: str) -> bool:
        """Have a blob of another repository of the registry here, too; whether that was granted."""
        blob = BlobSource(descriptor=descriptor, open=BytesIO, name=f"layer {descriptor.digest.short}")
        return self._mount(blob, source) == _MOUNTED

    def push(self, blob: BlobSource, *, source: str | None = None) -> bool:
        """Store a blob; whether it was mounted from `source`, another repository, instead of sent.

        Raises `TrustError` when our bytes are not what the descriptor says.
        """
        return self._session.patience.persist(lambda: self._push_once(blob, source))

    def _push_once(self, blob: BlobSource, source: str | None) -> bool:
        location = (self._mount(blob, source) if source else None) or self._begin(blob)
        if location == _MOUNTED:
            return True
        self._send(blob, location)
        return False

    def _mount(self, blob: BlobSource, source: str) -> str | None:
        """`_MOUNTED`, or where to send the blob instead; None when the registry says neither."""
        query = urlencode({"mount": str(blob.descriptor.digest), "from": source})
        try:
            with self._session.request(
                "POST",
                f"{self._path}?{query}",
                what=f"take {blob.name}",
                expected=frozenset({201, 202}),
                scope=Scope(self._scope.repository, self._scope.push, (source,)),
                retried=False,
            ) as response:
                return _MOUNTED if response.status == 201 else self._location(response)
        except RegistryError:
            return None  # mounting is a favour, and registries refuse it in many ways

    def _begin(self, blob: BlobSource) -> str:
        """Where to send a blob."""
        what = f"take {blob.name}"
        try:
            with self._session.request(
                "POST", self._path, what=what, expected=frozenset({200, 201, 202}), scope=self._scope
            ) as response:
                location = self._location(response)
        except DisconnectedError as error:
            name = self._scope.repository
            hint = f"try again; if it goes on, create the repository {name} first: some registries end so"
            raise TransientError(error.what, where=error.where, hint=hint) from error
        if location is None:
            raise RegistryError(
                f"the registry does not say where to send {blob.name}", where=self._session.endpoint.url
            )
        return location

    def _location(self, response: Response) -> str | None:
        location = response.headers.get("location")
        return self._session.url(location, base=self._path) if location else None

    def _send(self, blob: BlobSource, location: str) -> None:
        parts = urlsplit(location)
        query = "&".join(filter(None, (parts.query, urlencode({"digest": str(blob.descriptor.digest)}))))
        try:
            with self._session.request(
                "PUT",
                urlunsplit(parts._replace(query=query)),
                what=f"take {blob.name}",
                expected=_ACCEPTED,
                scope=self._scope,
                headers={"Content-Type": "application/octet-stream"},
                body=Body(size=blob.descriptor.size, open=blob.open),
                retried=False,
            ):
                return
        except RefusedError as error:
            if "DIGEST_INVALID" in error.codes:
                raise TrustError(f"{blob.name} is not what its digest says", hint="build the image again") from error
            if error.status in _ABSENT or error.codes & _LOST:
                raise TransientError(
                    f"the registry lost the upload of {blob.name}", where=redacted(location)
                ) from error
            raise
