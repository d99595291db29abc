"""Whether a selection may have come from somebody else: it says nothing that only its maker could answer for.

A team shares selections (`packer.store.shared_records`). One that is false must neither replace a file that the
project's lock names, nor have code of somebody's choice run or files of this machine packed while building.
"""

from __future__ import annotations

from packer.regex import regex
from packer.system.files import read_regular
from packer.wheels.model import Selection, SourceOnly, Wheel
from packer.wheels.request import ResolveRequest

__all__ = ["is_shareable"]

_LARGEST_LOCK = 64 << 20
_HASH = regex(r"(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")
_NAME = regex(r'"([A-Za-z0-9][A-Za-z0-9._-]*)"')
_SEPARATORS = regex(r"[-_.]+")
_WHEEL = regex(r"[A-Za-z0-9_.+!-]+\.whl")


def is_shareable(selection: Selection, request: ResolveRequest) -> bool:
    """Whether it is about files of package indexes only, and those of what the project's lock names are the lock's.

    Sources must be the lock's in any case: they are built, and building runs them. An index may be a folder, which is
    then part of the request's key; what lies in the project itself is somewhere else on every machine.
    """
    folder = request.root.absolute().as_uri()
    if selection.local or not all(_is_of_an_index(one, folder) for one in _files(selection)):
        return False
    locked = _locked_text(request)
    hashes = frozenset(_HASH.findall(locked))
    names = frozenset(_SEPARATORS.sub("-", name).lower() for name in _NAME.findall(locked))
    return all(_pin(source) in hashes for source in selection.source_only) and all(
        wheel.digest.hex in hashes or wheel.name not in names for wheel in selection.wheels
    )


def _files(selection: Selection) -> tuple[Wheel | SourceOnly, ...]:
    return (*selection.wheels, *selection.source_only)


def _is_of_an_index(one: Wheel | SourceOnly, folder: str) -> bool:
    if isinstance(one, SourceOnly):
        return _is_outside(one.url, folder)
    return bool(one.urls and _WHEEL.fullmatch(one.filename)) and all(_is_outside(url, folder) for url in one.urls)


def _is_outside(url: str, folder: str) -> bool:
    return url.startswith(("http:", "https:")) or (url.startswith("file:///") and not url.startswith(f"{folder}/"))


def _pin(source: SourceOnly) -> str:
    return source.digest.hex if source.digest else source.revision or ""


def _locked_text(request: ResolveRequest) -> str:
    """What pins files: the lock, or the hashes beside requirements; empty where nothing does."""
    plan = request.dependencies
    if plan.hashes:
        return "\n".join(f'"{name}" {" ".join(hashes)}' for name, hashes in plan.hashes)
    if plan.lock is None or plan.lock_format == "requirements":
        return ""
    return (read_regular(request.root / plan.lock, limit=_LARGEST_LOCK) or b"").decode("utf-8", "replace")
