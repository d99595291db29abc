"""One cache, several processes, some of them killed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache

BUILDER = """
import itertools, sys
from pathlib import Path
from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache

layers = DiskLayerCache(DiskCache(Path(sys.argv[1])))
first, last = int(sys.argv[2]), int(sys.argv[3])
for number in range(first, last):
    content = str(number).encode() * 300_000
    recipe = LayerRecipe(name="x", inputs=(str(number),), created_by="x", entries=lambda: [Entry.file("x", content)])
    print(layers.layer(recipe).descriptor.digest, flush=True)
"""


def builder(cache: Path, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILDER, str(cache), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wrong_blobs(cache: Path) -> list[str]:
    blobs = [path for path in (cache / "blobs").rglob("*") if path.is_file()]
    assert blobs
    return [path.name for path in blobs if hashlib.sha256(path.read_bytes()).hexdigest() != path.name]


def test_builders_of_the_same_layers_agree(tmp_path: Path) -> None:
    builders = [builder(tmp_path, 0, 12) for _ in range(3)]
    outputs = {process.communicate(timeout=60)[0] for process in builders}
    assert [process.returncode for process in builders] == [0, 0, 0]
    assert len(outputs) == 1
    assert wrong_blobs(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_killed_builder_leaves_nothing_wrong_and_the_next_one_goes_on(tmp_path: Path) -> None:
    for first in (0, 1, 2):
        with builder(tmp_path, first, 10_000) as process:
            assert process.stdout is not None
            process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
    assert wrong_blobs(tmp_path) == []
    content = b"0" * 300_000
    recipe = LayerRecipe(name="x", inputs=("0",), created_by="x", entries=lambda: [Entry.file("x", content)])
    cache = DiskCache(tmp_path)
    layer = DiskLayerCache(cache).layer(recipe)
    assert layer.cached
    assert cache.verify(layer.descriptor.digest)
