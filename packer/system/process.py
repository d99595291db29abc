"""Processes: the one place that starts them, never through a shell.

`run` waits for a command and returns what it printed, bounded; `follow` passes on what it says while it works;
`Conversation` talks with one that stays.
A command gets exactly the environment it is given, runs in a session of its own, and is ended with all of its
children when it takes too long or the caller is interrupted.
"""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from msgspec import Struct

from packer.errors import BuildError, PackError

__all__ = ["Conversation", "ConversationOver", "Finished", "follow", "redact", "run"]

_CHUNK = 65_536
_COMPLAINT = 8_192
_FAREWELL_SECONDS = 3
_MEANWHILE_SECONDS = 1.0
_PIPE_ROOM = 4_096
"""A pipe that is ready takes at least this much without blocking (POSIX `PIPE_BUF`)."""


class Finished(Struct, frozen=True, kw_only=True):
    """How a command ended.

    Attributes:
        status: the exit status; negative for the signal that ended it.
        stdout: what it printed.
        stderr: the end of what it complained of, redacted, at most as long as `run` was told.
    """

    status: int
    stdout: bytes
    stderr: str


class ConversationOver(Exception):  # noqa: N818 (a state that the caller handles, not an error to show)
    """The other side has ended, or was silent for too long (`timed_out`)."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timed_out = timed_out


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret replaced by `***`; the longest first, so that none shows through another."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bytes = b"",
    timeout: float = 600,
    limit: int = 64 * 1024 * 1024,
    secrets: Iterable[str] = (),
    error: type[PackError] = BuildError,
) -> Finished:
    """Run a command to its end, whatever its exit status is.

    Args:
        argv: the command and its arguments; never a shell's text.
        env: its whole environment.
        cwd: the folder it starts in.
        stdin: what it reads.
        timeout: seconds after which it is ended.
        limit: the most bytes it may print on stdout; of stderr the last 64 KiB are kept.
        secrets: texts that must not show in `stderr`.
        error: the class raised when it cannot be started, takes too long or prints too much.
    """
    name = Path(argv[0]).name
    process = _start(argv, env=env, cwd=cwd, stderr=subprocess.PIPE, error=error)
    try:
        stdout, stderr = _exchange(process, stdin, deadline=time.monotonic() + timeout, limit=limit)
        process.wait()
    except TimeoutError:
        raise error(f"{name} was ended: it took longer than {timeout:.0f} s", where=name) from None
    except _TooMuchError:
        raise error(f"{name} was ended: it printed more than {limit} bytes", where=name) from None
    finally:
        _end(process)
    return Finished(status=process.returncode, stdout=stdout, stderr=redact(stderr.decode(errors="replace"), secrets))


def follow(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    line: Callable[[str], None] | None,
    shown: bool = False,
    meanwhile: Callable[[], None] | None = None,
    error: type[PackError] = BuildError,
) -> int:
    """Run a command that talks while it works; the result is its exit status.

    Args:
        argv: the command and its arguments.
        env: its whole environment.
        cwd: the folder it starts in.
        line: told of each line of stderr, without the line break; None leaves stderr to this process's own.
        shown: what it prints on stdout goes to this process's own; otherwise nobody sees it.
        meanwhile: called about every second while lines are awaited; what it raises ends the command.
        error: the class raised when it cannot be started.

    However this ends, the command ends with it.
    """
    stdout = None if shown else subprocess.DEVNULL
    stderr = None if line is None else subprocess.PIPE
    process = _start(argv, env=env, cwd=cwd, stdout=stdout, stderr=stderr, error=error)
    try:
        assert process.stdin is not None
        process.stdin.close()
        if line is not None:
            assert process.stderr is not None
            for text in _lines(process.stderr, meanwhile):
                line(text)
        process.wait()
    except BaseException:
        _ask_to_end(process)
        raise
    finally:
        _end(process)
    return process.returncode


def _lines(stream: IO[bytes], meanwhile: Callable[[], None] | None) -> Iterator[str]:
    """The lines of a pipe, without line breaks, until it is closed; now and then between them `meanwhile` is called."""
    unread = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            ready = selector.select(_MEANWHILE_SECONDS if meanwhile else None)
            if not ready:
                assert meanwhile is not None
                meanwhile()
                continue
            part = os.read(stream.fileno(), _CHUNK)
            *whole, unread = (unread + part).split(b"\n")
            for text in [*whole, *([unread] if unread and not part else [])]:
                yield text.decode("utf-8", "replace").rstrip("\r")
            if not part:
                return


class Conversation:
    """A process that answers on stdout to what it is told on stdin. Not for several threads at once.

    Args:
        argv: the command and its arguments.
        env: its whole environment.
        error: the class raised when it cannot be started.
    """

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], error: type[PackError] = BuildError) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
        try:
            self._process = _start(argv, env=env, cwd=Path("/"), stderr=self._stderr, error=error)
        except PackError:
            self._stderr.close()
            raise
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._heard = bytearray()
        self._readable = select.poll()
        self._readable.register(self._stdout, select.POLLIN)

    def tell(self, content: bytes) -> None:
        """Send bytes. Raises `ConversationOver` when nobody reads them."""
        try:
            view = memoryview(content)
            while view:
                view = view[self._stdin.write(view) :]
        except (BrokenPipeError, ValueError):
            raise ConversationOver(self._farewell()) from None

    def hear(self, size: int, *, timeout: float) -> bytes:
        """Exactly `size` bytes. Raises `ConversationOver` at the end of the stream or after `timeout` s of silence."""
        while len(self._heard) < size:
            if not self._readable.poll(timeout * 1000):
                raise ConversationOver(f"it was silent for {timeout:.0f} s", timed_out=True)
            part = self._stdout.read(1024 * 1024)
            if not part:
                raise ConversationOver(self._farewell())
            self._heard += part
        answer = bytes(memoryview(self._heard)[:size])
        del self._heard[:size]
        return answer

    def close(self) -> None:
        """End the process and its children. May be called again."""
        _end(self._process)
        self._stderr.close()

    def _farewell(self) -> str:
        """Why it ended: the signal or exit status, and the last line of what it complained of."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        status = self._process.poll()
        if status is None:
            return "it closed its output"
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - _COMPLAINT))
        lines = self._stderr.read(_COMPLAINT).decode(errors="replace").strip().splitlines()
        how = f"exit status {status}" if status >= 0 else f"signal {-status} ({_signal_name(-status)})"
        return f"{how}: {lines[-1][:300]}" if lines else how


class _TooMuchError(Exception):
    """A command prints more than it may."""


def _start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    stdout: int | None = subprocess.PIPE,
    stderr: IO[bytes] | int | None,
    error: type[PackError],
) -> subprocess.Popen[bytes]:
    name = Path(argv[0]).name
    try:
        return subprocess.Popen(  # noqa: S603 (an argument vector, no shell)
            list(argv),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as cause:
        missing = cause.filename if cwd is None or Path(cwd).is_dir() else cwd
        raise error(f"{name} cannot be started: {missing} does not exist", hint=f"install {name}") from cause
    except (OSError, ValueError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else str(cause)
        raise error(f"{name} cannot be started: {reason}", where=argv[0]) from cause


def _exchange(process: subprocess.Popen[bytes], stdin: bytes, *, deadline: float, limit: int) -> tuple[bytes, bytes]:
    """Feed stdin and drain both outputs until they are closed. Raises `TimeoutError` and `_TooMuchError`."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    out, complaints, waiting = bytearray(), bytearray(), memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, out)
        selector.register(process.stderr, selectors.EVENT_READ, complaints)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.data is None:
                    waiting = _feed(process.stdin, waiting)
                    if not waiting:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                part = os.read(key.fd, _CHUNK)
                if not part:
                    selector.unregister(key.fileobj)
                key.data.extend(part)
            if len(out) > limit:
                raise _TooMuchError
            del complaints[:-_CHUNK]
    return bytes(out), bytes(complaints)


def _feed(stdin: IO[bytes], waiting: memoryview) -> memoryview:
    """What is left to write after a write that does not block. A command need not read its input."""
    try:
        return waiting[os.write(stdin.fileno(), waiting[:_PIPE_ROOM]) :] if waiting else waiting
    except BrokenPipeError:
        return waiting[:0]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its session, and let go of its pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    """Give a command the time to tell others that it ends: a builder goes on until it is told."""
    with contextlib.suppress(ProcessLookupError, PermissionError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=_FAREWELL_SECONDS)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
