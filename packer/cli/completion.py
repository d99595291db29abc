"""What a shell completes with: names in the store, and of services. Errors complete with nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

__all__ = ["join_bash_words", "services", "stored_references"]

_BASH = "complete_bash"
_INSTRUCTION = "_PACK_COMPLETE"
_BEFORE = "_PACK_COMPLETE_BEFORE"
"""What of the word that is being typed bash counts as words before it."""


def join_bash_words(environment: MutableMapping[str, str]) -> None:
    """Put together again what bash took apart: to it `shop:1` is three words, of which it replaces the last.

    What stands before that goes into a variable of its own, where `stored_references` finds it.
    """
    if environment.get(_INSTRUCTION) != _BASH:
        return
    environment.update(_joined(environment.get("COMP_WORDS", ""), environment.get("COMP_CWORD", "")))


def _joined(text: str, position: str) -> Mapping[str, str]:
    """The variables of bash's completion, for the words before the one that is being typed and for that one.

    >>> _joined(chr(10).join(("pack", "rmi", "localhost", ":", "5000/shop", ":", "1")), "6")[_BEFORE]
    'localhost:5000/shop:'
    """
    words = text.split("\n")
    number = int(position) if position.isdecimal() else 0
    typed, before = words[number] if number < len(words) else "", words[:number]
    if typed == ":":
        typed, before = "", [*before, ":"]
    parts: list[str] = []
    while len(before) > 2 and before[-1] == ":":
        parts = [*before[-2:], *parts]
        before = before[:-2]
    return {
        "COMP_WORDS": "\n".join([*before, typed] if typed else before),
        "COMP_CWORD": str(len(before)),
        _BEFORE: "".join(parts),
    }


def stored_references(incomplete: str) -> list[str]:
    """The stored references that begin so, in the form that is being typed."""
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415 - only a completion needs it
    from packer.errors import PackError  # noqa: PLC0415

    try:
        entries = image_store(os.environ, blob_cache(os.environ)).list()
    except PackError:
        return []
    before = os.environ.get(_BEFORE, "")
    typed = before + incomplete
    familiar = [name for entry in entries if (name := entry.reference.familiar).startswith(typed)]
    names = familiar or [name for entry in entries if (name := str(entry.reference)).startswith(typed)]
    return [name.removeprefix(before) for name in names]


def services(incomplete: str) -> list[str]:
    """The services and containers of this folder's project that begin so."""
    from pathlib import Path  # noqa: PLC0415 - only a completion needs it

    from packer.cli.wiring import blob_cache  # noqa: PLC0415
    from packer.errors import PackError  # noqa: PLC0415
    from packer.stack.members import find_members  # noqa: PLC0415
    from packer.workflows.own_stack import own_stack  # noqa: PLC0415

    try:
        members = find_members(own_stack(Path(), os.environ, blob_cache(os.environ)), os.environ, Path.home())
    except PackError:
        return []
    return sorted(name for name in {one.service or one.name for one in members.own} if name.startswith(incomplete))
