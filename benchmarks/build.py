"""How long pack takes, beside BuildKit doing the same work in the same run.

    python benchmarks/build.py [--runs 5] [--only WORD] [--without-buildkit]

Run by hand, from an environment that pack is installed in, as root on Debian (BuildKit's base image is made with
mmdebstrap, its engine is a private one). Prints a Markdown table of medians; progress goes to stderr. The two take
turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from contenders import BuildKit, Pack, Size
from measure import Measurement, median
from projects import ADDED, add_distribution, change_one_line, copy_sample, large_wheel_project

from tests.testbed import engines
from tests.testbed.daemon import running_daemon

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: what was done, what pack took, what BuildKit took, and the figure to reach."""

    what: str
    pack: str
    goal: str
    buildkit: str = "-"
    ratio: str = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The two contenders, each with a project of its own, and how often each piece of work is done."""

    folder: Path
    pack: Pack
    buildkit: BuildKit | None
    runs: int

    def project(self, name: str) -> Path:
        """A fresh copy of the sample in a folder of its own."""
        place = self.folder / name
        place.mkdir()
        return copy_sample(place / "shop")

    def compare(
        self, what: str, goal: str, pack: Callable[[int], Measurement], buildkit: Callable[[int], Measurement]
    ) -> Row:
        """Let both do their work in turns, after one round that does not count."""
        mine, theirs = [], []
        for turn in range(self.runs + 1):
            print(f"{what}: {turn}/{self.runs}", file=sys.stderr)
            mine.append(pack(turn))
            if self.buildkit:
                theirs.append(buildkit(turn))
        return _row(what, goal, mine[1:], theirs[1:])


def main() -> None:
    """Run what was chosen and print the table."""
    options = _options()
    print("| what | pack | BuildKit | ratio | to reach |\n|---|---|---|---|---|")
    with _bench(options) as bench:
        for name, scenario in SCENARIOS.items():
            if options.only and options.only not in name:
                continue
            for row in scenario(bench):
                print(f"| {row.what} | {row.pack} | {row.buildkit} | {row.ratio} | {row.goal} |", flush=True)


def unchanged(bench: Bench) -> Iterator[Row]:
    """Building again what was built just now."""
    mine, theirs = bench.project("unchanged-pack"), bench.project("unchanged-buildkit")
    yield bench.compare(
        "nothing changed", "0.25 s", lambda _: bench.pack.build(mine), lambda _: _kit(bench).build(theirs)
    )


def one_line(bench: Bench) -> Iterator[Row]:
    """A line of code more than in the last build."""
    mine, theirs = bench.project("line-pack"), bench.project("line-buildkit")

    def with_pack(turn: int) -> Measurement:
        change_one_line(mine, turn)
        return bench.pack.build(mine)

    def with_buildkit(turn: int) -> Measurement:
        change_one_line(theirs, turn)
        return _kit(bench).build(theirs)

    yield bench.compare("one line of code changed", "0.25 s", with_pack, with_buildkit)


def one_distribution(bench: Bench) -> Iterator[Row]:
    """A distribution more in the lock; the others are at hand, the new one has to be fetched."""
    mine, theirs = bench.project("added-pack"), bench.project("added-buildkit")
    bench.pack.build(mine)
    if bench.buildkit:
        bench.buildkit.build(theirs)

    def with_pack(turn: int) -> Measurement:
        add_distribution(mine, ADDED[turn], uv=UV)
        return bench.pack.build(mine)

    def with_buildkit(_: int) -> Measurement:
        (theirs / "requirements.txt").write_bytes((mine / "requirements.txt").read_bytes())
        return _kit(bench).build(theirs)

    yield bench.compare("one dependency added", "0.9 s", with_pack, with_buildkit)


def cold_dependencies(bench: Bench) -> Iterator[Row]:
    """Only the base is at hand (and gunicorn, which came with it): wheels are fetched, layers made."""
    mine, theirs = bench.project("cold-pack"), bench.project("cold-buildkit")
    base_only = bench.folder / "base-only"
    bench.pack.forget()
    bare = bench.folder / "bare"
    bare.mkdir()
    (bare / "app.py").write_text("import bottle\n\napp = bottle.Bottle()\n")
    (bare / "requirements.txt").write_text("bottle\ngunicorn\n")
    bench.pack.build(bare)
    bench.pack.forget_resolutions()
    bench.pack.keep(base_only)

    def with_pack(_: int) -> Measurement:
        bench.pack.recall(base_only)
        _remove_locks(mine)
        return bench.pack.build(mine)

    def with_buildkit(_: int) -> Measurement:
        _kit(bench).forget()
        return _kit(bench).build(theirs)

    yield bench.compare("dependencies and app cold, base cached", "1.5 s", with_pack, with_buildkit)


def all_cold(bench: Bench) -> Iterator[Row]:
    """Nothing at hand, the network included. BuildKit has no like: its base cannot be pulled here."""
    project = bench.project("all-cold")
    measured = []
    for turn in range(bench.runs):
        print(f"all cold: {turn}/{bench.runs}", file=sys.stderr)
        bench.pack.forget()
        _remove_locks(project)
        measured.append(bench.pack.build(project))
    yield _row("nothing cached at all", "8 s", measured, [])


def sizes(bench: Bench) -> Iterator[Row]:
    """The sample's image."""
    mine, theirs = bench.project("size-pack"), bench.project("size-buildkit")
    pack = bench.pack.size(mine)
    other: Size | None = None
    if bench.buildkit:
        bench.buildkit.build(theirs)
        other = bench.buildkit.size()
    for what, goal, attribute in (("image, unpacked", "110 MB", "unpacked"), ("image, stored", "45 MB", "stored")):
        own = getattr(pack, attribute)
        if other is None:
            yield Row(what=what, pack=_megabytes(own), goal=goal)
        else:
            that = getattr(other, attribute)
            yield Row(what=what, pack=_megabytes(own), buildkit=_megabytes(that), ratio=f"{own / that:.2f}", goal=goal)


def memory(bench: Bench) -> Iterator[Row]:
    """A wheel of 500 MB in the requirements, from a folder on this machine."""
    project, wheels = large_wheel_project(bench.folder / "memory", megabytes=500)
    pack = Pack(memory=bench.folder / "memory-caches", more=(("UV_FIND_LINKS", str(wheels)),))
    measured = pack.build(project)
    yield Row(
        what=f"memory with a 500 MB wheel ({measured.seconds:.1f} s)",
        pack=_megabytes(measured.peak_memory),
        goal="150 MB",
    )


def commands(bench: Bench) -> Iterator[Row]:
    """What must feel instant."""
    project = bench.project("commands")
    for words, goal in ((("--help",), "0.15 s"), (("inspect",), "0.3 s")):
        measured = [bench.pack.command(*words, project=project) for _ in range(bench.runs + 1)]
        yield _row(f"`pack {' '.join(words)}`", goal, measured[1:], [])


UV = Path(sys.executable).with_name("uv")
SCENARIOS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "commands": commands,
    "unchanged": unchanged,
    "line": one_line,
    "distribution": one_distribution,
    "dependencies": cold_dependencies,
    "everything": all_cold,
    "sizes": sizes,
    "memory": memory,
}


@contextmanager
def _bench(options: argparse.Namespace) -> Iterator[Bench]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pack-bench-")))
        buildkit = None
        if not options.without_buildkit:
            engines.fetch(engines.MODERN)
            buildkit = BuildKit(daemon=stack.enter_context(running_daemon(engines.CLASSIC)))
            buildkit.prepare(folder)
        yield Bench(folder=folder, pack=Pack(memory=folder / "caches"), buildkit=buildkit, runs=options.runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, choices=range(1, len(ADDED)), help="how often each is measured")
    parser.add_argument("--only", metavar="WORD", help=f"one scenario: {', '.join(SCENARIOS)}")
    parser.add_argument("--without-buildkit", action="store_true", help="measure pack alone")
    return parser.parse_args()


def _kit(bench: Bench) -> BuildKit:
    if bench.buildkit is None:
        raise AssertionError("asked only when there is one")
    return bench.buildkit


def _row(what: str, goal: str, mine: list[Measurement], theirs: list[Measurement]) -> Row:
    if not theirs:
        return Row(what=what, pack=f"{median(mine):.2f} s", goal=goal)
    ratio = f"{median(mine) / median(theirs):.2f}"
    return Row(what=what, pack=f"{median(mine):.2f} s", buildkit=f"{median(theirs):.2f} s", ratio=ratio, goal=goal)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"


def _remove_locks(project: Path) -> None:
    for name in ("pack.lock", "pylock.toml"):
        (project / name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
