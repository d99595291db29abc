"""Wheels for distributions that have only a source: kept ones, pure ones, and those compiled in a build root.

The image needs no compiler, this machine needs none either, and no code of a source distribution that is compiled
sees anything but its own files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path

from packer.build.compilation.compile import Compilation
from packer.build.compilation.foreign_files import open_foreign
from packer.build.workshop import Workshop
from packer.debian.releases import RELEASES
from packer.errors import ArchiveError, BuildError, LockError, SourceError, TransientError, TrustError
from packer.oci.digest import Digest
from packer.plan.base import DEBIAN_GLIBC
from packer.plan.system_packages import build_packages_of
from packer.regex import regex
from packer.wheels.archive import WheelArchive
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import SourceOnly, Wheel
from packer.wheels.sdists import SourceTools, build_wheels
from packer.wheels.target import Target

__all__ = ["build_in_root", "source_wheels"]

_VERSION = "1"
"""Changes when the same source is to be compiled again."""
_RECORD = "compiled-wheel"
_LARGEST_METADATA = 4 << 20
_SEPARATORS = regex(r"[-_.]+")


def source_wheels(
    sources: Sequence[SourceOnly],
    *,
    target: Target,
    release: str | None,
    workshop: Workshop,
    fetcher: WheelFetcher,
) -> tuple[Wheel, ...]:
    """A wheel for each source, in order.

    Tried one after the other: what was made before; a wheel without native code, or one that this machine happens to
    make fit; compiling in a build root. Distributions that are known to link to system libraries are compiled at once.

    Args:
        sources: what to make wheels of.
        target: what they must fit.
        release: the Debian release of the image's base, None for a base of another kind.
        workshop: what to work with.
        fetcher: brings the sources.

    Raises:
        SourceError: a distribution gives no wheel. It names it, says why and what to do.
        BuildError: a source or a wheel is not to be trusted.
        TransientError: the package index or the Debian mirror does not answer.
    """
    make = partial(_wheel, target=target, release=release, workshop=workshop, fetcher=fetcher)
    with ThreadPoolExecutor(2, thread_name_prefix="source-wheel") as threads:
        return tuple(threads.map(make, sources))


def build_in_root(
    source: SourceOnly,
    *,
    target: Target,
    release: str,
    packages: tuple[str, ...],
    workshop: Workshop,
    fetcher: WheelFetcher,
) -> Wheel:
    """Compile a source in a build root of a Debian release, once: the wheel is kept in the cache.

    Args:
        source: the distribution.
        target: what the wheel must fit; its Python and platform must be the release's and this machine's.
        release: codename.
        packages: Debian packages that it needs beside a compiler, above all those with headers.
        workshop: what to work with.
        fetcher: brings the source and what building needs.

    Raises:
        BuildError: it does not compile, the wheel does not fit, or this machine cannot do it.
        TransientError: the package index or the Debian mirror does not answer.
    """
    key = _key(source, target, release, packages)
    known = _known(source, key, workshop)
    if known is not None:
        return known
    refusal = _why_not(target, release, workshop)
    if refusal:
        raise _refused(source, target, refusal)
    compilation = Compilation(
        source=source, target=target, release=release, packages=packages, workshop=workshop, fetcher=fetcher
    )
    with compilation.compiled() as compiled:
        wheel = _kept(compiled.path, source, target, workshop)
    record = {
        "filename": wheel.filename,
        "digest": str(wheel.digest),
        "size": wheel.size,
        "root": compiled.root_key,
        "requirements": compiled.requirements,
    }
    workshop.cache.put_record(_RECORD, key, json.dumps(record).encode())
    return wheel


def _wheel(
    source: SourceOnly, *, target: Target, release: str | None, workshop: Workshop, fetcher: WheelFetcher
) -> Wheel:
    try:
        return _made(source, target=target, release=release, workshop=workshop, fetcher=fetcher)
    except (ArchiveError, LockError, TrustError):
        raise
    except BuildError as error:
        raise SourceError(error.what, distribution=source.name, where=error.where, hint=error.hint) from error


def _made(
    source: SourceOnly, *, target: Target, release: str | None, workshop: Workshop, fetcher: WheelFetcher
) -> Wheel:
    packages = build_packages_of(source.name)
    if release is None:
        return _built_here(source, target, workshop, fetcher)
    compiled = partial(
        build_in_root,
        source,
        target=target,
        release=release,
        packages=packages or (),
        workshop=workshop,
        fetcher=fetcher,
    )
    if _known(source, _key(source, target, release, packages or ()), workshop) is not None:
        return compiled()
    possible = _why_not(target, release, workshop) is None
    if possible and packages is not None:
        return compiled()
    try:
        return _built_here(source, target, workshop, fetcher)
    except TransientError:
        raise
    except BuildError:
        if not possible:
            raise
    return compiled()


def _built_here(source: SourceOnly, target: Target, workshop: Workshop, fetcher: WheelFetcher) -> Wheel:
    tools = SourceTools(cache=workshop.cache, fetcher=fetcher, uv=workshop.uv)
    return build_wheels((source,), target, tools)[0]


def _why_not(target: Target, release: str, workshop: Workshop) -> str | None:
    """Why nothing can be compiled for the target in the release's build root here: one clause."""
    if workshop.host != target.platform:
        here = workshop.host or "a machine that runs no Linux programs"
        return f"compiling for {target.platform} needs such a machine, and this is {here}"
    if release not in RELEASES or RELEASES[release].python != target.python:
        return f"Debian {release} has no Python {target.python} to compile for"
    if DEBIAN_GLIBC[release] > target.glibc:
        return f"the C library of Debian {release} is newer than the base's"
    return None


def _refused(source: SourceOnly, target: Target, reason: str) -> BuildError:
    label = f"{source.name} {source.version}".rstrip()
    return BuildError(
        f"{label} has no wheel for Python {target.python} on {target.platform}, and cannot be compiled: {reason}",
        where=source.name,
        hint=f"choose a version of {source.name} that has a wheel, or another Python (--python)",
    )


def _key(source: SourceOnly, target: Target, release: str, packages: tuple[str, ...]) -> str:
    """What decides the wheel, as far as the user is concerned.

    A newer compiler of the same release does not: a source is compiled once. The record says which build root and
    which requirements took part.
    """
    identity = str(source.digest) if source.digest else f"{source.url} {source.revision}"
    parts = (_VERSION, identity, source.subdirectory or "", release, *target.key, *sorted(packages))
    return Digest.of("\0".join(parts).encode()).hex


def _known(source: SourceOnly, key: str, workshop: Workshop) -> Wheel | None:
    record = workshop.cache.record(_RECORD, key)
    if record is None:
        return None
    try:
        content = json.loads(record)
        digest, filename, size = Digest.parse(content["digest"]), str(content["filename"]), int(content["size"])
    except (ValueError, KeyError, TypeError, ArchiveError):
        return None
    path = workshop.cache.path(digest)
    if path is None or path.stat().st_size != size:
        return None
    return _as_wheel(source, filename, digest, size)


def _kept(path: Path, source: SourceOnly, target: Target, workshop: Workshop) -> Wheel:
    """The wheel in the cache, once it is clear that it is what it should be."""
    version = _checked_filename(path.name, source, target)
    stream = open_foreign(path)
    if stream is None:
        raise BuildError(f"the source of {source.name} builds something that is no file: {path.name!r}")
    with stream:
        digest = workshop.cache.add(stream)
    kept = workshop.cache.path(digest)
    assert kept is not None
    _check_metadata(WheelArchive(kept, path.name), source, version)
    return _as_wheel(source, path.name, digest, kept.stat().st_size)


def _checked_filename(filename: str, source: SourceOnly, target: Target) -> str:
    """The version in a wheel's name. Raises `BuildError` when the name is not the source's or does not fit."""
    from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename  # noqa: PLC0415 (slow)
    from packaging.version import Version  # noqa: PLC0415 (slow to import)

    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as cause:
        raise BuildError(f"the source of {source.name} builds something that is no wheel: {filename!r}") from cause
    if name != canonicalize_name(source.name) or (source.version and version != Version(source.version)):
        raise BuildError(
            f"the source of {source.name} {source.version} builds another distribution: {filename}",
            hint="the index or the repository offers a wrong file: use another version",
        )
    if tags.isdisjoint(target.tags()):
        raise BuildError(f"the source of {source.name} builds {filename}, which does not fit {target.platform}")
    return str(version)


def _check_metadata(archive: WheelArchive, source: SourceOnly, version: str) -> None:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 (slow to import)

    member = next((m for name, m in archive.members.items() if name.endswith(".dist-info/METADATA")), None)
    if member is None or member.size > _LARGEST_METADATA:
        raise BuildError(f"the wheel built for {source.name} has no metadata", where=archive.label)
    headers = BytesHeaderParser().parsebytes(archive.read(member))
    try:
        same = Version(str(headers["Version"])) == Version(version)
    except InvalidVersion:
        same = False
    if not same or _SEPARATORS.sub("-", str(headers["Name"])).lower() != _SEPARATORS.sub("-", source.name).lower():
        raise BuildError(f"the wheel built for {source.name} {version} says that it is another", where=archive.label)


def _as_wheel(source: SourceOnly, filename: str, digest: Digest, size: int) -> Wheel:
    return Wheel(
        name=source.name,
        version=source.version or filename.split("-")[1],
        filename=filename,
        digest=digest,
        size=size,
        urls=(),
        direct=source.direct,
    )
