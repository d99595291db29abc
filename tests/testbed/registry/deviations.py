"""Quirks of registries: how real ones differ from the specification. Each a value, each one idea."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from .faults import DropAnswer
from .manifests import LARGEST, read_body
from .routing import UPLOADS_ELSEWHERE, Route, Step
from .wire import Answer, ConnectionDroppedError, Handler, Request

__all__ = [
    "AbsoluteLocation",
    "BareMountRefused",
    "DropUnknownRepository",
    "EmptyPromise",
    "ForgetBlob",
    "LocationElsewhere",
    "LoseLaterChunks",
    "LoseUpload",
    "MountIgnored",
    "NoSinglePost",
    "RelativeLocation",
    "StatusInstead",
    "WantAccept",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInstead:
    """The answer is right but for its status: 201 for 202, 403 for 404."""

    of: int
    status: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        return replace(answer, status=self.status) if answer.status == self.of else answer


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyPromise:
    """An answer with this status announces a body, and the connection ends instead of bringing it."""

    status: int

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        if answer.status != self.status:
            return answer
        return DropAnswer(after=0)(request, lambda _: answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsoluteLocation:
    """Location is a whole URL, perhaps with a query of its own."""

    query: str = ""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        location = answer.header("Location")
        if location is None or not location.startswith("/"):
            return answer
        joined = f"{'&' if '?' in location else '?'}{self.query}" if self.query else ""
        return answer.having("Location", f"{request.origin}{location}{joined}")


@dataclass(frozen=True, slots=True)
class RelativeLocation:
    """Location has no path from the root: for the address of an upload, only its last part."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        location = answer.header("Location") or ""
        folder = request.path.rpartition("/")[0] + "/"
        return answer.having("Location", location.removeprefix(folder)) if location.startswith(folder) else answer


@dataclass(frozen=True, slots=True)
class LocationElsewhere:
    """Uploads have addresses outside of `/v2/`, which cannot be guessed."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        location = answer.header("Location") or ""
        return answer.having("Location", UPLOADS_ELSEWHERE + location) if "/blobs/uploads/" in location else answer


@dataclass(frozen=True, slots=True)
class LoseUpload:
    """The upload is gone when the client goes on with it; `beyond` so many at the same time."""

    beyond: int = 0

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        if request.concurrent <= self.beyond:
            return proceed(request)
        for _ in request.body:
            pass
        proceed(replace(request, method="DELETE", body=(), route=replace(request.route, step=Step.UPLOAD_CANCEL)))
        return Answer.error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")


@dataclass(frozen=True, slots=True)
class LoseLaterChunks:
    """Only the first chunk is kept; for the others the answer is a lie, which the digest brings to light."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        start, _, stop = request.headers.get("content-range", "0-").partition("-")
        if start == "0":
            return proceed(request)
        emptied = _emptied(request)
        if request.route.step is Step.UPLOAD_END:
            others = {name: value for name, value in request.headers.items() if name != "content-range"}
            return proceed(replace(emptied, headers=others))
        location = f"{request.path}?state={request.asked('state')}"
        return Answer.of(202, location=location, range=f"0-{stop}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetBlob:
    """A blob that was there is gone when the manifest comes that names it. `number`: which; the config is 0."""

    number: int = 1

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        content = read_body(request, LARGEST)
        document = json.loads(content)
        digest = [document["config"], *document["layers"]][self.number]["digest"]
        route = Route(step=Step.BLOB_DELETE, repository=request.route.repository, reference=digest)
        proceed(replace(request, method="DELETE", body=(), route=route))
        return proceed(replace(request, body=(content,)))


@dataclass(frozen=True, slots=True)
class DropUnknownRepository:
    """Uploads to a repository that nobody has made end the connection. `known`: those that somebody has."""

    known: frozenset[str] = frozenset()

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        if request.route.repository not in self.known:
            raise ConnectionDroppedError
        return proceed(request)


@dataclass(frozen=True, slots=True)
class BareMountRefused:
    """A mount that does not say from where is an error."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        if request.asked("from"):
            return proceed(request)
        return Answer.error(400, "UNSUPPORTED", "the operation is unsupported")


@dataclass(frozen=True, slots=True)
class MountIgnored:
    """A mount begins an upload, whatever is there."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        plain = request.without("mount", "from")
        return proceed(replace(plain, route=replace(plain.route, step=Step.UPLOAD_START)))


@dataclass(frozen=True, slots=True)
class NoSinglePost:
    """A POST with the digest and all the bytes only begins an upload."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        return proceed(_emptied(request).without("digest"))


@dataclass(frozen=True, slots=True)
class WantAccept:
    """An OCI manifest is not there for a client that does not say that it takes it."""

    def __call__(self, request: Request, proceed: Handler, /) -> Answer:
        answer = proceed(request)
        if "accept" in request.headers or not (answer.header("Content-Type") or "").startswith("application/vnd.oci."):
            return answer
        message = "OCI manifest found, but accept header does not support OCI manifests"
        return Answer.error(404, "MANIFEST_UNKNOWN", message)


def _emptied(request: Request) -> Request:
    """The same request, its body read and forgotten."""
    for _ in request.body:
        pass
    return replace(request, body=())
