"""The numbers in MySQL's option file. https://dev.mysql.com/doc/refman/8.4/en/option-files.html."""

from __future__ import annotations

import re

from packer.plan.arithmetic.figures import DatabaseFigures, Figure
from packer.regex import regex

__all__ = ["mysql_figures"]

_GROUP = regex(r"\[([^\]]*)\]")
_OPTION = regex(r"(?:loose[-_])?([A-Za-z][\w-]*)\s*=\s*([\d.]+)\s*([KMGT]?)\b", re.IGNORECASE)
_GROUPS = frozenset({"mysqld", "server", "mariadb", "mariadbd"})
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_MIB = 1 << 20


def mysql_figures(planned: DatabaseFigures, text: str, source: str) -> DatabaseFigures:
    """The planned figures with what the server's groups of a file say instead; the last word counts."""
    found: dict[str, float] = {}
    group = ""
    for line in text.splitlines():
        stripped = line.strip()
        if heading := _GROUP.match(stripped):
            group = heading[1].strip().lower().partition("-")[0]
        elif group in _GROUPS and (option := _OPTION.match(stripped)):
            found[option[1].lower().replace("-", "_")] = _value(option[2]) * _UNITS[option[3].lower()]

    def figure(name: str, otherwise: Figure | None, unit: int = 1) -> Figure | None:
        if name not in found or (otherwise is not None and otherwise.value == found[name] / unit):
            return otherwise
        return Figure(found[name] / unit, source)

    return DatabaseFigures(
        kind=planned.kind,
        connections=figure("max_connections", planned.connections) or planned.connections,
        memory=planned.memory,
        buffers=figure("innodb_buffer_pool_size", planned.buffers, _MIB),
        packet=figure("max_allowed_packet", planned.packet),
    )


def _value(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
