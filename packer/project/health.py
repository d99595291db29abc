"""What a health check may ask: routes that answer for the process alone, static files, plain pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packer.project.code.program import Program
from packer.project.folders import files_under
from packer.project.model import HealthRoute, StaticFolder
from packer.project.routing.purity import Purity
from packer.project.routing.routes import Route
from packer.regex import regex

__all__ = ["find_health"]

_HEALTH = (
    "healthz", "livez", "live", "liveness", "health", "_health", "__health__", "healthcheck", "health-check",
    "health_check", "ping", "up", "alive", "heartbeat", "__heartbeat__", "__lbheartbeat__", "status", "_status",
    "ready", "readyz", "readiness",
)  # fmt: skip
"""Last parts of health-like URL paths, the ones that speak for the process before those that speak for its services."""

_STABLE_FILES = (r"favicon\.(ico|png|svg)", r"robots\.txt", r".+\.svg", r".+\.ico", r".+\.css", r".+\.png", r".+\.js")
_PLAIN_PATH = regex(r"[A-Za-z0-9/_.~-]+")
_FINGERPRINT = regex(r"[.-][0-9a-f]{8,}[.-]|\.map$")
_MAX_DEPTH = 4
_MAX_EACH = 5


def find_health(program: Program, routes: Sequence[Route], static: Sequence[StaticFolder]) -> tuple[HealthRoute, ...]:
    """The paths worth asking, best first.

    A health route that asks a database comes last: a container must not be restarted because its database is away.
    """
    purity = Purity(program)
    asked = [route for route in routes if _PLAIN_PATH.fullmatch(route.url)]
    ranked = sorted(
        (rank, route.url.count("/"), number) for number, route in enumerate(asked) if (rank := _rank(route)) is not None
    )
    alike = [asked[number] for *_, number in ranked]
    pure = [route for route in alike if purity.is_pure(route)]
    plain = [route for route in asked if route not in alike and purity.is_pure(route)] if purity.hooks_are_pure else []
    plain.sort(key=lambda route: (route.url.count("/"), len(route.url)))
    found = [
        *(HealthRoute(url=route.url, kind="health", evidence=(route.evidence,)) for route in pure),
        *_static_file(program, static),
        *(HealthRoute(url=route.url, kind="plain", evidence=(route.evidence,)) for route in plain[:_MAX_EACH]),
        *(
            HealthRoute(url=route.url, kind="health", evidence=(route.evidence,))
            for route in alike
            if route not in pure
        ),
    ]
    first: dict[str, HealthRoute] = {}
    for one in found:
        first.setdefault(one.url, one)
    return tuple(first.values())


def _rank(route: Route) -> int | None:
    """The place of a health-like route among its kind, None for any other route."""
    parts = route.url.strip("/").lower().split("/")
    if len(parts) > _MAX_DEPTH or parts[-1] not in _HEALTH:
        return None
    return _HEALTH.index(parts[-1])


def _static_file(program: Program, static: Sequence[StaticFolder]) -> Iterator[HealthRoute]:
    """One static file that is likely to stay: small kinds first, then short names."""
    choices: list[tuple[int, int, str, StaticFolder]] = []
    paths = program.tree.paths
    for folder in static:
        for path in files_under(paths, folder.path):
            inner = path.removeprefix(f"{folder.path}/")
            if not _PLAIN_PATH.fullmatch(inner) or _FINGERPRINT.search(inner):
                continue
            name = inner.rpartition("/")[2].lower()
            kind = next((n for n, pattern in enumerate(_STABLE_FILES) if re.fullmatch(pattern, name)), None)
            if kind is not None and not name.startswith("."):
                choices.append((kind, len(inner), inner, folder))
    if choices:
        *_, inner, folder = min(choices, key=lambda choice: choice[:3])
        yield HealthRoute(url=f"{folder.url}/{inner}", kind="static", evidence=folder.evidence)
