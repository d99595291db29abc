"""What a project's containers wrote: line by line, in order of time, or as it comes."""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.errors import EngineError, UsageError
from packer.regex import regex
from packer.stack.members import Member

__all__ = ["LogLine", "LogWish", "moment_of", "read_logs"]

_AGO = regex(r"(\d+)\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800}
_WAITING_LINES = 1000
_LONGEST_LINE = 1 << 20


class LogWish(Struct, frozen=True, kw_only=True):
    """Which lines.

    Attributes:
        follow: go on with what is written from now on.
        last: so many of each container; None for all.
        since: seconds since the epoch; None for the beginning.
    """

    follow: bool = False
    last: int | None = None
    since: float | None = None


class LogLine(Struct, frozen=True):
    """A line, by whom and when: the moment is RFC 3339 as the engine writes it."""

    moment: str
    member: Member
    text: str


def moment_of(text: str, *, now: float) -> float:
    """A moment as people write it, in seconds since the epoch: `10m` ago, or a date, with or without a time.

    Raises `UsageError` for anything else.

    >>> moment_of("10m", now=1000), moment_of("1970-01-02T00:00:00Z", now=0)
    (400.0, 86400.0)
    """
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return float(now - int(ago.group(1)) * _SECONDS[ago.group(2)])
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError as error:
        raise UsageError(f"{text!r} is no moment", hint="write 10m, 2h, 2026-07-01 or 2026-07-01T12:00:00Z") from error
    return (moment if moment.tzinfo else moment.astimezone()).astimezone(timezone.utc).timestamp()


def read_logs(engine: Engine, members: Sequence[Member], wish: LogWish) -> Iterator[LogLine]:
    """The lines of containers. Raises `EngineError`."""
    sources = [_lines(engine, member, wish) for member in members]
    if wish.follow and len(sources) > 1:
        return _as_they_come(sources)
    return heapq.merge(*sources, key=lambda line: line.moment)


def _lines(engine: Engine, member: Member, wish: LogWish) -> Iterator[LogLine]:
    with engine_errors(f"the logs of {member.name} cannot be read", engine.endpoint):
        chunks: Any = engine.client.logs(
            member.container.id,
            stream=True,
            follow=wish.follow,
            timestamps=True,
            tail="all" if wish.last is None else wish.last,
            since=wish.since,
        )
        for line in _split(chunks):
            moment, _, text = line.partition(" ")
            yield LogLine(moment, member, text)


def _split(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines without their ends; one that is never ended is cut where it gets too long."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("utf-8", "replace").rstrip("\r") for line in whole)
        if len(rest) > _LONGEST_LINE:
            yield rest.decode("utf-8", "replace")
            rest = b""
    if rest:
        yield rest.decode("utf-8", "replace")


def _as_they_come(sources: Sequence[Iterator[LogLine]]) -> Iterator[LogLine]:
    """Lines of several sources at once, each read by a thread of its own; ends with the last source."""
    lines: queue.Queue[LogLine | EngineError | None] = queue.Queue(_WAITING_LINES)

    def read(source: Iterator[LogLine]) -> None:
        try:
            for line in source:
                lines.put(line)
        except EngineError as error:
            lines.put(error)
        finally:
            lines.put(None)

    for source in sources:
        threading.Thread(target=read, args=(source,), daemon=True).start()
    left = len(sources)
    while left:
        line = lines.get()
        if isinstance(line, EngineError):
            raise line
        if line is None:
            left -= 1
        else:
            yield line
