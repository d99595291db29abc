"""Dumps: a database into a file, and a file into a database; streamed, and whole or not at all."""

from __future__ import annotations

import gzip
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, cast

from packer.engine.connection import Engine
from packer.engine.processes import ContainerProcess, execute
from packer.engine.wire import STDERR
from packer.errors import EngineError, UsageError
from packer.stack.database import Database
from packer.stack.session import feed
from packer.system.files import replacing

__all__ = ["dump", "require_whole", "restore"]

_CHUNK = 1 << 20
_COMPLAINT = 4000
_GZIP = b"\x1f\x8b"
_GZIP_LEVEL = 6
_TAIL = 512
_ENDS = ((b"-- MySQL dump", b"-- Dump completed"), (b"-- MariaDB dump", b"-- Dump completed"),
         (b"-- PostgreSQL database dump", b"-- PostgreSQL database dump complete"))  # fmt: skip
"""How the dumps of each program begin, and what the last lines of a whole one say."""


def dump(engine: Engine, database: Database, target: Path | BinaryIO) -> int:
    """Write a dump to a stream, or to a file, compressed if its name ends with `.gz`; bytes before compression.

    The file is there when it is whole, and its owner alone may read it. Raises `EngineError`.
    """
    process = execute(engine, database.member.container.id, database.command("dump"))
    if not isinstance(target, Path):
        return _written(process, target, database)
    with replacing(target) as stream:
        os.fchmod(stream.fileno(), 0o600)
        if target.suffix == ".gz":
            with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0) as packed:
                return _written(process, cast("BinaryIO", packed), database)
        return _written(process, stream, database)


def require_whole(source: Path) -> None:
    """Raises `UsageError` for a file that cannot be read, is damaged, or was cut off while it was written."""
    head = tail = b""
    for chunk in _chunks(source):
        head = head or chunk[:_TAIL]
        tail = (tail + chunk)[-_TAIL:]
    if not head.strip():
        raise UsageError("the file is empty", where=str(source))
    for begin, end in _ENDS:
        if begin in head and end not in tail:
            raise UsageError(
                "the dump was cut off while it was written: its last line is missing",
                where=str(source),
                hint="take another one",
            )


def restore(engine: Engine, database: Database, source: Path) -> None:
    """Put a dump into the database. Raises `EngineError` with the database's own words."""
    process = execute(engine, database.member.container.id, database.command("restore"), stdin=True)
    failures: list[BaseException] = []

    def give() -> None:
        try:
            feed(process, _chunks(source))
        except (UsageError, EngineError) as error:
            failures.append(error)
            process.wire.end_input()

    feeder = threading.Thread(target=give, daemon=True)
    feeder.start()
    complaint = _heard(process, lambda _: None)
    code = process.exit_code()
    feeder.join()
    if failures:
        raise failures[0]
    if code:
        raise EngineError(
            f"{database.place} did not take the dump: {complaint or f'exit code {code}'}",
            where=str(source),
            hint="what came before that may be in the database; restore the dump that was made before",
        )


def _written(process: ContainerProcess, stream: BinaryIO, database: Database) -> int:
    size = 0

    def take(data: bytes) -> None:
        nonlocal size
        stream.write(data)
        size += len(data)

    complaint = _heard(process, take)
    code = process.exit_code()
    if code or not size:
        raise EngineError(f"{database.place} gave no dump: {complaint or f'exit code {code}'}", hint="see pack logs")
    return size


def _heard(process: ContainerProcess, take: Callable[[bytes], None]) -> str:
    """Pass on what a process writes; the end of what it complains of."""
    complaint = b""
    for output, data in process.wire.outputs():
        if output == STDERR:
            complaint = (complaint + data)[-_COMPLAINT:]
        else:
            take(data)
    return complaint.decode("utf-8", "replace").strip()


def _chunks(source: Path) -> Iterator[bytes]:
    """The text of a dump, unpacked where it is packed, whatever its name is."""
    try:
        with source.open("rb") as stream:
            packed = stream.read(len(_GZIP)) == _GZIP
            stream.seek(0)
            with gzip.GzipFile(fileobj=stream) if packed else nullcontext(stream) as text:
                while chunk := text.read(_CHUNK):
                    yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"the dump cannot be read: {error}", where=str(source)) from error
