"""What a team's shared cache costs: many runners with nothing of their own, against the registry of the tests.

    python benchmarks/shared_cache.py [--runners 10,100,1000] [--at-once 8] [--without-buildkit]

Every runner is pack's own code (`packer.workflows.shipment`) with an empty cache, building a small image of eight
layers. Prints a Markdown table of requests and bytes for each build, and whether they grow with the number of runners.
Loopback only; a thousand runners take about a minute on two idle cores.
Then one runner with nothing builds the sample application after a change of code, by pack and by BuildKit with its
inline cache, in whole builds: that needs root on Debian, and fetches packages and wheels for the first build.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from team import compare

from tests.testbed.registry import Registry, running_registry
from tests.testbed.runner import Runner

DEPENDENCIES = tuple(f"dependency {number}" for number in range(7))
TOLERATED = 0.05
"""How much dearer a build may be among many than among few, and still count as equally dear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one kind of build costs among so many runners: means of requests, bytes to and from the registry."""

    runners: int
    kind: str
    requests: float
    sent: float
    received: float
    made: float
    seconds: float

    @property
    def moved(self) -> float:
        """Bytes in both directions."""
        return self.sent + self.received

    def __str__(self) -> str:
        row = (
            f"{self.runners:,}", self.kind, f"{self.requests:.1f}", f"{self.sent / 1e3:.1f} kB",
            f"{self.received / 1e3:.1f} kB", f"{self.made:.1f}", f"{self.requests * self.runners:,.0f}",
            f"{self.moved * self.runners / 1e6:.1f} MB", f"{self.seconds:.1f} s",
        )  # fmt: skip
        return f"| {' | '.join(row)} |"


def measured(registry: Registry, kind: str, runners: int, at_once: int, build: Callable[[int], int]) -> Cost:
    """Let so many runners build. `build` is given a runner's number and tells how many layers it made."""
    registry.traffic.forget()
    start = time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        made = list(threads.map(build, range(runners)))
    seconds = time.perf_counter() - start
    return Cost(
        runners=runners,
        kind=kind,
        requests=len(registry.traffic.exchanges) / runners,
        sent=registry.traffic.received / runners,
        received=registry.traffic.sent / runners,
        made=sum(made) / runners,
        seconds=seconds,
    )


def simulate(runners: int, at_once: int, folder: Path) -> list[Cost]:
    """A team with one project: its first build, a code change by each runner, another dependency by each runner."""
    with running_registry() as registry:

        def runner(name: str, build: Callable[[Runner], tuple[str, ...]]) -> int:
            place = folder / name
            try:
                return len(build(Runner(folder=place, registry=registry.address)))
            finally:
                shutil.rmtree(place, ignore_errors=True)

        def first(number: int) -> int:
            return runner(f"first-{number}", lambda one: one.build(DEPENDENCIES, code="0").made)

        def code(number: int) -> int:
            return runner(f"code-{number}", lambda one: one.build(DEPENDENCIES, code=f"{number + 1}").made)

        def dependency(number: int) -> int:
            wishes = (*DEPENDENCIES, f"another {number}")
            return runner(f"dependency-{number}", lambda one: one.build(wishes, code="0").made)

        costs = [
            measured(registry, "first build of the project", 1, 1, first),
            measured(registry, "code change, runner with nothing", runners, at_once, code),
            measured(registry, "one more dependency, runner with nothing", runners, at_once, dependency),
        ]
        entries = sum(tag.startswith("pack-cache-") for tag in registry.contents.repository("team/shop").tags)
        if entries != runners + 1:
            raise SystemExit(f"{runners + 1} entries were written and {entries} are there")
        return costs


def verdict(costs: list[Cost]) -> list[str]:
    """Whether a build costs the same among many runners as among few, so that all together cost in proportion."""
    lines = []
    for kind in dict.fromkeys(cost.kind for cost in costs if cost.runners > 1):
        few, *_, many = [cost for cost in costs if cost.kind == kind]
        growth = max(many.requests / few.requests, many.moved / few.moved) - 1
        word = "linear" if growth <= TOLERATED else "NOT linear"
        lines.append(f"{kind}: {growth:+.1%} a build from {few.runners:,} to {many.runners:,} runners: {word}")
    return lines


def main() -> None:
    """Simulate for each number of runners, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runners", default="10,100,1000", help="numbers of runners, in ascending order")
    parser.add_argument("--at-once", type=int, default=8, help="how many of them build at the same time")
    parser.add_argument("--without-buildkit", action="store_true", help="show pack alone")
    arguments = parser.parse_args()
    costs: list[Cost] = []
    for runners in map(int, arguments.runners.split(",")):
        with tempfile.TemporaryDirectory(prefix="pack-runners-") as folder:
            print(f"{runners} runners …", file=sys.stderr)
            costs += simulate(runners, arguments.at_once, Path(folder))
    print("| runners | build | requests | sent | received | layers made | requests together | bytes together | took |")
    print("|---|---|---|---|---|---|---|---|---|")
    print("\n".join(map(str, costs)))
    print()
    lines = verdict(costs) if len(arguments.runners.split(",")) > 1 else []
    print("\n".join(lines))
    print("\n| builder | build | took | requests | sent | received |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="pack-team-") as folder:
        for turn in compare(Path(folder), with_buildkit=not arguments.without_buildkit):
            print(turn, flush=True)
    if any("NOT" in line for line in lines):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
