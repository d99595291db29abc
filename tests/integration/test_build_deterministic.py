"""Same inputs, same digest: whoever builds, wherever, whenever, with whatever around."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
NOBODY = 64321
"""A user that no machine knows by name."""
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
MODULES = os.pathsep.join([str(SAMPLE.parent), sysconfig.get_path("purelib")])


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to build the same thing."""

    umask: str = "022"
    environment: Mapping[str, str] = field(default_factory=dict)
    reverse: bool = False
    age: int = 0
    words: tuple[str, ...] = ()


WAYS = {
    "a strict umask": Way(umask="077"),
    "an open umask": Way(umask="000"),
    "another locale": Way(environment={"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}),
    "the C locale": Way(environment={"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "another time zone": Way(environment={"TZ": "Pacific/Kiritimati"}),
    "another hash seed": Way(environment={"PYTHONHASHSEED": "4242"}),
    "no hash seed": Way(environment={"PYTHONHASHSEED": "random"}),
    "older files, made in another order": Way(age=400_000_000, reverse=True),
    "files of the future": Way(age=-400_000_000),
    "optimised Python": Way(environment={"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"}),
    "other tools' settings": Way(environment={"PYTHONPATH": "/nowhere", "VIRTUAL_ENV": "/nowhere", "CI": "1"}),
    "its platform named": Way(words=("--platform", f"linux/{os.uname().machine}")),
    "its locks enforced": Way(words=("--frozen",)),
}


@pytest.fixture(scope="module")
def locked(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample application with its base pinned."""
    folder = tmp_path_factory.mktemp("locked") / "shop"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    done = pack("lock", folder, "--platform", f"linux/{os.uname().machine}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def expected(pack: PackCommand, locked: Path) -> str:
    """The digest that every way must come to."""
    return _digest(pack("build", locked))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nothing_around_the_project_changes_the_digest(way, locked, expected, tmp_path):
    folder = _copy(locked, tmp_path / "elsewhere" / "with a space" / "shop", way)
    memory = tmp_path / "memory"
    pack = PackCommand(memory=memory, more={"HOME": str(tmp_path), **way.environment})

    built = subprocess.run(
        ["sh", "-c", 'umask "$1"; shift; exec "$@"', "sh", way.umask, *_command("build", str(folder), *way.words)],
        check=False,
        capture_output=True,
        text=True,
        env=pack.environment,
        stdin=subprocess.DEVNULL,
    )

    assert _digest(built) == expected


def test_a_user_without_privilege_or_name_gets_the_same_image(locked, expected, private_folder):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    python = _python_for_all()
    folder = _copy(locked, private_folder / "shop", Way())
    for path in (private_folder, *private_folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    more = {"HOME": str(private_folder), "PYTHONPATH": MODULES}
    pack = PackCommand(memory=private_folder / "memory", more=more)

    built = subprocess.run(
        [*AS_NOBODY, python, "-m", "packer", "build", folder],
        check=False,
        capture_output=True,
        text=True,
        env=pack.environment,
        cwd=private_folder,
        stdin=subprocess.DEVNULL,
    )

    assert _digest(built) == expected


def test_the_order_of_platforms_changes_nothing(pack, locked):
    plain = shutil.copytree(locked, locked.parent / "plain")
    done = pack("lock", plain, "--platform", "linux/amd64", "--platform", "linux/arm64")
    assert done.returncode == 0, done.stderr

    one, other = (
        _digest(pack("build", plain, "--platform", first, "--platform", second))
        for first, second in (("linux/amd64", "linux/arm64"), ("linux/arm64", "linux/amd64"))
    )

    assert one == other


def test_the_time_of_the_source_is_an_input_and_the_clock_is_not(pack, locked, expected):
    dated = [
        _digest(PackCommand(memory=pack.memory, more={"SOURCE_DATE_EPOCH": moment})("build", locked))
        for moment in ("1700000000", "1700000000", "0")
    ]

    assert dated[0] == dated[1] != expected
    assert dated[2] == expected


@pytest.fixture
def private_folder() -> Iterator[Path]:
    """A folder whose parents everybody may enter, which pytest's own are not."""
    folder = Path("/var/tmp") / f"pack-test-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "packer", *words]


def _digest(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().rpartition("@")[2]


def _copy(source: Path, target: Path, way: Way) -> Path:
    """A copy that is made file by file, in an order of its own."""
    for path in sorted((path for path in source.rglob("*") if path.is_file()), reverse=way.reverse):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        moment = 1_750_000_000 - way.age
        os.utime(copied, (moment, moment))
    return target


def _python_for_all() -> str:
    """A Python like this one that users without privilege may run, too: this one may be in root's home."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        program = "import os, sys; os.stat(os.path.realpath(sys.executable)); import isal, packer.cli.main"
        tried = subprocess.run(
            [*AS_NOBODY, python, "-c", program],
            check=False,
            capture_output=True,
            cwd="/",
            env={"PYTHONPATH": MODULES, "PATH": os.environ["PATH"]},
        )
        if tried.returncode == 0:
            return python
    pytest.skip("no Python here lets users without privilege import pack")
