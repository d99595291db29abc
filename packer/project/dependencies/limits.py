"""Version limits of other tools (Poetry's `^1.2`, npm's manner, bare numbers) as PEP 440 specifiers and markers."""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from packer.regex import regex

__all__ = ["python_marker", "to_pep440"]

_SHORT = regex(r"^(?P<sign>[\^~])\s*v?(?P<release>\d+(?:\.\d+)*)(?P<rest>[\w.+-]*)$")
_BARE = regex(r"^v?\d[\w.!+-]*(\.\*)?$")


def to_pep440(text: str) -> str | None:
    """A version limit as a PEP 440 specifier; `""` for no limit, None when it cannot be understood.

    Alternatives (`^3.6 || ^4`) become the range from the first one's beginning to the last one's end: PEP 440 knows no
    «or», and a limit that is a little wide resolves while one that is too narrow does not.

    >>> to_pep440("^1.2.3"), to_pep440("^0.2"), to_pep440("~1.4"), to_pep440("1.2.*"), to_pep440("*")
    ('>=1.2.3,<2', '>=0.2,<0.3', '>=1.4,<1.5', '==1.2.*', '')
    """
    alternatives = [part.strip() for part in re.split(r"\|\|?", text) if part.strip()]
    if len(alternatives) > 1:
        return _range_of([to_pep440(part) for part in alternatives])
    limits: list[str] = []
    for part in re.split(r"\s*,\s*|(?<=[\w*])\s+(?=[<>=!~^])", text.strip()):
        limit = _one(re.sub(r"\s+", "", part))
        if limit is None:
            return None
        if limit:
            limits.append(limit)
    return ",".join(limits)


def _one(text: str) -> str | None:
    if text in {"", "*", "latest", "==*", ">=*"}:
        return ""
    if short := _SHORT.match(text):
        return _short(short["sign"], short["release"], short["rest"])
    if _BARE.match(text):
        text = f"=={text.removeprefix('v')}"
    if re.match(r"^=\d", text):
        text = f"={text}"
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return None
    return text


def _short(sign: str, release: str, rest: str) -> str:
    """A caret lets everything change right of the first number that is not zero, a tilde the last one given."""
    numbers = [int(part) for part in release.split(".")]
    if sign == "~":
        keep = min(2, len(numbers))
    else:
        keep = next((place for place, number in enumerate(numbers, 1) if number), len(numbers))
    upper = [*numbers[: keep - 1], numbers[keep - 1] + 1]
    return f">={release}{rest},<{'.'.join(map(str, upper))}"


def _range_of(parts: list[str | None]) -> str | None:
    if any(part is None for part in parts):
        return None
    lower = [limit for limit in (parts[0] or "").split(",") if limit.startswith(">")]
    upper = [limit for limit in (parts[-1] or "").split(",") if limit.startswith("<")]
    return ",".join(lower + upper)


def python_marker(text: str) -> str | None:
    """Poetry's limit on Python as an environment marker, None when it limits nothing or cannot be understood.

    >>> python_marker("^3.8")
    'python_full_version >= "3.8" and python_full_version < "4"'
    """
    specifier = to_pep440(text)
    if not specifier:
        return None
    clauses = []
    for limit in specifier.split(","):
        found = re.match(r"^(===|==|!=|>=|<=|~=|<|>)(.+)$", limit)
        if not found:
            return None
        name = "python_version" if found[2].endswith(".*") else "python_full_version"
        clauses.append(f'{name} {found[1]} "{found[2].removesuffix(".*")}"')
    return " and ".join(clauses)
