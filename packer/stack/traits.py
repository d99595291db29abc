"""What an engine can do that a stack makes use of where it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors

__all__ = ["EngineTraits", "engine_traits", "without"]

_START_INTERVAL = (1, 44)
"""The API of Docker Engine 25. With an older one Compose refuses a file that names a `start_interval`."""
_INTERVAL_SECONDS = 5
"""Without one, the usual 10 s would go by before a service that starts quickly is found well."""


class EngineTraits(Struct, frozen=True, kw_only=True):
    """An engine's abilities.

    Attributes:
        has_start_interval: it asks for health more often while a container starts.
        has_local_logs: it knows Docker's `local` log driver; Podman does not.
    """

    has_start_interval: bool = True
    has_local_logs: bool = True


def engine_traits(engine: Engine) -> EngineTraits:
    """What an engine can do. Raises `EngineError`."""
    with engine_errors("the engine does not say what it is", engine.endpoint):
        said = engine.client.version()
    names = " ".join(str(part.get("Name", "")) for part in said.get("Components") or ())
    major, _, minor = str(said.get("ApiVersion", "")).partition(".")
    known = major.isdecimal() and minor.isdecimal()
    is_podman = "podman" in names.lower()
    return EngineTraits(
        has_start_interval=not is_podman and (not known or (int(major), int(minor)) >= _START_INTERVAL),
        has_local_logs=not is_podman,
    )


def without(traits: EngineTraits, *, checked: Iterable[str], unchecked: Iterable[str]) -> str:
    """A Compose file that takes out of others what an engine cannot do; empty where it can do everything.

    Args:
        traits: the engine's.
        checked: services whose health is asked for.
        unchecked: all others.
    """
    parts = [_Part(name, is_checked=True) for name in checked] + [_Part(name, is_checked=False) for name in unchecked]
    lines = [line for part in parts for line in part.lines(traits)]
    return "\n".join(["services:", *lines, ""]) if lines else ""


class _Part(Struct, frozen=True):
    name: str
    is_checked: bool

    def lines(self, traits: EngineTraits) -> Iterator[str]:
        wanted = []
        if self.is_checked and not traits.has_start_interval:
            wanted.append(f"    healthcheck: {{interval: {_INTERVAL_SECONDS}s, start_interval: !reset null}}")
        if not traits.has_local_logs:
            wanted.append("    logging: !reset null")
        if wanted:
            yield f"  {self.name}:"
            yield from wanted
