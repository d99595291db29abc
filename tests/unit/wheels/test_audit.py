import pytest

from packer.oci.digest import Digest
from packer.wheels.audit import MissingLibrary, missing_libraries
from packer.wheels.model import Wheel
from packer.wheels.system_libraries import debian_package
from tests.unit.wheels.elf_files import shared_library

TAG = "cp313-cp313-manylinux_2_28_x86_64"


@pytest.fixture
def audit(fetcher, cache):
    def run(*wheels, machine: str = "x86_64", **more):
        return missing_libraries(wheels, machine=machine, fetcher=fetcher, cache=cache, **more)

    return run


def test_a_library_that_nobody_brings_is_named_with_who_asks(in_cache, audit):
    wheel = in_cache({"cv2/cv2.so": shared_library("libc.so.6", "libGL.so.1")}, name="cv", tag=TAG)

    assert audit(wheel) == (MissingLibrary(soname="libGL.so.1", needed_by=(f"cv-1.0-{TAG}.whl: cv2/cv2.so",)),)


def test_what_a_wheel_brings_serves_all(in_cache, audit):
    first = in_cache({"a/a.so": shared_library("libx-1a2b.so.1", "liby.so")}, name="a", tag=TAG)
    second = in_cache(
        {
            "b.libs/libx-1a2b.so.1": shared_library("libc.so.6"),
            "b.libs/other.so.3": shared_library("libc.so.6", soname="liby.so"),
        },
        name="b",
        tag=TAG,
    )

    assert audit(first, second) == ()


def test_what_the_base_has_is_not_missing(in_cache, audit):
    wheel = in_cache({"a.so": shared_library("libz.so.1")}, tag=TAG)

    assert audit(wheel, provided={"libz.so.1"}) == ()


def test_libraries_for_other_processors_do_not_count(in_cache, audit):
    wheel = in_cache({"a.so": shared_library("libz.so.1", machine=183)}, tag=TAG)

    assert audit(wheel) == ()
    assert audit(wheel, machine="aarch64")[0].soname == "libz.so.1"


def test_files_that_only_look_like_libraries_are_nothing(in_cache, audit):
    assert audit(in_cache({"a.so": b"#!/bin/sh\n", "b.so.txt": b"x", "c.py": b""}, tag=TAG)) == ()


def test_a_large_library_is_read_in_pieces(in_cache, audit, monkeypatch):
    monkeypatch.setattr("packer.wheels.audit._WHOLE", 1000)
    wheel = in_cache({"a.so": shared_library("libz.so.1", padding=600_000)}, tag=TAG)

    assert [missing.soname for missing in audit(wheel)] == ["libz.so.1"]


def test_pure_wheels_are_not_even_fetched(audit):
    pure = Wheel(name="p", version="1", filename="p-1-py3-none-any.whl", digest=Digest.of(b"gone"), size=1, urls=())

    assert audit(pure) == ()


def test_a_wheel_is_looked_at_once(in_cache, audit, cache):
    wheel = in_cache({"a.so": shared_library("libz.so.1")}, tag=TAG)
    first = audit(wheel)
    cache.path(wheel.digest).unlink()

    assert audit(wheel) == first


@pytest.mark.parametrize(
    ("soname", "bookworm", "trixie"),
    [
        ("libGL.so.1", "libgl1", "libgl1"),
        ("libglib-2.0.so.0", "libglib2.0-0", "libglib2.0-0t64"),
        ("libmagic.so.1", "libmagic1", "libmagic1t64"),
        ("libmariadb.so.3", "libmariadb3", "libmariadb3"),
        ("libldap.so.2", None, "libldap2"),
        ("libpython3.13.so.1.0", "libpython3.13", "libpython3.13"),
        ("libmine.so.1", None, None),
    ],
)
def test_the_package_of_a_library_depends_on_the_release(soname, bookworm, trixie):
    assert debian_package(soname, "bookworm") == bookworm
    assert debian_package(soname, "trixie") == trixie
