"""uv: the resolver and wheel builder, run as a command that comes with pack."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct, field

from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.process import Finished, run
from packer.wheels.indexes import Indexes, indexes
from packer.wheels.uv_configuration import is_configured, lasting_files

__all__ = ["BUILD_CONSTRAINTS", "Uv", "find_uv"]

BUILD_CONSTRAINTS = ("", "setuptools<81", "setuptools<58", "setuptools<46")
"""What to ask of build requirements, one after the other, until a source builds: pins that are years old want an older
setuptools, with `pkg_resources` (gone since 81), `use_2to3` (since 58) or `Feature` (since 46)."""

_LONGEST = 1800.0
"""Seconds: a source distribution may be a compiler's half hour."""
_SHORT = 60.0
"""Seconds, for what uv answers without a network."""
_RECORD = "uv-index"
_UNWANTED = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PYTHON", "UV_SYSTEM_PYTHON",
                       "UV_PROJECT", "UV_WORKING_DIR", "UV_TORCH_BACKEND", "UV_NO_BUILD"})  # fmt: skip
"""Variables about the environment that pack runs in, which has nothing to do with the image's."""


def find_uv() -> str:
    """The uv that pack was installed with. Raises `BuildError` when it is gone."""
    from uv import find_uv_bin  # noqa: PLC0415 (only a cold build needs it)

    try:
        return find_uv_bin()
    except FileNotFoundError as cause:
        raise BuildError(
            "uv is not installed where pack is", hint="install pack again, with its dependencies"
        ) from cause


class Uv(Struct, frozen=True, kw_only=True):
    """How to run uv.

    Attributes:
        environment: the user's environment variables.
        indexes: the package indexes, and what stands for pip's settings.
        offline: use nothing but uv's own cache.
        command: the binary; the one that pack was installed with when empty.
        cache: remembers what the binary says of itself; None to ask it each time.
    """

    environment: Mapping[str, str]
    indexes: Indexes
    offline: bool = False
    command: tuple[str, ...] = field(default=())
    cache: BlobCache | None = None

    @classmethod
    def of_user(
        cls,
        environment: Mapping[str, str],
        *,
        extra: tuple[str, ...] = (),
        offline: bool = False,
        cache: BlobCache | None = None,
    ) -> Uv:
        """The uv for a user's environment variables, and the index URLs that the project's files name."""
        return cls(environment=environment, indexes=indexes(environment, extra=extra), offline=offline, cache=cache)

    def run(
        self, arguments: Sequence[str], *, cwd: Path, stdin: bytes = b"", extra: Mapping[str, str] | None = None
    ) -> Finished:
        """Run a uv command without colours, progress or downloads of interpreters; `extra` variables win."""
        environment = {name: value for name, value in self.environment.items() if name not in _UNWANTED}
        environment.update(self.indexes.environment)
        environment.update({"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", **(extra or {})})
        with tempfile.TemporaryDirectory(prefix="pack-uv-") as folder:
            environment["TMPDIR"] = folder  # it leaves a lock there for every source that setuptools builds
            argv = [
                *(self.command or (find_uv(),)),
                *arguments,
                *("--no-progress", "--color=never"),
                *(("--offline",) if self.offline else ()),
                *self._settings(environment, cwd, Path(folder)),
            ]
            return run(argv, env=environment, cwd=cwd, stdin=stdin, timeout=_LONGEST, secrets=self.indexes.secrets)

    def _settings(self, environment: Mapping[str, str], project: Path, folder: Path) -> tuple[str, ...]:
        """The options that name a file of settings, written to a folder; none where uv has settings already."""
        index = None
        if "--no-index" not in self.indexes.options and not is_configured(environment, project):
            index = self.default_index
        if index is None:
            return ()
        path = folder / "uv.toml"
        path.write_text(lasting_files(index), encoding="utf-8")
        return ("--config-file", str(path))

    @property
    def default_index(self) -> str | None:
        """The address of the index that is asked last, perhaps with credentials; None where uv says nothing of it."""
        return self.indexes.default or self._own_index()

    def _own_index(self) -> str | None:
        """What `_own_index` says: always the same of one binary, and asking it takes as long as a small resolution."""
        command = self.command or (find_uv(),)
        key = _identity(command) if self.cache else None
        if self.cache is None or key is None:
            return _own_index(command)
        known = self.cache.record(_RECORD, key)
        if known is not None:
            return known.decode()
        address = _own_index(command)
        if address is not None:
            self.cache.put_record(_RECORD, key, address.encode())
        return address

    @property
    def python(self) -> tuple[str, ...]:
        """The options that keep uv from looking for, or downloading, another interpreter than the running one."""
        return _running_python()


def _running_python() -> tuple[str, ...]:
    return ("--python", os.fspath(sys.executable), "--no-python-downloads")


def _identity(command: tuple[str, ...]) -> str | None:
    """What changes when the binary does; None for one that cannot be looked at."""
    try:
        status = Path(command[0]).stat()
    except OSError:
        return None
    return Digest.of("\0".join((*command, str(status.st_size), str(status.st_mtime_ns))).encode()).hex


@cache
def _own_index(command: tuple[str, ...]) -> str | None:
    """The address of the index that a uv asks when it is told of none, by its own word; None where it says nothing."""
    arguments = ("pip", "compile", "-", "--emit-index-url", "--no-header", "--no-config", "--offline", "--quiet")
    with tempfile.TemporaryDirectory(prefix="pack-uv-") as folder:
        finished = run(
            [*command, *arguments, *_running_python()],
            env={"HOME": folder, "NO_COLOR": "1"},
            cwd=Path(folder),
            timeout=_SHORT,
        )
    option, _, address = finished.stdout.decode("utf-8", "replace").strip().partition(" ")
    return address if option == "--index-url" and "://" in address else None
