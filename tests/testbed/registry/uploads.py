"""Blobs on their way in: in one request, in two, in chunks, or from another repository.

Every answer names a new address for the next request, and the old one is refused: a client must follow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .contents import Contents, Repository, Upload, checked_digest
from .wire import Answer, Refusal, Request

__all__ = ["Uploads"]

_CONTENT_RANGE = re.compile(r"(\d+)-(\d+)")
"""Without the word `bytes`, unlike HTTP's own."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of a registry that may want chunks of a minimal length."""

    contents: Contents
    chunk_minimum: int | None = None

    def start(self, request: Request) -> Answer:
        """POST: an upload begins; with a digest it also ends."""
        upload = self.contents.begin_upload(request.route.repository)
        if digest := request.asked("digest"):
            with upload.lock:
                return self._finish(request, upload, digest)
        return self._continue(request, upload)

    def mount(self, request: Request) -> Answer:
        """POST with `mount`: the blob of another repository becomes this one's as well, else an upload begins."""
        digest, source = checked_digest(request.asked("mount")), request.asked("from")
        with self.contents.lock:
            blob = self.contents.repositories.get(source or "", Repository()).blobs.get(digest)
            if blob is not None:
                repository = self.contents.repositories.setdefault(request.route.repository, Repository())
                repository.blobs[digest] = blob
                return _created(request, digest)
        return self.start(request.without("digest"))

    def status(self, request: Request) -> Answer:
        """GET: how far an upload is."""
        upload = self.contents.upload(request.route.repository, request.route.reference)
        return self._continue(request, upload, status=204)

    def chunk(self, request: Request) -> Answer:
        """PATCH: the next bytes."""
        upload = self._upload(request)
        with upload.lock:
            self._check_range(request, upload)
            if upload.last_piece is not None and upload.last_piece < (self.chunk_minimum or 0):
                raise Refusal(400, "SIZE_INVALID", f"a chunk that is not the last is below {self.chunk_minimum} bytes")
            upload.last_piece = upload.receive(request.body)
            return self._continue(request, upload)

    def end(self, request: Request) -> Answer:
        """PUT: the last bytes, if any, and the digest of all."""
        upload = self._upload(request)
        with upload.lock:
            self._check_range(request, upload)
            return self._finish(request, upload, request.asked("digest"))

    def cancel(self, request: Request) -> Answer:
        """DELETE: the upload is forgotten."""
        upload = self.contents.upload(request.route.repository, request.route.reference)
        self.contents.end_upload(request.route.repository, upload, None)
        return Answer(status=204)

    def _upload(self, request: Request) -> Upload:
        upload = self.contents.upload(request.route.repository, request.route.reference)
        if request.asked("state") != str(upload.moves):
            raise Refusal(404, "BLOB_UPLOAD_UNKNOWN", "not the address that the last answer gave")
        return upload

    def _check_range(self, request: Request, upload: Upload) -> None:
        stated = request.headers.get("content-range")
        if stated is None:
            return
        found = _CONTENT_RANGE.fullmatch(stated)
        if not found or int(found[1]) != upload.content.size:
            here = self._continue(request, upload)
            fields = {"location": here.header("location") or "", "range": here.header("range") or ""}
            raise Refusal(416, "BLOB_UPLOAD_INVALID", f"Content-Range {stated} does not follow", **fields)

    def _finish(self, request: Request, upload: Upload, digest: str | None) -> Answer:
        """The upload ends here, well or not."""
        upload.receive(request.body)
        kept = digest if digest and upload.matches(digest) else None
        self.contents.end_upload(request.route.repository, upload, kept)
        if kept is None:
            raise Refusal(400, "DIGEST_INVALID", f"the bytes are not {digest}")
        return _created(request, kept)

    def _continue(self, request: Request, upload: Upload, *, status: int = 202) -> Answer:
        fields = {
            "location": f"/v2/{request.route.repository}/blobs/uploads/{upload.identifier}?state={upload.moves}",
            "range": f"0-{max(0, upload.content.size - 1)}",
            "docker_upload_uuid": upload.identifier,
        }
        if self.chunk_minimum:
            fields["oci_chunk_min_length"] = str(self.chunk_minimum)
        return Answer.of(status, **fields)


def _created(request: Request, digest: str) -> Answer:
    location = f"/v2/{request.route.repository}/blobs/{digest}"
    return Answer.of(201, location=location, docker_content_digest=digest)
