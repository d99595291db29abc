"""The distribution specification, without faults."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from . import blobs, listings, manifests
from .contents import Contents
from .routing import Step
from .uploads import Uploads
from .wire import Answer, Handler, Refusal, Request

__all__ = ["correct_registry"]


def correct_registry(contents: Contents, *, chunk_minimum: int | None = None) -> Handler:
    """A handler that answers as the specification says."""
    uploads = Uploads(contents, chunk_minimum)
    actions: dict[Step, Callable[[Request], Answer]] = {
        Step.PING: lambda _: Answer.json(200, {}),
        Step.BLOB_HEAD: partial(blobs.head_blob, contents),
        Step.BLOB_GET: partial(blobs.get_blob, contents),
        Step.BLOB_DELETE: partial(blobs.delete_blob, contents),
        Step.UPLOAD_START: uploads.start,
        Step.UPLOAD_MOUNT: uploads.mount,
        Step.UPLOAD_STATUS: uploads.status,
        Step.UPLOAD_CHUNK: uploads.chunk,
        Step.UPLOAD_END: uploads.end,
        Step.UPLOAD_CANCEL: uploads.cancel,
        Step.MANIFEST_HEAD: partial(manifests.head_manifest, contents),
        Step.MANIFEST_GET: partial(manifests.get_manifest, contents),
        Step.MANIFEST_PUT: partial(manifests.put_manifest, contents),
        Step.MANIFEST_DELETE: partial(manifests.delete_manifest, contents),
        Step.TAGS: partial(listings.list_tags, contents),
        Step.REFERRERS: partial(listings.list_referrers, contents),
    }

    def handle(request: Request) -> Answer:
        action = actions.get(request.route.step)
        if action is None:
            return Answer.error(404, "UNSUPPORTED", f"{request.method} {request.path}")
        try:
            return action(request)
        except Refusal as refusal:
            return refusal.answer

    return handle
