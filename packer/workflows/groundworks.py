"""Groundworks that were kept: what an earlier build laid below the source, for builds that change the source alone.

The key stands for everything that chooses and makes what is below the source: the facts of the project but for the
lines that they were read in, the settings, the locks and manifests by content, and what is outside of the project
(`Look.surroundings`). It does not stand for the source itself, nor for the commit, which a label names.

What no `pack.lock` pins is asked for again when a remembered build would be, and everything once a day, so that what a
build would find out by itself is never far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import DecodeError, Struct, json, to_builtins
from msgspec.structs import replace

from packer.build.groundwork import Groundwork
from packer.oci.digest import Digest
from packer.plan.labels import image_labels
from packer.project.model import Caution, Project
from packer.store.blobs import whole_blob
from packer.store.cache import BlobCache
from packer.system.files import read_regular
from packer.workflows.build_request import BuildRequest
from packer.workflows.reading import Reading
from packer.workflows.unchanged import FRESH_SECONDS

__all__ = ["Kept", "groundwork_key", "keep_groundwork", "kept_groundwork"]

_RECORD = "groundwork"
_VERSION = "1"
_LASTING_SECONDS = 24 * 3600
"""How long a groundwork that `pack.lock` pins serves before everything is chosen anew."""
_MORE_FILES = ("pack.lock", "pyproject.toml", "uv.toml")
"""Files that decide besides those that state the dependencies."""
_LARGEST = 64 * 1024 * 1024
"""No reader of locks takes more."""


class Kept(Struct, frozen=True, kw_only=True):
    """What an earlier build laid.

    Attributes:
        groundworks: one for each platform, in the order of the request.
        time: when it was chosen, seconds since the epoch.
        pinned: a `pack.lock` decided.
        cautions: what may surprise in it, besides what the reading of the project says.
        lines: stands for the lines that the facts were read in.
    """

    groundworks: tuple[Groundwork, ...]
    time: float
    pinned: bool
    cautions: tuple[Caution, ...]
    lines: str = ""


def groundwork_key(request: BuildRequest, reading: Reading, surroundings: str, *, purpose: str = "") -> str:
    """64 hexadecimal digits for all that decides about what is below the source.

    `purpose` says for which registries it was laid: a build whose team knows nothing of it yet must tell it.
    """
    facts = json.encode(_without_lines(to_builtins(reading.project)))
    parts = (
        _VERSION,
        surroundings,
        purpose,
        repr((request.settings, request.platforms, request.frozen)),
        Digest.of(facts).hex,
        *_fingerprints(request.folder, {*reading.project.dependencies.files, *_MORE_FILES}),
    )
    return Digest.of("\0".join(parts).encode("utf-8", "surrogateescape")).hex


def keep_groundwork(cache: BlobCache, key: str, reading: Reading, kept: Kept) -> None:
    """Keep what a build laid, under the key that was made before it began."""
    there = tuple(
        replace(one, layers=tuple(replace(layer, cached=True) for layer in one.layers)) for one in kept.groundworks
    )
    content = replace(kept, groundworks=there, lines=_lines(reading.project))
    cache.put_record(_RECORD, key, json.encode(content, enc_hook=dict))


def kept_groundwork(cache: BlobCache, key: str, request: BuildRequest, reading: Reading, *, now: float) -> Kept | None:
    """What was laid under the key, if it still holds and all of it is there; its labels are those of today's commit."""
    record = cache.record(_RECORD, key)
    try:
        kept = json.decode(record, type=Kept) if record else None
    except DecodeError:
        return None
    if kept is None or not 0 <= now - kept.time < (_LASTING_SECONDS if kept.pinned else FRESH_SECONDS):
        return None
    moved = kept.lines != _lines(reading.project)
    if moved and any(caution.evidence for caution in kept.cautions):  # it would point at other lines
        return None
    if len(kept.groundworks) != len(request.platforms) or not all(_is_there(cache, one) for one in kept.groundworks):
        return None
    labels = image_labels(reading.labels, request.settings)
    return replace(kept, groundworks=tuple(replace(one, labels=labels) for one in kept.groundworks))


def _is_there(cache: BlobCache, groundwork: Groundwork) -> bool:
    """Whether every layer's blob is in the cache, with its size, and so is what compiles."""
    interpreter = groundwork.interpreter
    programs = [word for word in interpreter.command if word.startswith("/")] if interpreter else []
    layers = groundwork.layers
    return all(whole_blob(cache, one.descriptor) for one in layers) and all(Path(one).exists() for one in programs)


def _fingerprints(root: Path, names: set[str]) -> Iterator[str]:
    for name in sorted(names):
        yield name
        content = read_regular(root / name, limit=_LARGEST)
        if content is not None:  # one that is not there, or no file, stands as its name alone
            yield Digest.of(content).hex


def _without_lines(value: object) -> object:
    """Facts as plain values, without the numbers of the lines in their evidence."""
    match value:
        case {"path": path, "line": int(), "excerpt": excerpt}:
            return [path, excerpt]
        case dict():
            return {name: _without_lines(part) for name, part in value.items()}
        case list() | tuple():
            return [_without_lines(part) for part in value]
        case _:
            return value


def _lines(project: Project) -> str:
    return Digest.of(json.encode(project)).hex
