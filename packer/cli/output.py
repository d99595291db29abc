"""The terminal: results go to stdout, everything for people to stderr. Nothing else in pack prints."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from packer.errors import PackError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.status import Status

    from packer.project.model import Caution

__all__ = ["Output", "printable"]

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def printable(text: str) -> str:
    r"""The text without control characters: what files say must not steer the terminal.

    >>> printable("a\x1b[31mb\n")
    'a\\x1b[31mb\n'
    """
    return "".join(one if one.isprintable() or one in "\n\t" else f"\\x{ord(one):02x}" for one in text)


class Output:
    """Writes results and messages.

    Args:
        environment: the process's environment (`NO_COLOR`, `TERM`, `CI`).
        quiet: leave out everything but results, cautions and errors.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ, *, quiet: bool = False) -> None:
        self._stdout: IO[str] = sys.stdout
        self._stderr: IO[str] = sys.stderr
        self._quiet = quiet
        plain = "NO_COLOR" in environment or environment.get("TERM") == "dumb"
        self._live = self._stderr.isatty() and not environment.get("CI") and environment.get("TERM") != "dumb"
        self._color = {stream: stream.isatty() and not plain for stream in (self._stdout, self._stderr)}
        self._status: Status | None = None

    @property
    def live(self) -> IO[str] | None:
        """The terminal that can show something moving; None where there is none, or nothing is to be shown."""
        return self._stderr if self._live and not self._quiet else None

    def encodes(self, text: str) -> bool:
        """Whether stdout can show a text: a terminal in the C locale shows ASCII only."""
        try:
            text.encode(getattr(self._stdout, "encoding", None) or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def result(self, text: str) -> None:
        """One line of the command's result, to stdout."""
        self._write(self._stdout, text)

    def document(self, value: Any) -> None:
        """A JSON document as the command's result, to stdout."""
        self._write(self._stdout, json.dumps(value, indent=2, ensure_ascii=False))

    def file(self, content: bytes, path: Path | None) -> None:
        """A text file as the command's result: to a path, whole or not at all, or to stdout.

        Raises `BuildError` when it cannot be written.
        """
        if path is None:
            self._write(self._stdout, content.decode().removesuffix("\n"))
            return
        from packer.system.files import write_atomically  # noqa: PLC0415 - few commands write files

        write_atomically(path, content)
        self.note(f"written to {path}")

    def page(self, lines: Iterable[str]) -> None:
        """A text for people that is the command's result, to stdout."""
        for line in lines:
            self._write(self._stdout, line)

    def log_line(self, prefix: str, style: str, text: str) -> None:
        """A line that somebody else wrote, to stdout: untouched, but that it cannot steer a terminal."""
        from packer.cli.colors import colored  # noqa: PLC0415 - of all commands only one shows such lines

        shown = colored(text) if self._stdout.isatty() else text
        self._write(self._stdout, (self.style(prefix, style) if prefix else "") + shown)

    def note(self, text: str) -> None:
        """A line for people, to stderr."""
        if not self._quiet:
            self._write(self._stderr, f"  {printable(text)}")

    def caution(self, caution: Caution) -> None:
        """Something that will surprise, with what to do about it."""
        self._write(self._stderr, f"{self.style('caution', 'yellow', self._stderr)}  {printable(caution.what)}")
        for one in caution.evidence[:3]:
            self._write(
                self._stderr,
                self.style(f"         {one.path}:{one.line}  {printable(one.excerpt)}", "dim", self._stderr),
            )
        if caution.hint:
            self._write(self._stderr, f"         {printable(caution.hint)}")

    def error(self, error: PackError) -> None:
        """What happened, where, and what to do next."""
        self._write(self._stderr, f"{self.style('error', 'red', self._stderr)}  {printable(str(error))}")

    def style(self, text: str, name: str, stream: IO[str] | None = None) -> str:
        """The text in a style, where the stream shows styles."""
        shown = self._color.get(stream or self._stdout, False)
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if shown else text

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step under way: a spinner on a terminal, one line with its time elsewhere."""
        if self._quiet:
            yield
            return
        start = time.monotonic()
        if self._live:
            with self._spinner(what):
                yield
        else:
            yield
        seconds = time.monotonic() - start
        if seconds >= 0.05:
            self.note(f"{what}  {seconds:.1f} s")

    @contextmanager
    def _spinner(self, what: str) -> Iterator[None]:
        from rich.console import Console  # noqa: PLC0415 - 60 ms that only a slow step on a terminal should cost
        from rich.text import Text  # noqa: PLC0415

        with Console(file=self._stderr).status(Text(printable(what))):
            yield

    def _write(self, stream: IO[str], text: str) -> None:
        try:
            stream.write(text + "\n")
            stream.flush()
        except UnicodeEncodeError:  # a terminal in the C locale
            encoding = getattr(stream, "encoding", None) or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            stream.flush()
