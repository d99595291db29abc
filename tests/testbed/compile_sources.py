"""A program that compiles sources as whoever runs it: `python compile_sources.py CACHE REQUIREMENT…`.

Prints one JSON object by requirement: the wheel's file name and digest, the file, and the Debian packages that have the
libraries that it needs.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from packer.build.source_wheels import source_wheels
from packer.build.workshop import Workshop
from packer.cli.wiring import host_platform
from packer.debian.mirrors import find_mirrors, machine_sources
from packer.oci.platform import Platform
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.system.urllib_http import UrllibHttp
from packer.wheels.audit import missing_libraries
from packer.wheels.fetch import IndexHttp, WheelFetcher
from packer.wheels.model import SourceOnly
from packer.wheels.select import parse_lock, select
from packer.wheels.system_libraries import debian_package
from packer.wheels.target import Target
from packer.wheels.uv import Uv

__all__ = ["TARGET", "compile_requirements", "real_workshop"]

TARGET = Target(python="3.13", platform=Platform.parse("linux/amd64"), glibc=(2, 41))


def real_workshop(cache: Path) -> Workshop:
    """What this machine builds with, on a cache of its own."""
    disk = DiskCache(cache)
    return Workshop(
        http=UrllibHttp(os.environ),
        cache=disk,
        layers=DiskLayerCache(disk),
        uv=Uv.of_user(os.environ),
        mirrors=find_mirrors(None, machine_sources()),
        host=host_platform(),
        now=datetime.now(timezone.utc),
    )


def compile_requirements(cache: Path, requirements: list[str]) -> dict[str, dict[str, object]]:
    """Compile them for trixie; what came of each."""
    workshop = real_workshop(cache)
    fetcher = WheelFetcher(workshop.cache, IndexHttp(workshop.http, workshop.uv.indexes))
    try:
        sources = [_source(workshop, requirement) for requirement in requirements]
        wheels = source_wheels(sources, target=TARGET, release="trixie", workshop=workshop, fetcher=fetcher)
        needs = {
            wheel.filename: sorted(
                {
                    debian_package(library.soname, "trixie") or library.soname
                    for library in missing_libraries(
                        [wheel], machine=TARGET.machine, fetcher=fetcher, cache=workshop.cache
                    )
                }
            )
            for wheel in wheels
        }
        return {
            requirement: {
                "filename": wheel.filename,
                "digest": str(wheel.digest),
                "path": str(fetcher.path(wheel)),
                "needs": needs[wheel.filename],
            }
            for requirement, wheel in zip(requirements, wheels, strict=True)
        }
    finally:
        fetcher.close()


def _source(workshop: Workshop, requirement: str) -> SourceOnly:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "pylock.toml")
        finished = workshop.uv.run(
            [
                *("pip", "compile", "-", "--no-deps", "--format", "pylock.toml", "--output-file", str(output)),
                *("--python-version", TARGET.python, "--python-platform", TARGET.uv_platform, *workshop.uv.python),
            ],
            cwd=Path(folder),
            stdin=requirement.encode(),
        )
        if finished.status:
            raise SystemExit(finished.stderr)
        lock = parse_lock(output.read_bytes(), where=requirement)
    (source,) = select(lock, TARGET, direct=frozenset(), folder=Path("/"), where=requirement).source_only
    return source


if __name__ == "__main__":
    print(json.dumps(compile_requirements(Path(sys.argv[1]), sys.argv[2:])))  # noqa: T201 (its answer)
