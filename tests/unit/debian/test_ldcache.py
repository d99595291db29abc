from __future__ import annotations

import io

import pytest

from packer.debian.elf import soname
from packer.debian.ldcache import Library, cache_bytes, compare_names, library_folders, read_cache
from tests.unit.debian.maker import library


def test_a_cache_is_read_as_it_was_written():
    libraries = [Library("libz.so.1", "/lib/libz.so.1"), Library("libc.so.6", "/lib/libc.so.6")]
    content = cache_bytes(libraries, flags=0x0303)
    assert content[:20] == b"glibc-ld.so.cache1.1"
    assert set(read_cache(content)) == set(libraries)


def test_names_descend_as_the_loader_searches_them():
    names = ["libc.so.6", "libz.so.1", "libx.so.10", "libx.so.9", "libx.so", "ld-linux.so.2", "libx11.so.6"]
    found = [item.name for item in read_cache(cache_bytes([Library(name, f"/{name}") for name in names], flags=3))]
    assert found == ["libz.so.1", "libx11.so.6", "libx.so.10", "libx.so.9", "libx.so", "libc.so.6", "ld-linux.so.2"]


def test_the_order_compares_numbers_as_numbers_and_puts_digits_after_letters():
    assert compare_names("libx.so.10", "libx.so.9") > 0
    assert compare_names("lib1", "liba") > 0
    assert compare_names("liba", "lib1") < 0
    assert compare_names("liba", "liba") == 0
    assert compare_names("liba", "liba.so") < 0


def test_the_first_library_of_a_name_counts():
    found = read_cache(cache_bytes([Library("a", "/first/a"), Library("a", "/second/a")], flags=3))
    assert found == (Library("a", "/first/a"),)


def test_an_empty_cache_is_a_cache():
    assert read_cache(cache_bytes([], flags=3)) == ()


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="format"):
        read_cache(b"ld.so-1.7.0" + bytes(100))


def test_configured_folders_come_before_the_defaults():
    texts = ["# comment\n/opt/lib/\ninclude /etc/x\n", "/lib/x86_64-linux-gnu\n"]
    assert library_folders(texts, "x86_64-linux-gnu") == (
        "/opt/lib", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib",
    )  # fmt: skip


def test_a_soname_is_found():
    assert soname(io.BytesIO(library("libfoo.so.3")), machine=62) == "libfoo.so.3"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF",
        b"#!/bin/sh\n" * 20,
        library("libfoo.so.3", machine=183),
        library("libfoo.so.3")[:100],
        library("libfoo.so.3")[:180],
        library("").replace(b"\0\0\0\0", b"\xff\xff\xff\xff"),
    ],
)
def test_what_is_no_library_of_the_machine_has_none(content):
    assert soname(io.BytesIO(content), machine=62) is None
