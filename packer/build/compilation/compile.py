"""One source distribution compiled in a build root: its build back end is run where there is nothing to harm."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from packer.build.compilation.foreign_files import read_foreign, remove_foreign
from packer.build.compilation.remedies import Means, hopeless, remedied
from packer.build.compilation.requirements import (
    BuildSystem,
    checked_requirements,
    install_wheels,
    read_build_system,
    resolve_wheels,
)
from packer.build.debian_foundation import pin_debian
from packer.build.workshop import Workshop
from packer.debian.build_root import BuildRoot, build_packages, build_root_folder, open_build_root
from packer.debian.build_root_sandbox import Mount, run_inside
from packer.errors import BuildError
from packer.plan.base import DEBIAN_PYTHONS
from packer.plan.model import DebianBase
from packer.system.files import disk_errors
from packer.system.process import Finished
from packer.wheels.checkout import check_out, lay_archive
from packer.wheels.explain import last_error
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import SourceOnly, Wheel
from packer.wheels.target import Target

__all__ = ["Compilation", "Compiled"]

_HOOK = Path(__file__).with_name("hook.py")
_SOURCE, _OUTPUT, _TOOLS, _ENVIRONMENT = "/build/source", "/build/output", "/build/tools", "/build/environment"
_LONGEST = 1800.0
"""Seconds that one back end may take: some compile for a quarter of an hour."""
_MOST_ATTEMPTS = 8
_LARGEST_ANSWER = 1 << 20
_EPOCH = "315532800"
"""1980-01-01, the earliest time that a wheel, which is a zip archive, can carry."""


class Compiled(Struct, frozen=True, kw_only=True):
    """A wheel that was made, still in a scratch folder.

    Attributes:
        path: the file; foreign code made it and its name.
        root_key: of the build root that it was made in.
        requirements: the distributions that took part, `name==version`.
    """

    path: Path
    root_key: str
    requirements: tuple[str, ...]


class Compilation(Struct, frozen=True, kw_only=True):
    """What is compiled, for what, and with what.

    Attributes:
        source: the distribution.
        target: what the wheel must fit.
        release: the Debian release whose packages make the build root.
        packages: further Debian packages, above all with headers.
        workshop: what to work with.
        fetcher: brings the source and the wheels that building needs.
    """

    source: SourceOnly
    target: Target
    release: str
    packages: tuple[str, ...]
    workshop: Workshop
    fetcher: WheelFetcher

    @property
    def label(self) -> str:
        """`mysqlclient 2.3.1`."""
        return f"{self.source.name} {self.source.version}".rstrip()

    @contextmanager
    def compiled(self) -> Iterator[Compiled]:
        """The wheel, as long as the block lasts.

        Builds that fail in a way that is known are tried again with what they lack. Raises `BuildError` when it does
        not build, or this machine cannot enter build roots.
        """
        with self._scratch() as pristine:
            place = self._unpack(pristine)
            means = Means(packages=tuple(sorted(set(self.packages))))
            attempts = 0
            while True:
                with self._scratch() as folder:
                    outcome = _Attempt(self, means, folder).outcome(place)
                    if isinstance(outcome, Compiled):
                        yield outcome
                        return
                attempts += 1
                more = remedied(means, outcome.stderr)
                if more is None or attempts == _MOST_ATTEMPTS:
                    raise self._failure(outcome)
                means = more

    def root(self, means: Means) -> BuildRoot:
        """The build root with the packages of `means`."""
        workshop = self.workshop
        lock = pin_debian(
            DebianBase(release=DEBIAN_PYTHONS[self.target.python]),
            self.target.platform.architecture,
            packages=tuple(sorted({*build_packages(self.release), *means.packages})),
            locked=None,
            workshop=workshop,
            refresh=False,
            allow_expired=False,
        )
        return open_build_root(lock, http=workshop.http, cache=workshop.cache, mirrors=workshop.mirrors)

    def unloadable(self, symbol: str) -> BuildError:
        """The error for a wheel that could not be imported."""
        reason = f"it compiles, but cannot be loaded: Python {self.target.python} has no {symbol}"
        return BuildError(f"{self.label}: {reason}", where=self.source.name, hint=self._hint)

    def _failure(self, outcome: Finished) -> BuildError:
        reason = hopeless(outcome.stderr) or last_error(outcome.stderr) or f"exit status {outcome.status}"
        return BuildError(
            f"{self.label} does not compile for Python {self.target.python}: {reason}",
            where=self.source.name,
            hint=self._hint,
        )

    @property
    def _hint(self) -> str:
        return f"choose a version of {self.source.name} that has a wheel, or another Python (--python)"

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        parent = build_root_folder(self.workshop.cache)
        with disk_errors(parent):
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".scratch-", dir=parent))
        try:
            yield folder
        finally:
            remove_foreign(folder)

    def _unpack(self, folder: Path) -> Path:
        if self.source.kind == "git":
            return check_out(self.source, folder, self.workshop.uv.environment)
        archive = replace(self.source, kind="archive")  # an archive is unpacked, whatever it is called
        return lay_archive(archive, self.fetcher.source(self.source), folder)


class _Attempt(Struct, frozen=True):
    """One try, with certain means, in a folder of its own."""

    compilation: Compilation
    means: Means
    folder: Path

    def outcome(self, pristine: Path) -> Compiled | Finished:
        """The wheel, or how the back end failed."""
        compilation = self.compilation
        self._lay(pristine)
        system = read_build_system(pristine, compilation.source.name)
        self._write_request(system)
        root = compilation.root(self.means)
        wheels = self._equip((*system.requires, *self.means.requirements), root)
        asked = self._call("requires", root)
        if asked.status:
            return asked
        more = checked_requirements(self._answer().get("requires", []), where=compilation.label)
        if more:
            wheels = self._equip((*system.requires, *self.means.requirements, *more), root)
        made = self._call("wheel", root)
        if made.status:
            return made
        return Compiled(
            path=self._wheel(),
            root_key=root.key,
            requirements=tuple(f"{wheel.name}=={wheel.version}" for wheel in wheels),
        )

    def _lay(self, pristine: Path) -> None:
        with disk_errors(self.folder):
            shutil.copytree(pristine, self.folder / "source", symlinks=True)
            for name in ("output", "temporary", "tools"):
                (self.folder / name).mkdir()
            (self.folder / "tools" / "hook.py").write_bytes(_HOOK.read_bytes())

    def _write_request(self, system: BuildSystem) -> None:
        request = {"backend": system.backend, "backend_path": list(system.backend_path)}
        with disk_errors(self.folder):
            (self.folder / "tools" / "request.json").write_text(json.dumps(request), encoding="utf-8")

    def _equip(self, requirements: tuple[str, ...], root: BuildRoot) -> tuple[Wheel, ...]:
        """Make the environment that the back end runs in."""
        compilation, place = self.compilation, self.folder / "environment"
        target, workshop = compilation.target, compilation.workshop
        wheels = resolve_wheels(
            requirements, self.means.constraints, target=target, workshop=workshop, where=compilation.label
        )
        shutil.rmtree(place, ignore_errors=True)
        with disk_errors(place):
            place.mkdir()
        install_wheels(
            wheels, place, prefix=_ENVIRONMENT, python=root.python, target=target, fetcher=compilation.fetcher
        )
        return wheels

    def _call(self, task: str, root: BuildRoot) -> Finished:
        return run_inside(
            root.path,
            [f"{_ENVIRONMENT}/bin/python", f"{_TOOLS}/hook.py", task],
            mounts=(
                Mount(source=self.folder / "source", target=_SOURCE, writable=True),
                Mount(source=self.folder / "output", target=_OUTPUT, writable=True),
                Mount(source=self.folder / "temporary", target="/tmp", writable=True),  # noqa: S108 (inside)
                Mount(source=self.folder / "environment", target=_ENVIRONMENT),
                Mount(source=self.folder / "tools", target=_TOOLS),
            ),
            environment=self._variables(),
            cwd=_SOURCE,
            timeout=_LONGEST,
        )

    def _variables(self) -> dict[str, str]:
        """Nothing of the user's own. Times and hashes are fixed, so that the same source gives the same wheel."""
        variables = {
            "PATH": f"{_ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": "/tmp",  # noqa: S108 (inside)
            "TMPDIR": "/tmp",  # noqa: S108 (inside)
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": _EPOCH,
        }
        if self.compilation.source.version:
            variables["SETUPTOOLS_SCM_PRETEND_VERSION"] = self.compilation.source.version
            variables["PBR_VERSION"] = self.compilation.source.version
        if self.means.c_flags:
            variables["CFLAGS"] = " ".join(self.means.c_flags)
        return variables

    def _answer(self) -> dict[str, Any]:
        content = read_foreign(self.folder / "output" / "answer.json", limit=_LARGEST_ANSWER)
        try:
            answer = json.loads(content or b"")
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise BuildError(f"the build back end of {self.compilation.label} left no answer")
        return answer

    def _wheel(self) -> Path:
        answer = self._answer()
        name, symbol = answer.get("wheel"), answer.get("unloadable")
        if symbol is not None:
            raise self.compilation.unloadable(str(symbol)[:200])
        if not isinstance(name, str) or "/" in name or not name.endswith(".whl"):
            raise BuildError(f"the source of {self.compilation.label} builds something that is no wheel")
        return self.folder / "output" / name
