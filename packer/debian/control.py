"""Control stanzas (deb822): the fields of `Release`, `Packages`, `control` and `*.sources` files.

Source: Debian Policy 5.1 (https://www.debian.org/doc/debian-policy/ch-controlfields.html).
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Fields", "parse_stanza", "parse_stanzas"]

Fields = dict[str, str]
"""Field values by lower-case name; continuation lines are kept, joined by newlines, without their first space."""


def parse_stanza(text: str) -> Fields:
    """One stanza. Lines that are no field, and comments, are passed over; the first of two equal names counts."""
    fields: Fields = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("#"):
            continue
        if line[:1] in (" ", "\t"):
            if name:
                fields[name] += "\n" + line[1:].rstrip()
            continue
        key, colon, value = line.partition(":")
        name = key.strip().lower() if colon else ""
        if name in fields:
            name = ""
        elif name:
            fields[name] = value.strip()
    return fields


def parse_stanzas(text: str) -> Iterator[Fields]:
    """The stanzas of a file, which empty lines divide; those without fields are left out."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            block.append(line)
        elif block:
            fields = parse_stanza("\n".join(block))
            block = []
            if fields:
                yield fields
