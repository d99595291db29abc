"""What uv leaves behind is gone with it, and what it says of itself is remembered."""

import os
from pathlib import Path

from packer.store.cache import DiskCache
from packer.wheels.indexes import indexes
from packer.wheels.uv import Uv, _own_index


def test_what_uv_leaves_in_its_temporary_folder_is_gone_with_it(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'touch "$TMPDIR/uv-setuptools-1.lock" && cd "$TMPDIR" && pwd && ls', "uv")
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    uv = Uv(environment=environment, indexes=indexes(environment), command=command)

    folder, *left = uv.run([], cwd=tmp_path).stdout.decode().split()

    assert left == ["uv-setuptools-1.lock"]
    assert Path(folder) != tmp_path
    assert not Path(folder).exists()


def test_the_index_that_a_uv_asks_by_itself_is_remembered_as_long_as_it_is_the_same_binary(tmp_path: Path) -> None:
    binary, asked = tmp_path / "uv", tmp_path / "asked"
    environment = {"PIP_CONFIG_FILE": os.devnull}
    uv = Uv(
        environment=environment,
        indexes=indexes(environment),
        command=(str(binary),),
        cache=DiskCache(tmp_path / "cache"),
    )

    def index_in_a_new_process() -> str | None:
        _own_index.cache_clear()
        return uv.default_index

    def install(address: str) -> None:
        binary.write_text(f"#!/bin/sh\necho asked >> {asked}\necho --index-url {address}\n")
        binary.chmod(0o755)

    install("https://one.example.test/simple")
    assert index_in_a_new_process() == "https://one.example.test/simple"
    assert index_in_a_new_process() == "https://one.example.test/simple"
    assert asked.read_text() == "asked\n"
    install("https://another.example.test/simple")
    assert index_in_a_new_process() == "https://another.example.test/simple"
