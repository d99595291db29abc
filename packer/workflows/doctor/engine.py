"""The engine, and the commands that drive it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from packer.engine.buildx import find_buildx
from packer.engine.facts import EngineFacts
from packer.errors import EngineError
from packer.oci.platform import Platform
from packer.plan.finding import Finding
from packer.stack.compose import Compose

__all__ = ["buildx_answers", "compose_is_here", "engine_answers", "engine_is_new_enough", "platform_runs"]

_OLDEST_API = (1, 41)
"""Docker Engine 20.10."""
_QUICK_API = (1, 44)
"""Docker Engine 25: the first that checks a container's health more often while it starts."""


def engine_answers(facts: EngineFacts) -> Finding:
    """There is an engine."""
    what = f"version {facts.version} answers at {facts.place}"
    return Finding(area="engine", subject="engine", state="ok", what=what)


def engine_is_new_enough(facts: EngineFacts) -> Finding:
    """It speaks an interface that pack and Compose know."""
    spoken = ".".join(map(str, facts.api))
    if facts.api < _OLDEST_API:
        return Finding(
            area="engine",
            subject="engine's API",
            state="broken",
            what=f"it speaks version {spoken}; a stack needs 1.41, of Docker Engine 20.10, or later",
            fix="install a newer engine: https://docs.docker.com/engine/install/",
        )
    if facts.api < _QUICK_API:
        what = (
            f"it speaks version {spoken}: before 1.44, of Docker Engine 25, a service counts as ready up to 10 s late"
        )
        fix = "a newer engine starts stacks faster"
        return Finding(area="engine", subject="engine's API", state="note", what=what, fix=fix)
    return Finding(area="engine", subject="engine's API", state="ok", what=f"it speaks version {spoken}")


def platform_runs(facts: EngineFacts, wanted: Sequence[Platform]) -> Finding:
    """It runs what is built."""
    own = Platform.normalized(facts.system, facts.architecture)
    names = ", ".join(map(str, wanted))
    if any(own.runs(one) for one in wanted):
        return Finding(area="engine", subject="platform", state="ok", what=f"the engine runs {own}, built is {names}")
    return Finding(
        area="engine",
        subject="platform",
        state="broken",
        what=f"the engine runs {own}, and images are built for {names}",
        fix=f'add "{own}" to platforms under [tool.pack], or use an engine of that kind',
    )


def compose_is_here(compose: Compose) -> Finding:
    """Compose answers, and is not too old: whoever found it has looked."""
    what = f"version {compose.version} ({' '.join(compose.command)})"
    return Finding(area="engine", subject="Compose", state="ok", what=what)


def buildx_answers(environment: Mapping[str, str], *, builder: str | None, wanted: bool) -> Finding:
    """BuildKit, which only the engine builder needs."""
    try:
        found = find_buildx(environment, builder=builder)
    except EngineError as error:
        if wanted:
            return Finding(area="engine", subject="buildx", state="broken", what=error.what, fix=error.hint)
        what = f"{error.what}; pack builds without it"
        return Finding(area="engine", subject="buildx", state="note", what=what)
    what = f"its builder answers ({found.docker} buildx)"
    return Finding(area="engine", subject="buildx", state="ok", what=what)
