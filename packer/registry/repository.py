"""One repository of a registry: manifests and blobs, by the distribution protocol.

Specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from urllib.parse import quote

from msgspec import Struct

from packer.errors import ArchiveError, RegistryError, TransientError, TrustError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.document import MAX_DOCUMENT_BYTES, Document
from packer.registry.scope import Scope
from packer.registry.session import Session
from packer.registry.uploads import BlobSource, Uploads
from packer.system.http import Body, Response

__all__ = ["Repository", "StoredManifest", "Tagged"]

_ACCEPTED = (
    f"{MEDIA_TYPE_MANIFEST}, {MEDIA_TYPE_INDEX}, application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
)
"""Some registries answer 404 for what the client does not say that it takes."""
_MOST_PAGES = 10_000
_FOUND, _ABSENT, _FORBIDDEN = frozenset({200}), frozenset({404, 410}), frozenset({403})
_REMOVED = frozenset({200, 201, 202, 204})


class StoredManifest(Struct, frozen=True, kw_only=True):
    """A manifest or index as the registry has it: its exact bytes, compared with their digest."""

    descriptor: Descriptor
    content: bytes


class Tagged(Struct, frozen=True):
    """What a tag or digest leads to, as far as a `HEAD` tells."""

    digest: Digest | None
    """None where the registry does not say."""


class Repository:
    """A repository. Safe for several threads.

    Args:
        session: requests to its registry.
        name: `team/shop`.
        push: whether it is to be written to.
        delete: whether manifests are to be removed from it.
    """

    def __init__(self, session: Session, name: str, *, push: bool = False, delete: bool = False) -> None:
        self.session = session
        self.name = name
        self._scope = Scope(name, push, delete=delete)
        self._uploads = Uploads(session, self._scope)

    def head_manifest(self, reference: str) -> Tagged | None:
        """What a tag or digest leads to; None when there is no such thing, or when we may not see it."""
        with self._request(
            "HEAD",
            _manifests(reference),
            f"look up {self.name}:{reference}",
            _FOUND | _ABSENT | _FORBIDDEN,  # some answer 403 for what is not there
            headers={"Accept": _ACCEPTED},
        ) as response:
            return Tagged(_digest_header(response)) if response.status in _FOUND else None

    def manifest(self, reference: str) -> StoredManifest | None:
        """A manifest or index by tag or digest; None when there is none.

        Raises `TrustError` when its bytes are not what the digest says, `ArchiveError` for what cannot be read.
        """
        what = f"give {self.name}:{reference}"
        with self._request(
            "GET", _manifests(reference), what, _FOUND | _ABSENT, headers={"Accept": _ACCEPTED}
        ) as response:
            if response.status in _ABSENT:
                return None
            content = response.read(MAX_DOCUMENT_BYTES)
            stated, media_type = _digest_header(response), response.headers.get("content-type", "")
        digest = Digest.of(content)
        wanted = Digest.parse(reference) if ":" in reference else stated
        if wanted is not None and wanted != digest:
            raise TrustError(f"the registry gives {digest} for {self.name}:{reference}, not {wanted}")
        own = Document.parse(content, "manifest").text("mediaType")
        kind = own or media_type.partition(";")[0].strip()
        return StoredManifest(descriptor=Descriptor(media_type=kind, digest=digest, size=len(content)), content=content)

    def put_manifest(self, reference: str, media_type: str, content: bytes) -> bool:
        """Store a manifest under a tag or its digest; whether the registry keeps it as a referrer of its subject.

        Raises `RefusedError`, with the code `MANIFEST_BLOB_UNKNOWN` when the registry lacks a blob that it names.
        """
        with self._request(
            "PUT",
            _manifests(reference),
            f"store {self.name}:{reference}",
            frozenset({200, 201, 202}),
            headers={"Content-Type": media_type},
            body=Body.of(content),
        ) as response:
            stated = _digest_header(response)
            if stated is not None and stated != Digest.of(content):
                what = f"the registry stored {self.name}:{reference} as {stated}, not as {Digest.of(content)}"
                raise RegistryError(what, hint="something between changes manifests: ask who runs it")
            return bool(response.headers.get("oci-subject"))

    def delete_manifest(self, reference: str) -> bool:
        """Remove a tag or a manifest; whether it was there."""
        what = f"remove {self.name}:{reference}"
        with self._request("DELETE", _manifests(reference), what, _REMOVED | _ABSENT) as response:
            return response.status not in _ABSENT

    def tags(self) -> Iterator[str]:
        """Every tag, page by page; none where there is no repository."""
        path: str | None = "tags/list?n=1000"
        seen: set[str] = set()
        while path and path not in seen and len(seen) < _MOST_PAGES:
            seen.add(path)
            with self._request("GET", path, f"list the tags of {self.name}", _FOUND | _ABSENT) as response:
                if response.status in _ABSENT:
                    return
                page = Document.parse(response.read(MAX_DOCUMENT_BYTES), "list of tags")
                link = _next_page(response)
                path = self.session.url(link, base=f"/v2/{self.name}/tags/list") if link else None
            yield from page.texts("tags")

    def referrers(self, digest: Digest) -> bytes | None:
        """The index of what refers to a manifest; None where the registry does not know of such a thing."""
        with self._request(
            "GET", f"referrers/{digest}", f"list what refers to {digest.short}", _FOUND | _ABSENT
        ) as response:
            return response.read(MAX_DOCUMENT_BYTES) if response.status in _FOUND else None

    def has_blob(self, digest: Digest, *, size: int | None = None) -> bool:
        """Whether the registry has a blob in this repository, of that size where one is given."""
        expected = _FOUND | _ABSENT | _FORBIDDEN
        with self._request("HEAD", f"blobs/{digest}", f"look up the blob {digest.short}", expected) as response:
            stated = response.headers.get("content-length")
            return response.status in _FOUND and (size is None or stated in (None, str(size)))

    def blob(self, descriptor: Descriptor) -> Iterator[bytes]:
        """A blob's bytes; when they break off, the rest is asked for.

        Whoever reads them compares their digest. Raises `RegistryError` when there is no such blob, `TransientError`
        when it breaks off again and again.
        """
        received, setbacks = 0, 0
        while True:
            before, setback = received, None
            try:
                for part in self._rest(descriptor, received):
                    received += len(part)
                    yield part
            except TransientError as error:
                setback = error
            if received == descriptor.size:
                return
            setback = setback or TransientError(f"the blob {descriptor.digest.short} ends before its end")
            setbacks = setbacks + 1 if received == before else 1
            if setbacks >= self.session.patience.policy.attempts:
                raise setback
            self.session.patience.wait(setbacks, setback)

    def _rest(self, descriptor: Descriptor, received: int) -> Iterator[bytes]:
        """The bytes of a blob after those that were received."""
        what = f"give the blob {descriptor.digest.short}"
        headers = {"Range": f"bytes={received}-"} if received else {}
        path = f"blobs/{descriptor.digest}"
        with self._request("GET", path, what, frozenset({200, 206}), headers=headers) as response:
            skip = received if response.status == 200 else 0
            left = descriptor.size - received
            for chunk in response.stream():
                part = chunk[skip:]
                skip -= len(chunk) - len(part)
                left -= len(part)
                if left < 0:
                    raise TrustError(f"the blob {descriptor.digest.short} is longer than its manifest says")
                yield part

    def mount(self, descriptor: Descriptor, source: str) -> bool:
        """Have a blob of another repository of the registry here, too; whether that was granted."""
        return self._uploads.mount(descriptor, source)

    def push_blob(self, blob: BlobSource, *, source: str | None = None) -> bool:
        """Store a blob; whether it was mounted from `source`, another repository, instead of sent.

        Raises `TrustError` when our bytes are not what the descriptor says.
        """
        return self._uploads.push(blob, source=source)

    def _request(
        self,
        method: str,
        path: str,
        what: str,
        expected: frozenset[int],
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        body: Body | None = None,
    ) -> AbstractContextManager[Response]:
        where = path if path.startswith(("/", "http:", "https:")) else f"/v2/{self.name}/{path}"
        return self.session.request(
            method, where, what=what, expected=expected, scope=self._scope, headers=headers, body=body
        )


def _manifests(reference: str) -> str:
    return f"manifests/{quote(reference, safe=':')}"


def _digest_header(response: Response) -> Digest | None:
    try:
        return Digest.parse(response.headers.get("docker-content-digest") or "")
    except ArchiveError:
        return None


def _next_page(response: Response) -> str | None:
    """The address in a `Link: <…>; rel="next"` header."""
    link = response.headers.get("link") or ""
    target, bracket, rest = link.partition(">")
    return target.lstrip(" <") if bracket and "next" in rest and target.lstrip().startswith("<") else None
