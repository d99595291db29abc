"""The bytecode of wheels: one blob a wheel, compiled once for an interpreter and a prefix, and kept.

So a new dependency compiles that one only. The blob is the `.pyc` files one after another; a record says which is
where.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.oci.entry import Content
from packer.store.cache import BlobCache
from packer.system.bytecode import Compiler, Source, pyc_path
from packer.wheels.install import Layout

__all__ = ["LaidOutWheel", "bytecode_of"]

_VERSION = "1"
"""Changes when the same wheel, interpreter and prefix give other bytecode."""
_RECORD = "bytecode"
_IN_MEMORY = 4 * 1024 * 1024

CompiledFiles = Mapping[str, Content]
"""Absolute path of a `.pyc` file to its bytes."""


class LaidOutWheel(Struct, frozen=True):
    """A wheel's digest and where its files go."""

    digest: Digest
    layout: Layout


def bytecode_of(wheels: Sequence[LaidOutWheel], compiler: Compiler, cache: BlobCache) -> list[CompiledFiles]:
    """The bytecode of each wheel, in order. What is not known is compiled in one go, by all of the workers.

    Sources that are not valid for the interpreter (other Pythons' syntax, deliberate errors of test data) have none.
    """
    keys = [_key(wheel, compiler) for wheel in wheels]
    known = [_known(cache, key) for key in keys]
    unknown = [number for number, files in enumerate(known) if files is None]
    compiled = _compile([wheels[number] for number in unknown], compiler)
    for number, (blob, files) in zip(unknown, compiled, strict=True):
        with blob:
            digest = cache.add(blob)
        cache.put_record(_RECORD, keys[number], json.dumps({"blob": str(digest), "files": files}).encode())
        known[number] = _contents(cache, digest, files)
    return [files or {} for files in known]


def _key(wheel: LaidOutWheel, compiler: Compiler) -> str:
    interpreter = compiler.interpreter
    parts = (_VERSION, str(wheel.digest), interpreter.version, interpreter.cache_tag, wheel.layout.site)
    return Digest.of("\0".join(parts).encode()).hex


def _known(cache: BlobCache, key: str) -> CompiledFiles | None:
    """What the cache has; None when a part of it is gone or cannot be read."""
    record = cache.record(_RECORD, key)
    if record is None:
        return None
    try:
        content = json.loads(record)
        digest = Digest.parse(content["blob"])
        files = [(str(path), int(offset), int(size)) for path, offset, size in content["files"]]
    except (ValueError, KeyError, TypeError, ArchiveError):
        return None
    return _contents(cache, digest, files) if cache.verify(digest) else None


def _contents(cache: BlobCache, digest: Digest, files: Iterable[tuple[str, int, int]]) -> CompiledFiles:
    path = cache.path(digest)
    if path is None:
        raise ArchiveError(f"the bytecode {digest.short} has gone from the cache", hint="build again")
    return {name: Content(size, partial(_slice, path, offset, size)) for name, offset, size in files}


def _slice(path: Path, offset: int, size: int) -> BinaryIO:
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        return io.BytesIO(file.read(size))


def _compile(
    wheels: Sequence[LaidOutWheel], compiler: Compiler
) -> Iterator[tuple[BinaryIO, list[tuple[str, int, int]]]]:
    """For each wheel its blob, at its start, and what is where in it."""
    results = compiler.compile(_sources(wheels))
    for wheel in wheels:
        blob = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
        files: list[tuple[str, int, int]] = []
        for path, _ in wheel.layout.sources:
            content = next(results).content
            if content is not None:
                files.append((pyc_path(path, compiler.interpreter.cache_tag), blob.tell(), len(content)))
                blob.write(content)
        blob.seek(0)
        yield blob, files  # type: ignore[misc]  # a spooled file is a binary stream in all but name


def _sources(wheels: Iterable[LaidOutWheel]) -> Iterator[Source]:
    for wheel in wheels:
        archive = wheel.layout.archive
        for path, member in wheel.layout.sources:
            with archive.open(member) as stream:
                yield Source(path, stream.read())
