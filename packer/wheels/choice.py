"""From dependencies to the wheels for a target, remembered: a build that changes nothing reads one record."""

from __future__ import annotations

from msgspec import DecodeError, json

from packer.errors import UsageError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.wheels.model import Selection
from packer.wheels.request import ResolveRequest
from packer.wheels.shareable import is_shareable
from packer.wheels.uv import Uv

__all__ = ["choose_wheels"]

_VERSION = "5"
_SHARED, _OWN = "selection", "own-selection"
"""Kinds of records: what holds on every machine, and what holds in this folder alone, or only because we know how it
came about."""


def choose_wheels(request: ResolveRequest, *, direct: frozenset[str], cache: BlobCache, uv: Uv) -> Selection:
    """Resolve, then select for the request's target.

    Args:
        request: what to resolve; its target must be set.
        direct: normalised names of the distributions that the project itself asks for.
        cache: where lock and selection are remembered.
        uv: used only when they are not.

    Raises:
        LockError, BuildError, TransientError: as `resolve` and `select`.
    """
    target = request.target
    if target is None:
        raise UsageError("wheels are chosen for one platform")
    parts = (_VERSION, request.key(uv.indexes.key), *target.key, *sorted(direct))
    here, anywhere = _key(*parts, str(request.root)), _key(*parts)
    if not request.refresh:
        known = _from_json(cache.record(_OWN, here))
        if known is not None:
            return known
        known = _from_json(cache.record(_SHARED, anywhere))
        if known is not None and is_shareable(known, request):
            return known
    from packer.wheels.lock import resolve  # noqa: PLC0415 - mostly it is known
    from packer.wheels.select import parse_lock, select  # noqa: PLC0415

    where = request.dependencies.lock or "pylock.toml"
    lock = parse_lock(resolve(request, cache=cache, uv=uv), where=where)
    folder = (request.root / where).parent
    selection = select(lock, target, direct=direct, folder=folder, where=where)
    kind, key = (_SHARED, anywhere) if is_shareable(selection, request) else (_OWN, here)
    cache.put_record(kind, key, json.encode(selection))
    return selection


def _key(*parts: str) -> str:
    return Digest.of("\0".join(parts).encode("utf-8", "surrogateescape")).hex


def _from_json(record: bytes | None) -> Selection | None:
    """What a record says; None for none, or one of another form."""
    try:
        return json.decode(record, type=Selection) if record else None
    except DecodeError:
        return None
