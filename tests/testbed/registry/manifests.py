"""Manifests: pushed when all that they name is there, fetched by tag or digest, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .contents import Contents, Repository, checked_digest
from .documents import Manifest, Reference, parse_manifest
from .wire import Answer, Refusal, Request

__all__ = ["LARGEST", "delete_manifest", "get_manifest", "head_manifest", "put_manifest", "read_body"]

LARGEST = 4 * 1024 * 1024
"""What the specification asks registries to take at least, and this one takes at most."""
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def head_manifest(contents: Contents, request: Request) -> Answer:
    """Whether the manifest is there, its digest, type and size."""
    manifest = _manifest(contents, request)
    return Answer(status=200, headers=_headers(manifest), length=len(manifest.content))


def get_manifest(contents: Contents, request: Request) -> Answer:
    """The manifest, if the client takes its type."""
    manifest = _manifest(contents, request)
    return Answer(status=200, headers=_headers(manifest), body=(manifest.content,), length=len(manifest.content))


def put_manifest(contents: Contents, request: Request) -> Answer:
    """Keep a manifest whose blobs, or manifests, are in the repository."""
    name, reference = request.route.repository, request.route.reference
    if ":" in reference:
        checked_digest(reference)
    elif not _TAG.fullmatch(reference):
        raise Refusal(400, "MANIFEST_INVALID", f"{reference!r} is not a tag")
    content = read_body(request, LARGEST)
    manifest = parse_manifest(content, request.headers.get("content-type", ""))
    if ":" in reference and reference != manifest.digest:
        raise Refusal(400, "DIGEST_INVALID", f"the bytes are {manifest.digest}")
    with contents.lock:
        repository = contents.repositories.setdefault(name, Repository())
        _check_present(manifest.blobs, {digest: blob.size for digest, blob in repository.blobs.items()})
        _check_present(manifest.manifests, {key: len(item.content) for key, item in repository.manifests.items()})
        repository.manifests[manifest.digest] = manifest
        if ":" not in reference:
            repository.tags[reference] = manifest.digest
    answer = Answer.of(201, location=f"/v2/{name}/manifests/{manifest.digest}", docker_content_digest=manifest.digest)
    return answer.having("OCI-Subject", manifest.subject) if manifest.subject else answer


def delete_manifest(contents: Contents, request: Request) -> Answer:
    """By digest the manifest goes with all its tags, by tag the tag alone."""
    reference = request.route.reference
    with contents.lock:
        repository = contents.repository(request.route.repository)
        if repository.manifest(reference) is None:
            raise Refusal(404, "MANIFEST_UNKNOWN", f"there is no manifest {reference}")
        if ":" in reference:
            del repository.manifests[reference]
            repository.tags = {tag: digest for tag, digest in repository.tags.items() if digest != reference}
        else:
            del repository.tags[reference]
    return Answer(status=202)


def read_body(request: Request, limit: int) -> bytes:
    """The whole body; refused when it is larger than `limit`."""
    content = bytearray()
    for piece in request.body:
        content += piece
        if len(content) > limit:
            raise Refusal(413, "SIZE_INVALID", f"more than {limit} bytes")
    return bytes(content)


def _manifest(contents: Contents, request: Request) -> Manifest:
    with contents.lock:
        manifest = contents.repository(request.route.repository).manifest(request.route.reference)
    if manifest is None:
        raise Refusal(404, "MANIFEST_UNKNOWN", f"there is no manifest {request.route.reference}")
    accepted = request.headers.get("accept")
    if accepted is not None and not _accepts(accepted, manifest.media_type):
        raise Refusal(404, "MANIFEST_UNKNOWN", f"it is of type {manifest.media_type}, which Accept leaves out")
    return manifest


def _accepts(accepted: str, media_type: str) -> bool:
    ranges = {part.split(";")[0].strip() for part in accepted.split(",")}
    return not ranges.isdisjoint({media_type, "application/*", "*/*"})


def _headers(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", manifest.media_type), ("Docker-Content-Digest", manifest.digest))


def _check_present(references: Iterable[Reference], sizes: dict[str, int]) -> None:
    for reference in references:
        if reference.digest not in sizes:
            raise Refusal(404, "MANIFEST_BLOB_UNKNOWN", f"{reference.digest} is not in the repository")
        if sizes[reference.digest] != reference.size:
            raise Refusal(400, "SIZE_INVALID", f"{reference.digest} has {sizes[reference.digest]} bytes")
