"""Tiny real wheels, made in memory, and a cache in a temporary folder."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64
from packer.store.cache import DiskCache
from packer.wheels.archive import WheelArchive
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Wheel
from packer.wheels.target import Target

MakeWheel = Callable[..., Path]


def hash_of(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def wheel_bytes(
    files: Mapping[str, bytes],
    *,
    name: str = "demo",
    version: str = "1.0",
    entry_points: str = "",
    requires: tuple[str, ...] = (),
    record: Mapping[str, str] | None = None,
    executable: tuple[str, ...] = (),
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A wheel; `record` replaces the hashes of the files it names."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {line}\n" for line in requires)
    content = {
        **files,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        content[f"{info}/entry_points.txt"] = entry_points.encode()
    hashes = {path: hash_of(body) for path, body in content.items()} | dict(record or {})
    rows = [f"{path},{value},{len(content[path])}" for path, value in hashes.items() if path in content]
    content[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for path, body in content.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = (0o100755 if path in executable else 0o100644) << 16
            member.compress_type = compression
            archive.writestr(member, body)
    return stream.getvalue()


@pytest.fixture
def make_wheel(tmp_path: Path) -> MakeWheel:
    """Writes a wheel's bytes to a file under its own name."""

    def make(
        files: Mapping[str, bytes], *, name: str = "demo", version: str = "1.0", tag: str = "py3-none-any", **more
    ):
        folder = tmp_path / "wheels"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}-{version}-{tag}.whl"
        path.write_bytes(wheel_bytes(files, name=name, version=version, **more))
        return path

    return make


@pytest.fixture
def opened(make_wheel: MakeWheel) -> Callable[..., WheelArchive]:
    def open_wheel(files: Mapping[str, bytes], **more) -> WheelArchive:
        path = make_wheel(files, **more)
        return WheelArchive(path, path.name)

    return open_wheel


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def in_cache(make_wheel: MakeWheel, cache: DiskCache) -> Callable[..., Wheel]:
    """A wheel that the cache holds, as a lock would name it."""

    def put(files: Mapping[str, bytes], *, name: str = "demo", version: str = "1.0", **more) -> Wheel:
        direct = more.pop("direct", False)
        path = make_wheel(files, name=name, version=version, **more)
        with path.open("rb") as stream:
            digest = cache.add(stream)
        size = path.stat().st_size
        return Wheel(name=name, version=version, filename=path.name, digest=digest, size=size, urls=(), direct=direct)

    return put


@pytest.fixture
def environment() -> VirtualEnvironment:
    return VirtualEnvironment(python="3.13", interpreter="/usr/bin/python3.13", python_full="3.13.5")


@pytest.fixture
def target() -> Target:
    return Target(python="3.13", platform=LINUX_AMD64, glibc=(2, 41), python_full="3.13.5")


@pytest.fixture
def fetcher(cache: DiskCache):
    fetcher = WheelFetcher(cache, None)
    yield fetcher
    fetcher.close()


@pytest.fixture
def digest() -> Digest:
    return Digest.of(b"some wheel")
