"""`pack.lock` survives a round trip, and a broken one is refused by name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from packer.build.lockfile import ImagePin, PackLock, dump, parse
from packer.debian.lock import BaseLock, LockedPackage
from packer.errors import LockError
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.wheels.group import Placement

LIBC = LockedPackage(
    name="libc6",
    version="2.41-12",
    architecture="amd64",
    archive="debian",
    filename="pool/main/g/glibc/libc6_2.41-12_amd64.deb",
    sha256="cd" * 32,
    size=7,
)
BASE = BaseLock(release="trixie", architecture="amd64", roots=("libc6",), snapshot="20260101T000000Z", packages=(LIBC,))
LOCK = PackLock(
    python="3.13",
    codec="gzip",
    inputs="ab" * 32,
    bases=(BASE,),
    added=("gunicorn==27.0.1",),
    layers=(
        Placement(name='odd "\\\x7fé name', alone=True, size=12_000_000),
        Placement(name="flask", alone=False, size=100_000),
    ),
)


def test_what_is_written_is_read_back():
    assert parse(dump(LOCK)) == LOCK


def test_a_base_is_found_by_its_architecture():
    assert parse(dump(LOCK)).base("amd64") == BASE
    assert parse(dump(LOCK)).base("arm64") is None


def test_the_web_image_s_base_is_pinned_beside_the_app_s():
    lock = replace(LOCK, webs=(replace(BASE, roots=("nginx",)),))

    assert parse(dump(lock)) == lock
    assert lock.web_base("amd64") != lock.base("amd64")
    assert lock.web_base("arm64") is None


def test_an_image_that_is_the_base_is_found_by_its_platform():
    pin = ImagePin(platform="linux/arm64", name="base.tar:shop:1", digest=Digest.of(b"a manifest"))
    lock = PackLock(python="3.12", codec="gzip", inputs="ab" * 32, images=(pin,))

    assert parse(dump(lock)) == lock
    assert lock.image(LINUX_ARM64) == pin
    assert lock.image(LINUX_AMD64) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version = 2",
        "version = 1",
        "not toml",
        "version = 1\npython = \"3.13\\n..\"\ncodec = 'gzip'\ninputs = 'x'",
        "version = 1\npython = 3\ncodec = 'gzip'\ninputs = 'x'",
        "version = 1\npython = '3.13'\ncodec = 'gzip'\ninputs = 'x'\nbase = 4",
        "version = 1\npython = '3.13'\ncodec = 'gzip'\ninputs = 'x'\n[[base]]\nrelease = [1]",
        "version = 1\npython = '3.13'\ncodec = 'gzip'\ninputs = 'x'\nlayers = [{ a = 1 }]",
        "version = 1\npython = '3.13'\ncodec = 'gzip'\ninputs = 'x'\nadded = ['gunicorn @ https://evil.example.com/x']",
    ],
)
def test_a_broken_lock_is_refused_with_the_command_that_mends_it(text):
    with pytest.raises(LockError, match="pack lock"):
        parse(text)


@pytest.mark.parametrize(
    "row",
    [
        "{ platform = 'linux/amd64', name = 'base' }",
        "{ platform = 'linux/amd64', name = 'base', digest = 'latest' }",
        f"{{ platform = '', name = 'base', digest = 'sha256:{'ab' * 32}' }}",
    ],
)
def test_an_image_that_is_not_pinned_well_is_refused(row):
    with pytest.raises(LockError, match="pack lock"):
        parse(f"version = 1\npython = '3.13'\ncodec = 'gzip'\ninputs = 'x'\nimages = [{row}]")
