"""The part of a container's log that its author wants to see: their own lines of the last traceback."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["error_text", "excerpt", "printable"]

_START = "Traceback (most recent call last):"
_LINKS = ("During handling of the above exception", "The above exception was the direct cause")
_FOREIGN = ("/site-packages/", "/dist-packages/", '"<frozen ', "/lib/python3")
_SERVER_LINE = regex(r"\[\d{4}-\d\d-\d\d [^\]]*\] \[\d+\] \[")
_CONTROL = regex(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MESSAGE_LINES = 8
_LOG_LINES = 15
_LINE_CHARACTERS = 300


def printable(logs: str) -> str:
    """The text without the control characters that a hostile app could steer a terminal with, its lines cut short."""
    return "\n".join(_CONTROL.sub("", line)[:_LINE_CHARACTERS] for line in logs.splitlines())


def excerpt(logs: str) -> str:
    """The last traceback, cut to the app's own frames and the last one; without one, the last telling lines."""
    lines = printable(logs).splitlines()
    start = _last_traceback(lines)
    if start is None:
        return "\n".join((_said(lines) or _reports(lines))[-_LOG_LINES:])
    frames, message = _split(lines[start + 1 :])
    kept = [frame for place, frame in enumerate(frames) if place == len(frames) - 1 or _is_own(frame)]
    return "\n".join([_START, *(line for frame in kept for line in frame), *message])


def error_text(logs: str) -> str:
    """What the failure says of itself: the exception of the last traceback, else the whole log."""
    lines = printable(logs).splitlines()
    start = _last_traceback(lines)
    return "\n".join(_said(lines) if start is None else _split(lines[start + 1 :])[1])


def _last_traceback(lines: list[str]) -> int | None:
    """Where the last traceback starts that is not about gunicorn's own end, which follows that of its workers."""
    starts = (place for place in range(len(lines) - 1, -1, -1) if lines[place].endswith(_START))
    return next((start for start in starts if not _tells_of_the_server(lines[start + 1 :])), None)


def _tells_of_the_server(lines: list[str]) -> bool:
    exception = next((line for line in lines if not line.startswith(" ")), "")
    return exception.startswith("gunicorn.errors.")


def _said(lines: list[str]) -> list[str]:
    """The lines that are not the server's reports of its own comings and goings, each once in a row."""
    told = [line for line in lines if line.strip() and not _SERVER_LINE.match(line)]
    return [line for place, line in enumerate(told) if place == 0 or line != told[place - 1]]


def _reports(lines: list[str]) -> list[str]:
    """The server's own reports of trouble."""
    return [line for line in lines if "[ERROR]" in line or "[CRITICAL]" in line]


def _split(lines: list[str]) -> tuple[list[list[str]], list[str]]:
    """The frames of a traceback (each a list of lines), and the exception with its message."""
    frames: list[list[str]] = []
    for place, line in enumerate(lines):
        if not line.startswith(" "):
            return frames, _message(lines[place:])
        if line.startswith('  File "') or not frames:
            frames.append([])
        frames[-1].append(line)
    return frames, []


def _message(lines: list[str]) -> list[str]:
    """The exception's lines, up to the server's next report or gunicorn's repetition of the message."""
    message = lines[:1]
    for line in lines[1:_MESSAGE_LINES]:
        if _SERVER_LINE.match(line) or line.startswith((_START, *_LINKS)) or (line and message[0].endswith(line)):
            break
        message.append(line)
    while message and not message[-1].strip():
        message.pop()
    return message


def _is_own(frame: list[str]) -> bool:
    return not any(mark in frame[0] for mark in _FOREIGN)
