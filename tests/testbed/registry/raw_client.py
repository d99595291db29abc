"""Requests by hand: no retry, no redirect, no login, one connection."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

__all__ = ["OCI_MANIFEST", "RawClient", "Reply", "digest_of", "image_manifest", "with_query"]

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The code of the first error."""
        return str(self.document["errors"][0]["code"])


class RawClient(AbstractContextManager["RawClient"]):
    """One connection to a server, with a field for Authorization in all its requests."""

    def __init__(self, url: str, *, authorization: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.url = url
        self.authorization = authorization
        address = urlsplit(url).netloc
        if tls:
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(address, context=tls, timeout=20)
        else:
            self.connection = http.client.HTTPConnection(address, timeout=20)

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def __call__(self, method: str, target: str, body: bytes | Iterable[bytes] | None = None, **fields: str) -> Reply:
        """Ask; `target` is a path or a URL of this server, `content_type=…` is the field Content-Type."""
        parts = urlsplit(urljoin(self.url, target))
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if self.authorization:
            headers["authorization"] = self.authorization
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        chunked = body is not None and not isinstance(body, bytes)
        self.connection.request(method, path, body=body, headers=headers, encode_chunked=chunked)
        with self.connection.getresponse() as response:
            return Reply(response.status, response.headers, response.read())

    def push_blob(self, repository: str, content: bytes) -> str:
        """A blob in two requests; its digest."""
        begun = self("POST", f"/v2/{repository}/blobs/uploads/")
        assert begun.status == 202, begun
        digest = digest_of(content)
        ended = self("PUT", with_query(begun.headers["location"], f"digest={digest}"), content)
        assert ended.status == 201, ended
        return digest

    def push_manifest(self, repository: str, reference: str, content: bytes, media_type: str = OCI_MANIFEST) -> Reply:
        """A manifest, whatever the answer."""
        return self("PUT", f"/v2/{repository}/manifests/{reference}", content, content_type=media_type)


def with_query(location: str, query: str) -> str:
    """The address with one more parameter."""
    return f"{location}{'&' if urlsplit(location).query else '?'}{query}"


def digest_of(content: bytes) -> str:
    """The SHA-256 digest."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def image_manifest(config: bytes, *layers: bytes, **more: Any) -> bytes:
    """An OCI manifest over a configuration and layers."""
    kinds = ["application/vnd.oci.image.config.v1+json", *["application/vnd.oci.image.layer.v1.tar+gzip"] * len(layers)]
    descriptors = [
        {"mediaType": kind, "digest": digest_of(content), "size": len(content)}
        for kind, content in zip(kinds, (config, *layers), strict=True)
    ]
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptors[0], "layers": descriptors[1:]}
    return json.dumps({**document, **more}).encode()
