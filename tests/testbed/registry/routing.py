"""Which step of the distribution specification a request is. Pure.

Specification: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

__all__ = ["UPLOADS_ELSEWHERE", "WRITES", "Route", "Step", "route"]

_NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
_REPOSITORY = re.compile(_NAME)
_RESOURCES = re.compile(r"/v2/(?P<name>.+)/(?P<kind>blobs|manifests|referrers|tags)/(?P<rest>(?:uploads/)?[^/]*)")


UPLOADS_ELSEWHERE = "/artifacts-uploads"
"""Before the address of an upload, for registries that keep uploads apart: only Location tells."""


class Step(Enum):
    """What a client asks for."""

    PING = "ping"
    BLOB_HEAD = "blob-head"
    BLOB_GET = "blob-get"
    BLOB_DELETE = "blob-delete"
    UPLOAD_START = "upload-start"
    UPLOAD_MOUNT = "upload-mount"
    UPLOAD_STATUS = "upload-status"
    UPLOAD_CHUNK = "upload-chunk"
    UPLOAD_END = "upload-end"
    UPLOAD_CANCEL = "upload-cancel"
    MANIFEST_HEAD = "manifest-head"
    MANIFEST_GET = "manifest-get"
    MANIFEST_PUT = "manifest-put"
    MANIFEST_DELETE = "manifest-delete"
    TAGS = "tags"
    REFERRERS = "referrers"
    TOKEN = "token"
    UNKNOWN = "unknown"


WRITES = frozenset(
    {
        *(Step.UPLOAD_START, Step.UPLOAD_MOUNT, Step.UPLOAD_STATUS, Step.UPLOAD_CHUNK),
        *(Step.UPLOAD_END, Step.UPLOAD_CANCEL, Step.MANIFEST_PUT),
    }
)
"""The steps that need the right to push."""

_STEPS = {
    ("uploads", "POST"): Step.UPLOAD_START,
    ("upload", "GET"): Step.UPLOAD_STATUS,
    ("upload", "PATCH"): Step.UPLOAD_CHUNK,
    ("upload", "PUT"): Step.UPLOAD_END,
    ("upload", "DELETE"): Step.UPLOAD_CANCEL,
    ("blobs", "HEAD"): Step.BLOB_HEAD,
    ("blobs", "GET"): Step.BLOB_GET,
    ("blobs", "DELETE"): Step.BLOB_DELETE,
    ("manifests", "HEAD"): Step.MANIFEST_HEAD,
    ("manifests", "GET"): Step.MANIFEST_GET,
    ("manifests", "PUT"): Step.MANIFEST_PUT,
    ("manifests", "DELETE"): Step.MANIFEST_DELETE,
    ("tags", "GET"): Step.TAGS,
    ("referrers", "GET"): Step.REFERRERS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A step, the repository it is about, and the digest, tag or upload."""

    step: Step
    repository: str = ""
    reference: str = ""


def route(method: str, path: str, *, mounting: bool = False) -> Route:
    """Where a request goes. `mounting`: its query asks for a mount."""
    if path == "/v2/":
        return Route(step=Step.PING if method in {"GET", "HEAD"} else Step.UNKNOWN)
    found = _RESOURCES.fullmatch(path.removeprefix(UPLOADS_ELSEWHERE))
    if not found or not _REPOSITORY.fullmatch(found["name"]):
        return Route(step=Step.UNKNOWN)
    kind, rest = found["kind"], found["rest"]
    if kind == "blobs" and rest.startswith("uploads/"):
        rest = rest.removeprefix("uploads/")
        kind = "upload" if rest else "uploads"
    step = _STEPS.get((kind, method), Step.UNKNOWN)
    if (kind == "tags" and rest != "list") or (kind != "upload" and path.startswith(UPLOADS_ELSEWHERE)):
        return Route(step=Step.UNKNOWN)
    if step is Step.UPLOAD_START and mounting:
        step = Step.UPLOAD_MOUNT
    return Route(step=step, repository=found["name"], reference=rest)
