"""How long BuildKit takes with pack's generated Dockerfile, beside an expert's own in the same run, and both images.

    python benchmarks/engine.py [--runs 5]

Run by hand, from an environment that pack is installed in, as root on Debian. Both stand on the same base and compile
bytecode of the dependencies; pack's Dockerfile compiles the project's, too, so `expert-compiled` does the same work.
What the expert's file below lacks of pack's (health check, labels) is metadata, which takes no time. Prints a Markdown
table of medians of `docker buildx build`, without pack's own time; progress goes to stderr. The two take turns.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from contenders import AUTHORITIES, Pack
from measure import Measurement, median, run
from projects import ADDED, add_distribution, change_one_line, copy_sample

from tests.testbed import engines
from tests.testbed.daemon import Daemon, running_daemon
from tests.testbed.stand_ins import PYTHON, docker, make_stand_ins

UV = Path(sys.executable).with_name("uv")
EXPERT = f"""\
FROM {PYTHON} AS builder
RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=ca \\
    PIP_CERT=/run/secrets/ca pip install uv
WORKDIR /app
ENV CONTENDER={{name}} UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=/app/.venv
RUN --mount=type=cache,target=/root/.cache/uv,id={{name}} --mount=type=secret,id=ca \\
    --mount=type=bind,source=requirements.txt,target=requirements.txt \\
    uv venv /app/.venv \\
 && SSL_CERT_FILE=/run/secrets/ca uv pip install --require-hashes -r requirements.txt

FROM {PYTHON}
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
COPY --from=builder /app/.venv /app/.venv
COPY . .
{{compiled}}USER 65532:65532
EXPOSE 8000
ENTRYPOINT ["python", "-m", "gunicorn", "--bind=0.0.0.0:8000", "wsgi:app"]
"""
COMPILED = "RUN python -m compileall -qq --invalidation-mode unchecked-hash guestbook wsgi.py\n"
"""What makes an expert's image start as fast as pack's: the project's own bytecode.

Nothing is shared: a cache and a name for each, or the second would find what the first has made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A project with a Dockerfile, and how that is brought up to date with the project."""

    name: str
    project: Path
    refresh: Callable[[], object]

    @property
    def tag(self) -> str:
        """Its image."""
        return f"bench/{self.name}"

    def build(self, engine: Daemon) -> Measurement:
        """Let the engine build it."""
        secret = ["--secret", f"id=ca,src={AUTHORITIES}"] if AUTHORITIES.exists() else []
        words = [engine.client, "buildx", "build", "--quiet", *secret, "-t", self.tag, "."]
        return run(words, environment=engine.environment, folder=self.project)


def main() -> None:
    """Build by turns and print the table."""
    runs = _runs()
    with tempfile.TemporaryDirectory(prefix="pack-bench-") as name, running_daemon(engines.CLASSIC) as engine:
        make_stand_ins(engine)
        contenders = list(_contenders(Path(name)))
        print(f"| what | {' | '.join(one.name for one in contenders)} |\n|---|{'---|' * len(contenders)}")
        for what, change in (("one line of code changed", _line), ("one dependency added", _dependency)):
            print(f"| {what} | {' | '.join(_rounds(engine, contenders, change, runs, what))} |", flush=True)
        sizes = [int(docker(engine, "image", "inspect", "--format", "{{.Size}}", one.tag)) for one in contenders]
        print(f"| image, unpacked | {' | '.join(f'{size / 1e6:.1f} MB' for size in sizes)} |")


def _runs() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    return int(parser.parse_args().runs)


def _contenders(folder: Path) -> Iterator[Contender]:
    for name, compiled in (("expert", ""), ("expert-compiled", COMPILED)):
        project = copy_sample(_place(folder, name))
        (project / "Dockerfile").write_text(EXPERT.format(compiled=compiled, name=name))
        yield Contender(name=name, project=project, refresh=lambda: None)
    project = copy_sample(_place(folder, "pack"))
    for left in ("Dockerfile", ".dockerignore"):
        (project / left).unlink()
    (project / "pack.toml").write_text("[dockerfile]\nsyntax = false\n")
    pack = Pack(memory=folder / "memory")
    yield Contender(
        name="pack", project=project, refresh=lambda: pack.command("generate", "dockerfile", project=project)
    )


def _place(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place / "shop"


def _rounds(
    engine: Daemon, contenders: list[Contender], change: Callable[[list[Contender], int], None], runs: int, what: str
) -> list[str]:
    """The medians, after one round that does not count."""
    measured: list[list[Measurement]] = [[] for _ in contenders]
    for turn in range(runs + 1):
        print(f"{what}: {turn}/{runs}", file=sys.stderr)
        change(contenders, turn)
        for found, contender in zip(measured, contenders, strict=True):
            contender.refresh()
            found.append(contender.build(engine))
    return [f"{median(found[1:]):.2f} s" for found in measured]


def _line(contenders: list[Contender], turn: int) -> None:
    for contender in contenders:
        change_one_line(contender.project, turn)


def _dependency(contenders: list[Contender], turn: int) -> None:
    first, *others = (contender.project for contender in contenders)
    add_distribution(first, ADDED[turn], uv=UV)
    for other in others:
        for name in ("requirements.in", "requirements.txt"):
            shutil.copyfile(first / name, other / name)


if __name__ == "__main__":
    main()
