import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.wheels.elf import Dynamic, read_dynamic
from tests.unit.wheels.elf_files import shared_library


def read(content: bytes) -> Dynamic | None:
    return read_dynamic(lambda offset, size: content[offset : offset + size])


def test_needed_libraries_and_the_own_name_are_read():
    assert read(shared_library("libc.so.6", "libGL.so.1", soname="libx.so.2")) == Dynamic(
        machine="x86_64", soname="libx.so.2", needed=("libc.so.6", "libGL.so.1")
    )


def test_the_processor_is_told():
    library = read(shared_library("libc.so.6", machine=183))

    assert library is not None
    assert library.machine == "aarch64"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"MZ" + b"\0" * 100, id="windows"),
        pytest.param(b"\x7fELF", id="magic-only"),
        pytest.param(shared_library("a")[:100], id="cut"),
        pytest.param(b"\x7fELF\x01" + shared_library("a")[5:], id="32-bit"),
        pytest.param(shared_library("a", machine=40), id="other-processor"),
    ],
)
def test_what_is_no_such_library_is_none(content):
    assert read(content) is None


def test_a_string_table_of_any_size_is_bounded():
    library = read(shared_library("libc.so.6", strings_size=2**63))

    assert library is not None
    assert library.needed == ("libc.so.6",)


def test_endless_program_headers_are_not_read():
    content = bytearray(shared_library("a"))
    struct.pack_into("<H", content, 56, 0xFFFF)

    assert read(bytes(content)) is None


@given(st.binary(max_size=40), st.integers(0, 400))
def test_no_damage_makes_it_fail_otherwise(damage, at):
    content = bytearray(shared_library("libc.so.6", "libm.so.6", soname="x"))
    content[at : at + len(damage)] = damage

    read(bytes(content))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a Linux library")
def test_a_real_library_is_read():
    folders = [Path(path) for path in sys.path if path.endswith("lib-dynload")]
    libraries = [path for folder in folders for path in sorted(folder.glob("_ssl*.so"))]
    if not libraries:
        pytest.skip("this Python has no _ssl library")

    library = read(libraries[0].read_bytes())

    assert library is not None
    assert "libc.so.6" in library.needed
