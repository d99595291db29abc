"""What was meant by a line that is no requirement. Each case has been seen in public repositories."""

from __future__ import annotations

import re

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from packer.project.dependencies.limits import to_pep440
from packer.regex import regex

__all__ = ["Repair", "repaired"]

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[\w\s,.-]*\])?"
_INSTALL = regex(r"^[$!%>\s]*(sudo\s+)?((python3?|py)\s+-m\s+)?(pip3?|uv pip|conda|pipenv)\s+install\s+", re.IGNORECASE)
_LISTED = regex(rf"^({_NAME})\s+\(?v?(\d[\w.!+-]*)\)?$")
_CONDA = regex(r"^([A-Za-z0-9_][\w.-]*)\s*=\s*([\w.!+]+)\s*(=\s*\S*)?$")
_LIMITED = regex(rf"^({_NAME})\s*(.*)$")
_TABLE_HEAD = regex(r"^(package\s+version\b.*|[-=\s|+]+)$", re.IGNORECASE)
_CONFLICT = regex(r"^(<{7}|={7}|>{7})(\s|$)")


class Repair(Struct, frozen=True):
    """The requirements that a line stands for (none: it stands for nothing), and why; None for no need of a word."""

    texts: tuple[str, ...] = ()
    reason: str | None = None


def repaired(body: str) -> Repair:
    """The requirements that a human would read in a line that PEP 508 refuses."""
    if _TABLE_HEAD.match(body):
        return Repair()
    if _CONFLICT.match(body):
        return Repair(reason="a merge conflict was left in the file: both sides are read")
    text = _INSTALL.sub("", body).strip("\"'`,; \t\ufeff\u200b\u00a0")
    for attempt, note in _ATTEMPTS:
        if texts := attempt(text):
            return Repair(texts, note)
    return Repair(reason=f"«{body[:80]}» is not a requirement and is left out")


def _valid(text: str) -> tuple[str, ...]:
    try:
        Requirement(text)
    except InvalidRequirement:
        return ()
    return (text,)


def _listed(text: str) -> tuple[str, ...]:
    """`Flask  2.0.1` as `pip list` prints it."""
    found = _LISTED.match(text)
    return (f"{found[1]}=={found[2]}",) if found and _is_version(found[2]) else ()


def _conda(text: str) -> tuple[str, ...]:
    """`flask=2.0.1=py39_0` as `conda list --export` writes it, or one `=` too few."""
    found = _CONDA.match(text)
    if not found or not _is_version(found[2]):
        return ()
    return _valid(f"{found[1]}=={found[2]}")


def _loosely_limited(text: str) -> tuple[str, ...]:
    """`flask=>2`, `flask==2.x`, `flask==latest`, `flask^2.0`, `flask ~> 2`."""
    found = _LIMITED.match(text)
    if not found:
        return ()
    name, rest = found[1], found[2].strip()
    marker = ""
    if ";" in rest:
        rest, _, marker = rest.partition(";")
    limit = rest.replace("=>", ">=").replace("=<", "<=").replace("~>", "~=").replace("===", "==").strip(" ,()")
    if re.fullmatch(r"[=~^><]*\s*(latest|\*|any)", limit, re.IGNORECASE):
        return (name,)
    limit = re.sub(r"\.[xX](?=$|[.,])", ".*", limit)
    limit = re.sub(r"^==?\s*(?=[\^~])", "", limit)
    specifier = to_pep440(limit) if limit else None
    return _valid(f"{name}{specifier}{';' + marker if marker else ''}") if specifier else ()


def _several(text: str) -> tuple[str, ...]:
    """`flask flask-cors redis==3.0`: what followed `pip install`, or names parted by spaces or commas."""
    parts = [part for part in re.split(r"[\s,]+", text) if part]
    if len(parts) < 2 or any(part.startswith("-") or not _valid(part) for part in parts):
        return ()
    # A sentence is no list of distributions: prose has words, requirements have hyphens, limits or few members.
    prose = len(parts) > 8 or any(part.endswith((".", "!", "?", ":")) for part in parts)
    return () if prose else tuple(parts)


_ATTEMPTS = (
    (_valid, "signs that do not belong to a requirement are passed over"),
    (_listed, "lines as `pip list` prints them are read as name==version"),
    (_conda, "lines with a single `=` are read as name==version"),
    (_loosely_limited, "limits that pip does not know are read as they were meant"),
    (_several, "lines that name several distributions are read as one requirement each"),
)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
