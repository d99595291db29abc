"""What a registry asks for when it answers 401: the `WWW-Authenticate` header.

Specification: https://www.rfc-editor.org/rfc/rfc9110#section-11.3
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct

from packer.regex import regex

__all__ = ["Challenge", "parse_challenges"]

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PART = regex(
    rf"[\s,]*(?:(?P<name>{_WORD})\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<plain>[^\s,\"=][^\s,\"]*))"
    rf"|(?P<scheme>{_WORD})(?=[\s,]|$)|(?P<unknown>[^\s,]+))",
    re.DOTALL,
)
_ESCAPED = regex(r"\\(.)")
_LONGEST = 16_384


class Challenge(Struct, frozen=True):
    """One way to authenticate: the scheme in lower case, and its parameters by lower-case name."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges of all `WWW-Authenticate` headers, in their order; what cannot be read is passed by.

    >>> [one.scheme for one in parse_challenges(['Negotiate, Bearer realm="https://a/t",service="b, c"', "Basic"])]
    ['negotiate', 'bearer', 'basic']
    """
    found: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        position, text = 0, header[:_LONGEST]
        while part := _PART.match(text, position):
            position = part.end()
            if part["scheme"]:
                found.append((part["scheme"].lower(), {}))
            elif part["name"] and found:
                quoted = part["quoted"]
                value = part["plain"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
                found[-1][1].setdefault(part["name"].lower(), value)
    return tuple(Challenge(scheme, MappingProxyType(parameters)) for scheme, parameters in found)
