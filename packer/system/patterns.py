"""Path patterns of ignore files, arranged so that ten thousand paths against eighty patterns take milliseconds.

Most patterns of real ignore files are a plain name (`build/`) or a glob on a name (`*.py[cod]`): the former are
looked up, the latter are one regular expression together. Only patterns with a slash look at a path's components.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import cached_property

from msgspec import Struct

from packer.regex import regex

__all__ = ["Pattern", "PatternIndex", "component_pattern"]

_GLOB = regex(r"[*?\[\\]")
_MANY = "**"


class Pattern(Struct, frozen=True):
    """A path pattern: its components, anchored at the folder that the patterns are relative to.

    A component is a glob that does not match `/`; `**` stands for any number of components. A pattern for a name at
    any depth is `("**", name)`.
    """

    components: tuple[str, ...]

    @property
    def name(self) -> str | None:
        """The glob on the last component, when the pattern says no more than that."""
        if len(self.components) == 2 and self.components[0] == _MANY and self.components[1] != _MANY:
            return self.components[1]
        return None

    @property
    def literal(self) -> tuple[str, ...]:
        """The leading components that are no globs."""
        plain: list[str] = []
        for component in self.components:
            if _GLOB.search(component):
                break
            plain.append(component)
        return tuple(plain)


class PatternIndex:
    """Which of many patterns match a path.

    Args:
        patterns: a pattern is known by its position.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._names: dict[str, list[int]] = {}
        self._paths: dict[str, list[int]] = {}
        self._name_globs: list[tuple[int, str]] = []
        self._path_globs: list[tuple[int, tuple[str, ...]]] = []
        for position, pattern in enumerate(patterns):
            self._add(position, pattern)

    def _add(self, position: int, pattern: Pattern) -> None:
        name = pattern.name
        if name is not None and not _GLOB.search(name):
            self._names.setdefault(name, []).append(position)
        elif name is not None:
            self._name_globs.append((position, component_pattern(name)))
        elif len(pattern.literal) == len(pattern.components):
            self._paths.setdefault("/".join(pattern.components), []).append(position)
        else:
            self._path_globs.append((position, pattern.components))

    def matching(self, path: str, name: str) -> list[int]:
        """The positions of the patterns that match `path` itself, whose last component is `name`; in no order."""
        found = [*self._names.get(name, ()), *self._paths.get(path, ())]
        if self._any_name_glob is not None and self._any_name_glob.match(name):
            found += [position for position, expression in self._compiled_names if expression.match(name)]
        if self._compiled_paths:
            components = path.split("/")
            found += [position for position, glob in self._compiled_paths if _matches(glob, components)]
        return found

    @cached_property
    def _any_name_glob(self) -> re.Pattern[str] | None:
        expressions = [expression for _, expression in self._name_globs]
        return re.compile("|".join(f"(?:{expression})" for expression in expressions)) if expressions else None

    @cached_property
    def _compiled_names(self) -> list[tuple[int, re.Pattern[str]]]:
        return [(position, re.compile(expression)) for position, expression in self._name_globs]

    @cached_property
    def _compiled_paths(self) -> list[tuple[int, list[re.Pattern[str] | None]]]:
        """Each component compiled; None stands for `**`."""
        return [
            (position, [None if one == _MANY else re.compile(component_pattern(one)) for one in components])
            for position, components in self._path_globs
        ]


def component_pattern(glob: str) -> str:
    r"""A glob on one component as a regular expression that matches it whole, without exponential backtracking.

    `*`, `?`, `[a-z]`, `[!a]`, `[^a]`, and `\` before a character that is meant as itself. An unclosed `[` means itself.

    >>> bool(re.match(component_pattern(r"\[*.py[cod]"), "[x.pyc"))
    True
    """
    return translate("".join(_for_fnmatch(glob)))


def _for_fnmatch(glob: str) -> Iterator[str]:
    """The glob in the words of `fnmatch`, which knows no backslash and no `[^`."""
    characters = iter(glob)
    inside = False
    for character in characters:
        if character == "\\":
            escaped = next(characters, "\\")
            yield f"[{escaped}]" if escaped in "*?[" and not inside else escaped
        elif character == "[" and not inside:
            inside = True
            following = next(characters, "")
            yield "[!" if following == "^" else "[" + following
        else:
            inside = inside and character != "]"
            yield character


def _matches(glob: list[re.Pattern[str] | None], components: list[str]) -> bool:
    """Whether the component patterns match the path: what each prefix of them reaches, one after the other."""
    if None not in glob and len(glob) != len(components):
        return False
    reached = {0}
    for position, expression in enumerate(glob):
        if expression is None:
            # A trailing `**` is everything inside, so at least one component; elsewhere it may be none.
            first = min(reached) + (position == len(glob) - 1)
            reached = set(range(first, len(components) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(components) and expression.match(components[at])}
        if not reached:
            return False
    return len(components) in reached
