"""What uv says when it fails, shortened to what happened, where, and what to do next."""

from __future__ import annotations

import re

from packer.errors import BuildError, LockError, PackError, TransientError
from packer.regex import regex
from packer.system.process import Finished

__all__ = ["explain", "is_build_failure", "is_conflict", "last_error", "wants_older_setuptools"]

_LONGEST = 900
_NETWORK = regex(
    r"failed to fetch|error sending request|dns error|connection (refused|reset|closed)|timed out"
    r"|failed to lookup address|could not resolve host|too many requests"
    r"|\b50[234] (?:bad gateway|service unavailable|gateway time-?out)|http status[^\n/]{0,40}\b50[234]\b"
)
_PREFIX = regex(r"^(error|cause|hint|Caused by):\s*")
_EMPTY_WORDS = frozenset({"[stderr]", "[stdout]", "No solution found when resolving dependencies"})
_CONCLUSION = "we can conclude that your requirements are unsatisfiable."
_OFFLINE = "network was disabled"
_BUILD = regex(r"failed to build[:\s]+`(?P<name>[^`]+)`|failed to (?:download and )?build", re.IGNORECASE)
_BACK_END = "build backend returned an error"
_OLD_SETUP = regex(r"use_2to3|pkg_resources|setuptools|distutils")
_EXCEPTION = regex(r"[\w.]*(Error|Exception|Exit)\b.*")
_NOT_FOUND = regex(r"because (?P<name>[\w.-]+) was not found in the package registry", re.IGNORECASE)
_NO_VERSION = regex(r"there is no version of (?P<wish>\S+)", re.IGNORECASE)


def is_build_failure(finished: Finished) -> bool:
    """Whether a source distribution could not be built."""
    return bool(_BUILD.search(finished.stderr))


def wants_older_setuptools(finished: Finished) -> bool:
    """Whether a build failed in a way that an older setuptools may cure."""
    return is_build_failure(finished) and bool(_OLD_SETUP.search(finished.stderr))


def is_conflict(finished: Finished) -> bool:
    """Whether the requirements contradict each other."""
    return "no solution found" in finished.stderr.lower()


def explain(finished: Finished, *, doing: str, where: str, locked: bool) -> PackError:
    """The error for a failed uv command.

    Args:
        finished: the command.
        doing: what it was to do, as an infinitive: `resolve the dependencies`.
        where: the file that states the wishes.
        locked: whether a lock was followed, so that the lock is to blame.
    """
    text = _substance(finished.stderr) or f"uv ended with status {finished.status}"
    kind: type[PackError] = LockError if locked else BuildError
    what = f"cannot {doing}: {text}"
    if _OFFLINE in finished.stderr.lower():
        return kind(what, where=where, hint="run once without --offline: the cache does not hold what is needed")
    if _NETWORK.search(finished.stderr.lower()) and _BACK_END not in finished.stderr.lower():
        return TransientError(what, where=where, hint="check the network and the package index, then try again")
    if is_build_failure(finished):
        match = _BUILD.search(finished.stderr)
        name = match["name"] if match and match["name"] else "a distribution"
        hint = f"choose a version of {name.partition('==')[0]} that has wheels for this Python, or another Python"
        reason = last_error(finished.stderr) or text
        return kind(f"cannot {doing}: the source of {name} does not build: {reason}", where=where, hint=hint)
    if is_conflict(finished):
        return kind(what, where=where, hint=_advice(text, locked=locked))
    return kind(what, where=where)


def _advice(text: str, *, locked: bool) -> str:
    if locked:
        return "lock again with the project's own tool"
    missing = _NOT_FOUND.search(text)
    if missing:
        return f"check the spelling of {missing['name']}, or name the index that has it"
    version = _NO_VERSION.search(text)
    if version:
        return f"choose a version that exists: {version['wish']} does not"
    return "change one of the requirements named above"


def last_error(stderr: str) -> str | None:
    """The line in which a build back end says why: the last exception, else the last line that speaks of an error."""
    lines = [line.strip() for line in stderr.splitlines()]
    exceptions = [line for line in lines if _EXCEPTION.match(line)]
    errors = [line for line in lines if "error" in line.lower() and not line.startswith(("error:", "cause:", "hint:"))]
    found = exceptions or errors
    return found[-1][:300] if found else None


def _substance(stderr: str) -> str:
    """The error and its causes without prefixes, tracebacks of build back ends cut to their last lines."""
    lines = [line.strip() for line in stderr.splitlines()]
    start = next((n for n, line in enumerate(lines) if line.startswith("error:")), None)
    if start is None:
        start = next((n for n, line in enumerate(lines) if not line.startswith(("warning:", "Using "))), 0)
    kept = [_PREFIX.sub("", line).strip() for line in lines[start:]]
    text = " ".join(line for line in kept if line and line not in _EMPTY_WORDS)
    text = text.replace(_CONCLUSION, "no version fits")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
