"""What a repository holds: its tags, page by page, and what refers to one of its manifests."""

from __future__ import annotations

from urllib.parse import urlencode

from .contents import Contents, Repository, checked_digest
from .documents import OCI_INDEX
from .wire import Answer, Refusal, Request

__all__ = ["list_referrers", "list_tags"]


def list_tags(contents: Contents, request: Request) -> Answer:
    """The tags in lexical order; `n` of them after `last`, and a Link to the next page."""
    name, wanted, last = request.route.repository, request.asked("n"), request.asked("last")
    if wanted is not None and not wanted.isdecimal():
        raise Refusal(400, "PAGINATION_NUMBER_INVALID", f"n is {wanted!r}")
    with contents.lock:
        tags = sorted(contents.repository(name).tags, key=str.lower)
    if last is not None:
        tags = [tag for tag in tags if tag.lower() > last.lower()]
    page = tags if wanted is None else tags[: int(wanted)]
    answer = Answer.json(200, {"name": name, "tags": page})
    if wanted is None or not page or len(page) == len(tags):
        return answer
    query = urlencode({"n": wanted, "last": page[-1]})
    return answer.having("Link", f'</v2/{name}/tags/list?{query}>; rel="next"')


def list_referrers(contents: Contents, request: Request) -> Answer:
    """An index of the manifests whose subject is the given one, perhaps of one artifact type only."""
    digest, wanted = checked_digest(request.route.reference), request.asked("artifactType")
    with contents.lock:
        repository = contents.repositories.get(request.route.repository, Repository())
        found = [manifest for manifest in repository.manifests.values() if manifest.subject == digest]
    manifests = [item.descriptor for item in found if wanted in {None, item.artifact_type}]
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}
    answer = Answer.json(200, index, content_type=OCI_INDEX)
    return answer.having("OCI-Filters-Applied", "artifactType") if wanted else answer
