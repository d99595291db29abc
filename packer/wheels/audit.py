"""What the native code in wheels expects of the system: shared libraries that neither wheels nor base bring.

A wheel that links against `libGL.so.1` installs everywhere and fails at import. The dynamic sections say so before.
What a wheel needs and brings is kept per wheel, so a second build opens none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from msgspec import DecodeError, Struct, json

from packer.oci.digest import Digest
from packer.regex import regex
from packer.store.cache import BlobCache
from packer.wheels.archive import Member, WheelArchive
from packer.wheels.elf import ReadAt, read_dynamic
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Wheel

__all__ = ["GLIBC", "MissingLibrary", "missing_libraries", "unexamined"]

GLIBC = frozenset(
    {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libutil.so.1", "libresolv.so.2",
     "libnsl.so.1", "libanl.so.1", "libmvec.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
     "ld-linux.so.2"}
)  # fmt: skip
"""What every glibc brings."""

_VERSION = "2"
_RECORD = "elf"
_WHOLE = 16 * 1024 * 1024
"""Libraries up to this size are unpacked once; larger ones in pieces, which unpacks them from the start each time."""
_MAX_LIBRARIES = 5_000
_AT_ONCE = 2
_NATIVE = regex(r"\.so(?:\.[^/]*)?$|\.data/scripts/[^/]+$")


class MissingLibrary(Struct, frozen=True, kw_only=True):
    """A library that something needs and nothing brings.

    `needed_by` are wheels' file names with the member that asks: `opencv….whl: cv2/cv2.abi3.so`, at most three.
    """

    soname: str
    needed_by: tuple[str, ...]


class _Needs(Struct, frozen=True):
    """What one wheel asks for (soname to the first member that does) and what it brings."""

    needed: dict[str, str]
    brought: frozenset[str]


def missing_libraries(
    wheels: Sequence[Wheel], *, machine: str, fetcher: WheelFetcher, cache: BlobCache, provided: Collection[str] = GLIBC
) -> tuple[MissingLibrary, ...]:
    """The libraries that the base has to bring, by name.

    Args:
        wheels: all that go into the image; what one brings serves all.
        machine: `x86_64` or `aarch64`: libraries for another one (test data, other platforms' tools) do not count.
        fetcher: brings the wheels with native code that were not looked at before.
        cache: remembers what was found.
        provided: sonames that the base is known to have.
    """
    native = [wheel for wheel in wheels if _is_native(wheel)]
    fetcher.start(unexamined(native, machine=machine, cache=cache))
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="audit") as threads:  # unpacking and hashing let others run
        needs = list(
            zip(native, threads.map(lambda wheel: _needs(wheel, machine, fetcher, cache), native), strict=True)
        )
    there = {*provided, *(soname for _, need in needs for soname in need.brought)}
    missing: dict[str, list[str]] = {}
    for wheel, need in needs:
        for soname, member in need.needed.items():
            if soname not in there:
                missing.setdefault(soname, []).append(f"{wheel.filename}: {member}")
    return tuple(MissingLibrary(soname=name, needed_by=tuple(missing[name][:3])) for name in sorted(missing))


def unexamined(wheels: Sequence[Wheel], *, machine: str, cache: BlobCache) -> list[Wheel]:
    """The wheels with native code that were not looked at before."""
    return [one for one in wheels if _is_native(one) and cache.record(_RECORD, _key(one, machine)) is None]


def _is_native(wheel: Wheel) -> bool:
    return not wheel.filename.endswith("-any.whl")


def _key(wheel: Wheel, machine: str) -> str:
    return Digest.of(f"{_VERSION} {machine} {wheel.digest}".encode()).hex


def _needs(wheel: Wheel, machine: str, fetcher: WheelFetcher, cache: BlobCache) -> _Needs:
    key = _key(wheel, machine)
    known = _from_json(cache.record(_RECORD, key))
    if known is None:
        known = _read(WheelArchive(fetcher.path(wheel), wheel.filename), machine)
        cache.put_record(_RECORD, key, json.encode(known, order="deterministic"))
    return known


def _from_json(record: bytes | None) -> _Needs | None:
    try:
        return json.decode(record, type=_Needs) if record else None
    except DecodeError:
        return None


def _read(archive: WheelArchive, machine: str) -> _Needs:
    needed: dict[str, str] = {}
    brought: set[str] = set()
    for member in sorted(_libraries(archive), key=lambda member: member.name)[:_MAX_LIBRARIES]:
        dynamic = read_dynamic(_reader(archive, member))
        if dynamic is None or dynamic.machine != machine:
            continue
        brought.update(filter(None, (member.name.rpartition("/")[2], dynamic.soname)))
        for soname in dynamic.needed:
            needed.setdefault(soname, member.name)
    return _Needs(needed, frozenset(brought))


def _libraries(archive: WheelArchive) -> Iterable[Member]:
    """Members that may be libraries, and programs (uwsgi is one), which need libraries too."""
    return (m for m in archive.members.values() if _NATIVE.search(m.name))


def _reader(archive: WheelArchive, member: Member) -> ReadAt:
    if member.size <= _WHOLE:
        with archive.open(member) as stream:
            content = stream.read()
        return lambda offset, size: content[offset : offset + size]

    def read_at(offset: int, size: int) -> bytes:
        if offset > member.size:
            return b""
        with archive.open(member) as stream:
            _skip(stream, offset)
            return stream.read(size)

    return read_at


def _skip(stream: BinaryIO, size: int) -> None:
    while size > 0:
        part = stream.read(min(size, 1024 * 1024))
        if not part:
            return
        size -= len(part)
