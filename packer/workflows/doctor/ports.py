"""The ports that the stack is reached at."""

from __future__ import annotations

from collections.abc import Callable

from packer.plan.finding import Finding

__all__ = ["a_port_is_free"]


def a_port_is_free(own: int | None, *, first: int, count: int, is_free: Callable[[int], bool]) -> Finding:
    """The first port is free, or the stack's own; else another one is. `own` is where the stack is now."""
    if own is not None:
        what = f"the stack is running, at http://127.0.0.1:{own}"
        return Finding(area="machine", subject="port", state="ok", what=what)
    free = next((port for port in range(first, first + count) if is_free(port)), None)
    if free == first:
        return Finding(area="machine", subject="port", state="ok", what=f"{first} is free")
    if free is not None:
        what = f"another program uses {first}; pack up takes {free}"
        return Finding(area="machine", subject="port", state="note", what=what)
    return Finding(
        area="machine",
        subject="port",
        state="broken",
        what=f"all ports from {first} to {first + count - 1} are in use",
        fix="name a free one: pack up --port N",
    )
