"""`pack up` of the built sample until everything is well, and `docker compose up --wait` of the same files, in turn.

    python benchmarks/stack.py [--rounds 3]

Needs what the integration tests need: a private Docker Engine (`python3 tests/run.py` fetches it), whose MariaDB and
nginx are made of Debian's packages. Every round begins with no container and the database's volume as it was.
Prints the medians; the mark is 1.2 times Compose's time or less. Then that of `pack ps`, whose mark is 0.4 s.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import Measurement, median, run
from tests.testbed.daemon import running_daemon
from tests.testbed.engines import CLASSIC
from tests.testbed.pack_command import PackCommand
from tests.testbed.stack import Stack
from tests.testbed.stand_ins import MARIADB, make_stand_ins

SAMPLE = Path(__file__).resolve().parent.parent / "sample_flask_app"
MARK = 1.2
PS_MARK = 0.4


class Bench:
    """The sample, built and generated, once up and down, so that both find the same."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.environment = stack.pack.environment

    def prepare(self) -> None:
        """Have images, secrets and a database that knows its tables."""
        generated = self.stack.pack("generate", "compose", self.stack.folder)
        if generated.returncode:
            raise SystemExit(generated.stderr)
        self.stack.up()
        self.stack.down()

    def pack(self) -> Measurement:
        """Up by pack, which looks for changes first, and finds none."""
        return self._timed([sys.executable, "-m", "packer", "up", "-d"])

    def compose(self) -> Measurement:
        """Up by Compose."""
        words = ["compose", "--file", "compose.yaml", "up", "--detach", "--no-build", "--wait"]
        return self._timed([str(self.stack.engine.client), *words])

    def ps(self, rounds: int) -> float:
        """What `pack ps` takes while the stack is up."""
        self.stack.up()
        command = [sys.executable, "-m", "packer", "ps"]
        return median([run(command, environment=self.environment, folder=self.stack.folder) for _ in range(rounds)])

    def _timed(self, command: list[str]) -> Measurement:
        try:
            return run(command, environment=self.environment, folder=self.stack.folder)
        finally:
            self.stack.down()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as text, running_daemon(CLASSIC) as engine:
        make_stand_ins(engine)
        folder = Path(text) / "guestbook"
        shutil.copytree(SAMPLE, folder)
        (folder / "pack.toml").write_text(f'[mysql]\nimage = "{MARIADB}"\n')
        bench = Bench(Stack.of(folder, engine, PackCommand(memory=Path(text) / "memory", more={"HTTP_PORT": "8080"})))
        bench.prepare()
        pairs = [(bench.pack(), bench.compose()) for _ in range(rounds)]
        ps = bench.ps(rounds)
        bench.stack.down("--volumes", "--yes")
    ours, theirs = (median([pair[which] for pair in pairs]) for which in (0, 1))
    ratio = ours / theirs
    print(f"up until well, median of {rounds}: pack {ours:.2f} s, docker compose up --wait {theirs:.2f} s")
    print(f"pack takes {ratio:.2f} times as long: the mark of {MARK} is {'met' if ratio <= MARK else 'missed'}")
    print(f"pack ps: {ps:.2f} s: the mark of {PS_MARK} s is {'met' if ps <= PS_MARK else 'missed'}")


if __name__ == "__main__":
    main()
