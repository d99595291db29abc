"""What building a source needs of other distributions, by PEP 518, and the environment that holds it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.build.compilation.foreign_files import read_foreign
from packer.build.workshop import Workshop
from packer.errors import BuildError, LockError
from packer.oci.entry import Content, Entry, EntryKind
from packer.regex import regex
from packer.system.files import disk_errors
from packer.wheels.archive import WheelArchive
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.explain import explain
from packer.wheels.fetch import WheelFetcher
from packer.wheels.install import lay_out
from packer.wheels.model import Wheel
from packer.wheels.select import parse_lock, select
from packer.wheels.target import Target
from packer.wheels.toml import parse_toml

__all__ = ["BuildSystem", "checked_requirements", "install_wheels", "read_build_system", "resolve_wheels"]

_LARGEST_PYPROJECT = 4 << 20
_LEGACY = "setuptools.build_meta:__legacy__"
_DEFAULT = ("setuptools>=40.8.0", "wheel")
"""PEP 518, for a project without `[build-system]`."""
_BACKEND = regex(r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*(\.[^\W\d]\w*)*)?")


class BuildSystem(Struct, frozen=True, kw_only=True):
    """What `[build-system]` of a pyproject.toml says.

    Attributes:
        backend: `module:object`.
        backend_path: folders in the source that the back end is in, if it brings its own.
        requires: PEP 508 requirements, checked.
    """

    backend: str
    backend_path: tuple[str, ...]
    requires: tuple[str, ...]


def read_build_system(folder: Path, name: str) -> BuildSystem:
    """The build system of a source.

    Args:
        folder: the unpacked source.
        name: the distribution's, for messages.

    Raises:
        BuildError: its pyproject.toml cannot be read.
    """
    content = read_foreign(folder / "pyproject.toml", limit=_LARGEST_PYPROJECT)
    if content is None:
        return BuildSystem(backend=_LEGACY, backend_path=(), requires=_DEFAULT)
    where = f"pyproject.toml of {name}"
    try:
        table = parse_toml(content, where=where).get("build-system", {})
        requires = checked_requirements(table.get("requires", _DEFAULT), where=where)
        backend, path = table.get("build-backend", _LEGACY), tuple(map(str, table.get("backend-path", ())))
    except (LockError, AttributeError, TypeError) as cause:
        raise BuildError(f"the build system of {name} cannot be read", where=where) from cause
    if not isinstance(backend, str) or not _BACKEND.fullmatch(backend):
        raise BuildError(f"the build back end of {name} has no usable name: {str(backend)[:80]!r}", where=where)
    if backend.startswith("setuptools.") and not any(line.lower().startswith("wheel") for line in requires):
        requires = (*requires, "wheel")  # setuptools before 70 needs it and does not say so
    return BuildSystem(backend=backend, backend_path=path, requires=requires)


def checked_requirements(lines: Any, *, where: str) -> tuple[str, ...]:
    """PEP 508 requirements by name and version. Raises `BuildError` for anything else, above all addresses."""
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (slow to import)

    if not isinstance(lines, list | tuple) or len(lines) > 200 or not all(isinstance(line, str) for line in lines):
        raise BuildError("the build requirements are not a list of texts", where=where)
    try:
        found = [Requirement(line) for line in lines]
    except InvalidRequirement as cause:
        raise BuildError(f"a build requirement cannot be read: {str(cause)[:200]}", where=where) from cause
    for requirement in found:
        if requirement.url:
            raise BuildError(f"the build requirement {str(requirement)[:120]!r} is an address, not a name", where=where)
    return tuple(map(str, found))


def resolve_wheels(
    requirements: Iterable[str],
    constraints: Iterable[str],
    *,
    target: Target,
    workshop: Workshop,
    where: str,
) -> tuple[Wheel, ...]:
    """The wheels that meet requirements on the target: wheels only, nothing is built for a build.

    Raises:
        BuildError: there are none.
        TransientError: the package index does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="pack-resolve-") as name:
        folder = Path(name)
        output, limits = folder / "pylock.toml", folder / "constraints.txt"
        limits.write_text("".join(f"{line}\n" for line in constraints), encoding="utf-8")
        finished = workshop.uv.run(
            [
                *("pip", "compile", "-", "--format", "pylock.toml", "--no-header", "--output-file", str(output)),
                *("--only-binary", ":all:", "--constraints", str(limits)),
                *("--python-version", target.python, "--python-platform", target.uv_platform),
                *workshop.uv.python,
            ],
            cwd=folder,
            stdin="".join(f"{line}\n" for line in requirements).encode(),
        )
        if finished.status:
            raise explain(finished, doing="find what the build needs", where=where, locked=False)
        lock = parse_lock(output.read_bytes(), where=where)
    selection = select(lock, target, direct=frozenset(), folder=Path("/"), where=where)
    if not selection.complete:
        lacking = [(one.name, one.version) for one in selection.source_only]
        lacking += [(one.name, one.version) for one in selection.missing]
        names = ", ".join(f"{name} {version}" for name, version in lacking)
        raise BuildError(f"the build needs {names}, of which there is no wheel", where=where)
    return selection.wheels


def install_wheels(
    wheels: Iterable[Wheel], folder: Path, *, prefix: str, python: str, target: Target, fetcher: WheelFetcher
) -> None:
    """Write a virtual environment with the wheels to an empty folder that will be seen as `prefix`.

    `python` is the interpreter's absolute path where it will be used. Raises what fetching raises, and `ArchiveError`
    for a wheel that breaks its specification.
    """
    environment = VirtualEnvironment(
        python=target.python,
        interpreter=python,
        python_full=target.markers()["python_full_version"],
        prefix=prefix,
    )
    wheels = tuple(wheels)
    fetcher.start(wheels)
    with disk_errors(folder):
        _write_all(environment.entries(), folder, prefix)
        for wheel in wheels:
            layout = lay_out(WheelArchive(fetcher.path(wheel), wheel.filename), environment, direct=False)
            _write_all((*layout.entries, layout.record(())), folder, prefix)


def _write_all(entries: Iterable[Entry], folder: Path, prefix: str) -> None:
    for entry in entries:
        path = folder / entry.path.removeprefix(prefix.lstrip("/")).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind is EntryKind.DIRECTORY:
            path.mkdir(exist_ok=True)
        elif entry.kind is EntryKind.SYMLINK:
            path.symlink_to(entry.target)
        else:
            _write(path, entry)


def _write(path: Path, entry: Entry) -> None:
    with path.open("wb") as sink:
        if isinstance(entry.content, Content):
            with entry.content.open() as source:
                shutil.copyfileobj(source, sink, 1 << 20)
        else:
            sink.write(entry.content)
    path.chmod(entry.mode)
