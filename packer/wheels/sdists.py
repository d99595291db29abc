"""Wheels for distributions that come as source only, built by uv in a folder of their own and kept.

A pure wheel serves any target, whatever Python built it; one with native code only a target that this machine equals:
the same Python, processor, and a C library that is not newer than the image's.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from msgspec import Struct

from packer.errors import ArchiveError, BuildError, PackError
from packer.oci.digest import Digest
from packer.regex import regex
from packer.store.cache import BlobCache
from packer.system.process import Finished
from packer.wheels.archive import WheelArchive
from packer.wheels.checkout import check_out, lay_archive
from packer.wheels.explain import explain, last_error, wants_older_setuptools
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import SourceOnly, Wheel
from packer.wheels.target import Target
from packer.wheels.uv import BUILD_CONSTRAINTS, Uv

__all__ = ["SourceTools", "build_wheels"]

_VERSION = "1"
_RECORD = "built-wheel"
_PYTHON_TAG = regex(r"-cp3(\d{1,2})-cp3")
_WITHOUT_NATIVE_CODE = {
    "CC": "false",
    "CXX": "false",
    "AIOHTTP_NO_EXTENSIONS": "1",
    "FROZENLIST_NO_EXTENSIONS": "1",
    "MSGPACK_PUREPYTHON": "1",
    "MULTIDICT_NO_EXTENSIONS": "1",
    "WRAPT_INSTALL_EXTENSIONS": "false",
    "YARL_NO_EXTENSIONS": "1",
}
"""Many old distributions (MarkupSafe, SQLAlchemy, simplejson) only speed themselves up with C and go without it when
there is no compiler; newer ones ask to be told."""
_REPLACEMENTS = {
    "psycopg2": "psycopg2-binary",
    "mysqlclient": "PyMySQL",
    "mysql-python": "PyMySQL",
    "uwsgi": "gunicorn, which pack adds by itself",
    "pycrypto": "pycryptodome",
    "sklearn": "scikit-learn",
}
"""What to use instead of distributions that people meet without a wheel most often."""


class SourceTools(Struct, frozen=True, kw_only=True):
    """What building needs: a cache, something that fetches archives, and uv."""

    cache: BlobCache
    fetcher: WheelFetcher
    uv: Uv


def build_wheels(sources: Sequence[SourceOnly], target: Target, tools: SourceTools) -> tuple[Wheel, ...]:
    """A wheel for each source, in order; from the cache when it was built before.

    Building runs the distribution's own code as the user, as `pip install` would.

    Raises:
        BuildError: one does not build, or what it gives does not fit the target. It names the distribution and says
            what to do.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="build-wheel") as threads:
        return tuple(threads.map(partial(_wheel, target=target, tools=tools), sources))


def _wheel(source: SourceOnly, *, target: Target, tools: SourceTools) -> Wheel:
    identity = str(source.digest) if source.digest else f"{source.url} {source.revision}"
    parts = (_VERSION, identity, source.subdirectory or "", *target.key)
    key = Digest.of("\0".join(parts).encode()).hex
    known = _known(tools.cache, key, source)
    if known is not None:
        return known
    with tempfile.TemporaryDirectory(prefix="pack-build-") as name:
        folder = Path(name).resolve()
        built = _Workshop(source, target, tools, folder).build()
        with built.open("rb") as stream:
            digest = tools.cache.add(stream)
        size = built.stat().st_size
    record = {"filename": built.name, "digest": str(digest), "size": size}
    tools.cache.put_record(_RECORD, key, json.dumps(record).encode())
    return _as_wheel(source, built.name, digest, size)


def _known(cache: BlobCache, key: str, source: SourceOnly) -> Wheel | None:
    record = cache.record(_RECORD, key)
    if record is None:
        return None
    try:
        content = json.loads(record)
        digest, filename, size = Digest.parse(content["digest"]), str(content["filename"]), int(content["size"])
    except (ValueError, KeyError, TypeError, ArchiveError):
        return None
    return _as_wheel(source, filename, digest, size) if cache.path(digest) is not None else None


def _as_wheel(source: SourceOnly, filename: str, digest: Digest, size: int) -> Wheel:
    version = source.version or filename.split("-")[1]
    return Wheel(
        name=source.name,
        version=version,
        filename=filename,
        digest=digest,
        size=size,
        urls=(),
        direct=source.direct,
    )


class _Workshop(Struct, frozen=True):
    """One source, and the folder that its wheel is built in."""

    source: SourceOnly
    target: Target
    tools: SourceTools
    folder: Path

    def build(self) -> Path:
        """The wheel's file: as its authors mean it, else without its native code where that is optional."""
        place, variables = self._place(), self._variables()
        built = self._attempt(place, variables)
        if isinstance(built, Path) and self._fits(built.name):
            return built
        pure = self._attempt(place, {**variables, **_WITHOUT_NATIVE_CODE})
        if isinstance(pure, Path):
            pure = _named_for_content(pure)
            if self._fits(pure.name):
                return pure
        if isinstance(built, Finished):
            raise _refusal(self.source, self.target, built)
        reason = f"it has native code, and the wheel built here ({built.name}) does not fit"
        raise _unbuildable(self.source, self.target, reason)

    def _place(self) -> Path:
        if self.source.kind == "git":
            return check_out(self.source, self.folder, self.tools.uv.environment)
        return lay_archive(self.source, self.tools.fetcher.source(self.source), self.folder)

    def _attempt(self, place: Path, variables: Mapping[str, str]) -> Path | Finished:
        """The wheel, or how the last command failed."""
        output = self.folder / "wheels"
        finished = None
        for python in self._interpreters():
            for constraints in self._build_constraints():
                shutil.rmtree(output, ignore_errors=True)
                options = (*python, *constraints, *self.tools.uv.indexes.options)
                arguments = ("build", "--wheel", *options, "--out-dir", str(output), str(place))
                finished = self.tools.uv.run(arguments, cwd=self.folder, extra=variables)
                wheels = sorted(output.glob("*.whl"))
                if finished.status == 0 and wheels:
                    return wheels[0]
                if not wants_older_setuptools(finished):
                    break
        assert finished is not None
        return finished

    def _interpreters(self) -> tuple[tuple[str, ...], ...]:
        """The target's Python where this machine has it, then the running one, which serves for pure wheels."""
        return (("--python", self.target.python, "--no-python-downloads"), self.tools.uv.python)

    def _build_constraints(self) -> Iterator[tuple[str, ...]]:
        limits = self.folder / "build-constraints.txt"
        for wish in BUILD_CONSTRAINTS:
            limits.write_text(f"{wish}\n", encoding="utf-8")
            yield ("--build-constraints", str(limits)) if wish else ()

    def _variables(self) -> dict[str, str]:
        """Wheels carry the time of their files; setuptools_scm asks for a history that a checkout has not."""
        version = self.source.version
        variables = {"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0"}
        return {**variables, "SETUPTOOLS_SCM_PRETEND_VERSION": version} if version else variables

    def _fits(self, filename: str) -> bool:
        """Whether the wheel fits the target: its tags, and for native code this machine's C library."""
        from packaging.utils import InvalidWheelFilename, parse_wheel_filename  # noqa: PLC0415 (slow, rarely needed)

        try:
            tags = parse_wheel_filename(filename)[3]
        except InvalidWheelFilename as cause:
            what = f"the source of {self.source.name} builds something that is no wheel: {filename!r}"
            raise BuildError(what) from cause
        pure = all(tag.platform == "any" for tag in tags)
        return not tags.isdisjoint(self.target.tags()) and (pure or _here(self.target))


def _named_for_content(wheel: Path) -> Path:
    """Some set-up scripts tag a wheel for a platform although they left all native code out."""
    archive = WheelArchive(wheel, wheel.name)
    native = any(name.endswith(".so") or ".so." in name for name in archive.members)
    parts = wheel.stem.split("-")
    return wheel if native else wheel.rename(wheel.with_name(f"{'-'.join(parts[:2])}-py3-none-any.whl"))


def _here(target: Target) -> bool:
    """Whether native code built on this machine runs on the target."""
    name, version = platform.libc_ver()
    numbers = re.findall(r"\d+", version)[:2]
    glibc = tuple(int(number) for number in numbers)
    same_machine = platform.system() == "Linux" and platform.machine() == target.machine
    return same_machine and name == "glibc" and glibc <= target.glibc


def _refusal(source: SourceOnly, target: Target, finished: Finished) -> PackError:
    error = explain(finished, doing=f"build {source.name}", where=source.name, locked=False)
    if not isinstance(error, BuildError):
        return error
    return _unbuildable(source, target, last_error(finished.stderr) or error.what)


def _unbuildable(source: SourceOnly, target: Target, reason: str) -> BuildError:
    label = f"{source.name} {source.version}".rstrip()
    wanted = f"Python {target.python} on {target.platform}"
    return BuildError(
        f"{label} has no wheel for {wanted}, and its source gives none here: {reason}",
        where=source.name,
        hint=_advice(source, target),
    )


def _advice(source: SourceOnly, target: Target) -> str:
    pythons = sorted({int(minor) for name in source.wheels for minor in _PYTHON_TAG.findall(name)})
    advice = []
    if pythons and f"3.{pythons[-1]}" != target.python:
        advice.append(f"choose a Python that it has wheels for (--python 3.{pythons[-1]})")
    replacement = _REPLACEMENTS.get(source.name)
    if replacement:
        advice.append(f"use {replacement}")
    else:
        advice.append("choose a version of it that has wheels")
    advice.append("or build with a container engine, which can compile it")
    return ", ".join(advice)
