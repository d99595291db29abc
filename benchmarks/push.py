"""The first push of an image of 80 MB to Debian's docker-registry, by pack and by `skopeo copy`, in turn.

    python benchmarks/push.py [--rounds 5] [--large 2000]

Needs `docker-registry` and `skopeo`. Every push goes to a new registry: skopeo remembers what it pushed to
an old one, and would mount it.
Prints the median times, pack's speed as a multiple of skopeo's (the mark is 0.8 or more), what an unchanged
push and one with a small change cost in time, requests and bytes, and the memory that it takes to push and to pull a
layer of `--large` megabytes (the mark is 100 MB; 0 leaves it out: it takes three times its size on the disk).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measure import Measurement, median, run
from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER, Descriptor
from packer.oci.image import assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.store.layout import write_layout
from packer.system.chunks import stream_of
from tests.testbed.registry import running_registry
from tests.testbed.registry.judge import running_judge

SIZES = (30_000_000, 20_000_000, 15_000_000, 10_000_000, 4_000_000, 1_000_000)
MARK = 0.8
MEMORY_MARK = 100_000_000
MEGABYTE = 1_000_000


class Bench:
    """An image, in pack's store under many names and in a layout for skopeo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = DiskCache(folder / "cache")
        self.store = ImageStore(folder / "data", self.cache)
        self.environment = {"PACK_CACHE_DIR": str(folder / "cache"), "PACK_DATA_DIR": str(folder / "data")}
        (folder / "work").mkdir()

    def images(self, *, last: int = 0) -> PlatformImages:
        """The image; another `last` changes its last layer."""
        seeds = [*range(len(SIZES) - 1), 1000 + last]
        return self._assembled([self._layer(size, seed) for size, seed in zip(SIZES, seeds, strict=True)])

    def large_image(self, size: int) -> PlatformImages:
        """An image of one layer."""
        return self._assembled([self._layer(size, 2000)])

    def _assembled(self, layers: list[Layer]) -> PlatformImages:
        execution = Execution(entrypoint=("/a",))
        return PlatformImages((assemble(layers, platform=LINUX_AMD64, execution=execution, created=1_700_000_000),))

    def _layer(self, size: int, seed: int) -> Layer:
        noise = random.Random(seed)
        parts = (noise.randbytes(min(MEGABYTE, size - start)) for start in range(0, size, MEGABYTE))
        digest = self.cache.add(stream_of(parts))
        descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER, digest=digest, size=size)
        return Layer(descriptor=descriptor, diff_id=digest, name="noise", created_by="benchmark")

    def pack(self, images: PlatformImages, reference: str) -> Measurement:
        """A push by pack."""
        self.store.add(images, [Reference.parse(reference)], created=1_700_000_000)
        command = [sys.executable, "-m", "packer", "push", reference]
        return run(command, environment=self.environment, folder=self.folder / "work")

    def pull(self, reference: str) -> Measurement:
        """A pull by pack, into a cache that has nothing."""
        other = {name: str(self.folder / "other" / name) for name in self.environment}
        command = [sys.executable, "-m", "packer", "pull", reference]
        return run(command, environment=other, folder=self.folder / "work")

    def skopeo(self, layout: Path, reference: str) -> Measurement:
        """A push by skopeo."""
        command = ["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--preserve-digests"]
        words = [*command, f"oci:{layout}:1", f"docker://{reference}"]
        return run(words, environment={}, folder=self.folder / "work")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=2000, metavar="MB")
    options = parser.parse_args()
    rounds = options.rounds
    with tempfile.TemporaryDirectory() as text:
        bench = Bench(Path(text))
        images = bench.images()
        layout = bench.folder / "layout"
        write_layout(layout, images, [Reference.parse("image:1")], bench.cache)
        ours, theirs = [], []
        for number in range(rounds + 1):  # the first round warms both up
            with running_judge(bench.folder / f"skopeo-{number}") as judge:
                theirs.append(bench.skopeo(layout, f"{judge.address}/team/app:1"))
            with running_judge(bench.folder / f"pack-{number}") as judge:
                ours.append(bench.pack(images, f"{judge.address}/team/app:1"))
        _compare(ours[1:], theirs[1:])
        _count(bench, images)
        if options.large:
            _weigh(bench, options.large * MEGABYTE)


def _compare(ours: list[Measurement], theirs: list[Measurement]) -> None:
    pack, skopeo = median(ours), median(theirs)
    memory = max(one.peak_memory for one in ours) / 1e6
    print(f"first push of {sum(SIZES) / 1e6:.0f} MB: pack {pack:.2f} s ({memory:.0f} MB), skopeo {skopeo:.2f} s")
    speed = skopeo / pack
    print(f"pack is {speed:.2f} times as fast as skopeo: the mark of {MARK} is {'met' if speed >= MARK else 'missed'}")


def _count(bench: Bench, images: PlatformImages) -> None:
    with running_registry(folder=bench.folder / "double") as registry:
        reference = f"{registry.address}/team/app:1"
        bench.pack(images, reference)
        for what, pushed in (("unchanged", images), ("one small layer changed", bench.images(last=1))):
            registry.traffic.forget()
            took = bench.pack(pushed, reference)
            count, size = len(registry.traffic.exchanges), registry.traffic.received
            print(f"{what}: {took.seconds:.2f} s, {count} requests, {size} bytes sent")


def _weigh(bench: Bench, size: int) -> None:
    images = bench.large_image(size)
    with running_judge(bench.folder / "large") as judge:
        reference = f"{judge.address}/team/large:1"
        for what, took in (("push", bench.pack(images, reference)), ("pull", bench.pull(reference))):
            memory = f"{took.peak_memory / MEGABYTE:.0f} MB of memory"
            word = "met" if took.peak_memory <= MEMORY_MARK else "missed"
            mark = f"the mark of {MEMORY_MARK / MEGABYTE:.0f} MB is {word}"
            print(f"{what} of a layer of {size / MEGABYTE:.0f} MB: {took.seconds:.1f} s, {memory}: {mark}")


if __name__ == "__main__":
    main()
