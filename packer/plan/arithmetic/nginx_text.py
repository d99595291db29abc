"""The numbers in nginx's configuration, read tolerantly: what nginx would refuse is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from packer.plan.arithmetic.figures import Figure, WebFigures
from packer.regex import regex

__all__ = ["Directive", "directives", "web_figures"]

_TOKEN = regex(r"""#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]|(?:\\.|\$\{[^}\s]*\}|[^\s{};"'#])+""")
_SIZE = regex(r"(?i)(\d+)([kmg]?)")
_TIME = regex(r"(\d+)(ms|[smhdw]?)")
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_TIMES = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_IDLE = 60
"""nginx's own `keepalive_timeout` of an upstream."""


class Directive(Struct, frozen=True):
    """A directive: the blocks around it, outermost first, and its words."""

    blocks: tuple[str, ...]
    words: tuple[str, ...]


def directives(text: str) -> Iterator[Directive]:
    """The directives of a file, those that open a block among them."""
    blocks: list[str] = []
    words: list[str] = []
    for symbol in _TOKEN.findall(text):
        if symbol.startswith("#"):
            continue
        if symbol not in ("{", "}", ";"):
            words.append(symbol.strip("\"'"))
            continue
        if words:
            yield Directive(tuple(blocks), tuple(words))
        if symbol == "{":
            blocks.append(words[0] if words else "")
        elif symbol == "}" and blocks:
            blocks.pop()
        words = []


def web_figures(planned: WebFigures, files: Iterable[tuple[str, str]]) -> WebFigures:
    """The planned figures with what files, path and text, say instead.

    Of several limits of bodies the largest counts, which somebody gave a place on purpose; of several times the least.
    """
    found = [(one, path) for path, text in files for one in directives(text) if len(one.words) > 1]
    bodies = _figures(found, "client_max_body_size", _bytes)
    waits = _figures(found, "proxy_read_timeout", _seconds)
    return WebFigures(
        patience=_told(planned.patience, min(waits, key=lambda one: one.value, default=planned.patience)),
        body=_told(planned.body, max(bodies, key=lambda one: (one.value == 0, one.value), default=planned.body)),
        idle=_idle(found) if found else planned.idle,
    )


def _told(planned: Figure, found: Figure) -> Figure:
    """Only what somebody changed is shown with its file."""
    return planned if planned.value == found.value else found


def _figures(found: Iterable[tuple[Directive, str]], name: str, number: Callable[[str], float | None]) -> list[Figure]:
    values = [(number(one.words[1]), path) for one, path in found if one.words[0] == name]
    return [Figure(value, path) for value, path in values if value is not None]


def _idle(found: list[tuple[Directive, str]]) -> Figure | None:
    """How long an upstream keeps connections, where one keeps any."""
    inside = [(one, path) for one, path in found if "upstream" in one.blocks]
    keeping = next((path for one, path in inside if one.words[0] == "keepalive"), None)
    if keeping is None:
        return None
    times = _figures(inside, "keepalive_timeout", _seconds)
    return times[0] if times else Figure(_IDLE, keeping)


def _bytes(text: str) -> float | None:
    found = _SIZE.fullmatch(text)
    return float(int(found[1]) * _SIZES[found[2].lower()]) if found else None


def _seconds(text: str) -> float | None:
    if not text or _TIME.sub("", text):
        return None
    return sum(int(number) * _TIMES[unit] for number, unit in _TIME.findall(text))
