"""Blobs: looked for, fetched in whole or in part, deleted."""

from __future__ import annotations

import re

from .contents import Contents, StoredBytes, checked_digest
from .wire import Answer, Refusal, Request

__all__ = ["delete_blob", "get_blob", "head_blob", "send_blob"]

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def head_blob(contents: Contents, request: Request) -> Answer:
    """Whether the blob is there, and its size."""
    blob = _blob(contents, request)
    return Answer(status=200, headers=_headers(request), length=blob.size)


def get_blob(contents: Contents, request: Request) -> Answer:
    """The blob, or with a Range field a part of it."""
    return send_blob(_blob(contents, request), request)


def send_blob(blob: StoredBytes, request: Request) -> Answer:
    """The answer with a blob that was found."""
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or not any(found.groups()):
        return Answer(status=200, headers=_headers(request), body=blob.read(0, blob.size), length=blob.size)
    start, stop = _limits(found[1], found[2], blob.size)
    if start >= stop:
        return Answer.error(416, "SIZE_INVALID", content_range=f"bytes */{blob.size}")
    headers = (*_headers(request), ("Content-Range", f"bytes {start}-{stop - 1}/{blob.size}"))
    return Answer(status=206, headers=headers, body=blob.read(start, stop), length=stop - start)


def delete_blob(contents: Contents, request: Request) -> Answer:
    """The blob leaves the repository."""
    _blob(contents, request)
    with contents.lock:
        contents.repository(request.route.repository).blobs.pop(request.route.reference, None)
    return Answer(status=202)


def _blob(contents: Contents, request: Request) -> StoredBytes:
    digest = checked_digest(request.route.reference)
    with contents.lock:
        blob = contents.repository(request.route.repository).blobs.get(digest)
    if blob is None:
        raise Refusal(404, "BLOB_UNKNOWN", f"there is no blob {digest}")
    return blob


def _headers(request: Request) -> tuple[tuple[str, str], ...]:
    digest = request.route.reference
    return (
        ("Content-Type", "application/octet-stream"),
        ("Docker-Content-Digest", digest),
        ("Accept-Ranges", "bytes"),
    )


def _limits(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
