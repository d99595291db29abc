"""A registry that has the project's last image, and a runner with nothing of its own, then one with everything:
pack's shared cache beside BuildKit's inline cache (`--cache-to type=inline`, `--cache-from`) for the same change of
code in the same project.

BuildKit keeps its base images, which would have to be pulled otherwise; pack keeps nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contenders import BuildKit, Pack
from measure import Measurement
from projects import change_one_line, copy_sample

from tests.testbed import engines
from tests.testbed.daemon import running_daemon
from tests.testbed.registry import running_registry

__all__ = ["Turn", "compare"]

_OWN_PYTHON = (("PACK_PYTHON", f"{sys.version_info[0]}.{sys.version_info[1]}"),)
"""A new machine fetches the image's Python to compile the change, unless its own is the same: Debian's 3.11 or 3.13."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A build with its push: time in seconds, requests, bytes to and from the registry."""

    builder: str
    what: str
    seconds: float
    requests: int
    sent: int
    received: int

    def __str__(self) -> str:
        row = (
            self.builder, self.what, f"{self.seconds:.2f} s", str(self.requests),
            f"{self.sent / 1e6:.2f} MB", f"{self.received / 1e6:.2f} MB",
        )  # fmt: skip
        return f"| {' | '.join(row)} |"


def compare(folder: Path, *, with_buildkit: bool) -> Iterator[Turn]:
    """The first build and push, then a line more where everything is and where nothing is, by each builder."""
    yield from _turns("pack", folder / "pack", _Pack(folder / "memory"))
    yield from _turns("pack, own Python", folder / "own", _Pack(folder / "own-memory", more=_OWN_PYTHON))
    if with_buildkit:
        engines.fetch(engines.MODERN)
        with running_daemon(engines.CLASSIC) as daemon:
            kit = BuildKit(daemon=daemon)
            (folder / "bases").mkdir()
            kit.prepare(folder / "bases")
            yield from _turns("BuildKit, inline cache", folder / "buildkit", _Inline(kit))


class _Pack:
    """pack with an own folder for each machine."""

    def __init__(self, memory: Path, *, more: tuple[tuple[str, str], ...] = ()) -> None:
        self._pack = Pack(memory=memory, more=more)

    def build(self, project: Path, reference: str) -> Measurement:
        return self._pack.command("build", "--push", "--quiet", "-t", reference, project=project)

    def forget(self) -> None:
        self._pack.forget()


class _Inline:
    """BuildKit that keeps what it knows in the image, and looks there first."""

    def __init__(self, kit: BuildKit) -> None:
        self._kit = kit

    def build(self, project: Path, reference: str) -> Measurement:
        return self._kit.build_and_push(project, reference)

    def forget(self) -> None:
        self._kit.forget()


def _turns(builder: str, folder: Path, machine: _Pack | _Inline) -> Iterator[Turn]:
    folder.mkdir()
    project = copy_sample(folder / "shop")
    with running_registry(folder=folder / "registry") as registry:
        reference = f"{registry.address}/team/shop:1"

        def turn(what: str) -> Turn:
            registry.traffic.forget()
            took = machine.build(project, reference)
            return Turn(
                builder=builder,
                what=what,
                seconds=took.seconds,
                requests=len(registry.traffic.exchanges),
                sent=registry.traffic.received,
                received=registry.traffic.sent,
            )

        yield turn("first build of the project")
        yield turn("nothing changed, everything here")
        for number in range(3):
            change_one_line(project, number)
            yield turn("code change, everything here")
        for number in range(3, 5):  # the first shows what is made once more, the second what it costs from then on
            machine.forget()
            change_one_line(project, number)
            yield turn("code change, runner with nothing")
