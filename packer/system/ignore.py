"""Ignore files: `.gitignore` (gitignore(5)) and `.dockerignore` (Docker's build context rules)."""

from __future__ import annotations

import posixpath

from msgspec import Struct

from packer.system.patterns import Pattern, PatternIndex

__all__ = ["DockerIgnore", "GitIgnore"]

_MAX_RULES = 10_000
"""More lines than any real ignore file has; the rest of a longer one is not read."""


class _Rule(Struct, frozen=True):
    pattern: Pattern
    negated: bool
    directories_only: bool = False


class _Rules:
    """Rules in order; the last that matches decides."""

    def __init__(self, rules: list[_Rule]) -> None:
        self._rules = rules
        self._index = PatternIndex(rule.pattern for rule in rules)
        self._kept = [rule.pattern.literal for rule in rules if rule.negated]

    def may_keep_inside(self, folder: str) -> bool:
        """Whether a `!` rule may want something inside an ignored folder; True also when that cannot be told."""
        parts = tuple(folder.split("/"))
        return any(literal[: len(parts)] == parts[: len(literal)] for literal in self._kept)


class GitIgnore(_Rules):
    """The rules of one `.gitignore`, for paths relative to its folder.

    Whoever walks the tree does not enter an ignored folder: nothing in it can be re-included (gitignore(5)).
    """

    @classmethod
    def parse(cls, text: str) -> GitIgnore:
        """Read the file. Lines that mean nothing are passed over, as git does."""
        rules = (_git_rule(line) for line in _lines(text))
        return cls([rule for rule in rules if rule is not None])

    def verdict(self, path: str, name: str, *, directory: bool) -> bool | None:
        """True: ignored; False: a `!` rule keeps it; None: no rule speaks of it."""
        matching = self._index.matching(path, name)
        if not matching:
            return None
        decisive = max(
            (position for position in matching if directory or not self._rules[position].directories_only), default=None
        )
        return None if decisive is None else not self._rules[decisive].negated


class DockerIgnore(_Rules):
    """The rules of a `.dockerignore`, for paths relative to the root.

    Unlike git's, patterns are anchored at the root, a pattern that matches a folder matches all inside it, and a `!`
    rule can bring something back from an ignored folder.
    """

    @classmethod
    def parse(cls, text: str) -> DockerIgnore:
        """Read the file. Lines that mean nothing are passed over, as Docker does."""
        rules = (_docker_rule(line) for line in _lines(text))
        return cls([rule for rule in rules if rule is not None])

    def verdict(self, path: str, name: str, inherited: frozenset[int]) -> tuple[bool, frozenset[int]]:
        """Whether a path is left out, and what to hand down as `inherited` to what is inside it."""
        matching = inherited.union(self._index.matching(path, name))
        return bool(matching) and not self._rules[max(matching)].negated, matching


def _lines(text: str) -> list[str]:
    """Only a line feed ends a line: other separators may be part of a file's name."""
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")[:_MAX_RULES]]


def _git_rule(line: str) -> _Rule | None:
    text = _without_trailing_spaces(line)
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!") if negated else text
    directories_only = text.endswith("/")
    text = text.rstrip("/") if directories_only else text
    anchored = "/" in text
    # git takes two stars and more for `**`.
    components = tuple(part if part.strip("*") or part == "*" else "**" for part in text.split("/") if part)
    if not components or text.endswith("\\"):
        return None
    pattern = Pattern(components if anchored else ("**", *components))
    return _Rule(pattern, negated, directories_only)


def _without_trailing_spaces(line: str) -> str:
    """Trailing spaces mean nothing unless the first of them is escaped."""
    stripped = line.rstrip(" \t")
    escapes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if escapes % 2 and len(line) > len(stripped) else stripped


def _docker_rule(line: str) -> _Rule | None:
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = posixpath.normpath("/" + text.removeprefix("!").strip()).strip("/")
    if not text:
        return None
    return _Rule(Pattern(tuple(text.split("/"))), negated)
