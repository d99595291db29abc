"""Makes a wheel of 500 MB and a layer of it, and prints the peak of this process's memory in bytes."""

from __future__ import annotations

import hashlib
import os
import random
import sys
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.wheels.audit import missing_libraries
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.fetch import WheelFetcher
from packer.wheels.layers import LayerTools, dependency_layers
from packer.wheels.model import Wheel

FILENAME = "large-1.0-cp313-cp313-manylinux_2_28_x86_64.whl"
BLOCK = random.Random(0).randbytes(1_000_000)


def peak_memory() -> int:
    """Bytes that this program has held at most. `ru_maxrss` would count the process that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def write_wheel(path: Path) -> None:
    """One library of 450 MB and 500 smaller files."""
    rows = []
    with zipfile.ZipFile(path, "w") as wheel:
        for name, blocks in (("large/lib.so", 450), *((f"large/{n}.bin", 0.1) for n in range(500))):
            digest, size = hashlib.sha256(), 0
            with wheel.open(name, "w", force_zip64=True) as member:
                for number in range(max(1, int(blocks))):
                    block = (b"\x7fELF" + BLOCK if number == 0 else BLOCK)[: 100_000 if blocks < 1 else None]
                    member.write(block)
                    digest.update(block)
                    size += len(block)
            rows.append(f"{name},sha256={urlsafe_b64encode(digest.digest()).decode().rstrip('=')},{size}")
        info = "large-1.0.dist-info"
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: large\nVersion: 1.0\n")
        wheel.writestr(f"{info}/RECORD", "\n".join(rows) + "\n")


def main(folder: Path) -> None:
    write_wheel(folder / FILENAME)
    cache = DiskCache(folder / "cache")
    with (folder / FILENAME).open("rb") as stream:
        digest = cache.add(stream)
    wheel = Wheel(name="large", version="1.0", filename=FILENAME, digest=digest, size=10**8, urls=())
    fetcher = WheelFetcher(cache, None)
    environment = VirtualEnvironment(python="3.13", interpreter="/usr/bin/python3.13", python_full="3.13.5")
    tools = LayerTools(cache=cache, fetcher=fetcher, compiler=None)
    missing_libraries([wheel], machine="x86_64", fetcher=fetcher, cache=cache)
    for recipe in dependency_layers([wheel], environment=environment, tools=tools).recipes:
        DiskLayerCache(cache).layer(recipe)
    fetcher.close()
    os.write(1, str(peak_memory()).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
