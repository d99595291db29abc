import io
import json
import zipfile
from datetime import datetime, timezone

import pytest

from packer.build import source_wheels as module
from packer.build.source_wheels import build_in_root, source_wheels
from packer.build.workshop import Workshop
from packer.debian.mirrors import Mirrors
from packer.errors import BuildError, SourceError
from packer.oci.digest import Digest
from packer.oci.platform import Platform
from packer.store.cache import DiskCache
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import SourceOnly
from packer.wheels.target import Target
from packer.wheels.uv import Uv

AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")
TARGET = Target(python="3.13", platform=AMD64, glibc=(2, 41))
SOURCE = SourceOnly(
    name="mysqlclient",
    version="2.2.7",
    kind="sdist",
    url="https://files.example.com/mysqlclient-2.2.7.tar.gz",
    digest=Digest.of(b"source"),
    direct=True,
)
FILENAME = "mysqlclient-2.2.7-cp313-cp313-linux_x86_64.whl"
PACKAGES = ("libmariadb-dev", "pkgconf")


def workshop_on(folder, host: Platform | None = AMD64) -> Workshop:
    """A workshop without a network: whatever reaches for it fails."""
    return Workshop(
        http=None,
        cache=DiskCache(folder / "cache"),
        layers=None,
        uv=Uv.of_user({}, offline=True),
        mirrors=Mirrors(debian=(), security=()),
        host=host,
        now=datetime(2026, 1, 1, tzinfo=timezone.utc),
    )


def made_before(workshop: Workshop, **changes: object) -> Digest:
    digest = workshop.cache.add(io.BytesIO(b"a wheel"))
    record = {"filename": FILENAME, "digest": str(digest), "size": 7, "root": "", "requirements": [], **changes}
    key = module._key(SOURCE, TARGET, "trixie", PACKAGES)
    workshop.cache.put_record("compiled-wheel", key, json.dumps(record).encode())
    return digest


def wheels_of(workshop: Workshop, **changes):
    arguments = {"target": TARGET, "release": "trixie", **changes}
    return source_wheels([SOURCE], workshop=workshop, fetcher=WheelFetcher(workshop.cache, None), **arguments)


def test_a_wheel_that_was_compiled_before_needs_no_network(tmp_path):
    workshop = workshop_on(tmp_path)
    digest = made_before(workshop)
    (wheel,) = wheels_of(workshop)
    assert (wheel.filename, wheel.digest, wheel.size, wheel.urls, wheel.direct) == (FILENAME, digest, 7, (), True)


def test_it_serves_machines_that_could_not_compile_it(tmp_path):
    workshop = workshop_on(tmp_path, host=ARM64)
    made_before(workshop)
    assert wheels_of(workshop)[0].filename == FILENAME


@pytest.mark.parametrize("changes", [{"size": 8}, {"digest": str(Digest.of(b"gone"))}, {"digest": 3}, {"size": None}])
def test_a_record_that_does_not_hold_is_not_believed(tmp_path, changes):
    workshop = workshop_on(tmp_path, host=ARM64)
    made_before(workshop, **changes)
    with pytest.raises(BuildError, match="cannot be compiled"):
        build(workshop)


def build(workshop: Workshop, target: Target = TARGET, release: str = "trixie"):
    return build_in_root(
        SOURCE,
        target=target,
        release=release,
        packages=PACKAGES,
        workshop=workshop,
        fetcher=WheelFetcher(workshop.cache, None),
    )


@pytest.mark.parametrize(
    ("host", "target", "release", "reason"),
    [
        (ARM64, TARGET, "trixie", "needs such a machine"),
        (None, TARGET, "trixie", "runs no Linux programs"),
        (AMD64, TARGET, "bookworm", "has no Python 3.13"),
        (AMD64, TARGET, "potato", "has no Python 3.13"),
        (AMD64, Target(python="3.13", platform=AMD64, glibc=(2, 36)), "trixie", "C library"),
    ],
)
def test_what_cannot_be_compiled_here_is_refused_with_its_name_a_reason_and_a_way_out(
    tmp_path, host, target, release, reason
):
    with pytest.raises(BuildError, match=reason) as caught:
        build(workshop_on(tmp_path, host), target, release)
    assert "mysqlclient 2.2.7" in caught.value.what
    assert caught.value.hint


def wheel_file(folder, filename: str, metadata: str):
    path = folder / filename
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("mysqlclient-2.2.7.dist-info/METADATA", metadata)
    return path


METADATA = "Metadata-Version: 2.1\nName: mysqlclient\nVersion: 2.2.7\n"


def test_a_wheel_that_is_what_it_should_be_is_kept(tmp_path):
    workshop = workshop_on(tmp_path)
    wheel = module._kept(wheel_file(tmp_path, FILENAME, METADATA), SOURCE, TARGET, workshop)
    assert workshop.cache.path(wheel.digest).stat().st_size == wheel.size


@pytest.mark.parametrize(
    ("filename", "metadata"),
    [
        ("flask-2.2.7-cp313-cp313-linux_x86_64.whl", METADATA),
        ("mysqlclient-2.2.8-cp313-cp313-linux_x86_64.whl", METADATA),
        ("mysqlclient-2.2.7-cp311-cp311-linux_x86_64.whl", METADATA),
        ("mysqlclient-2.2.7-cp313-cp313-linux_aarch64.whl", METADATA),
        ("mysqlclient.whl", METADATA),
        (FILENAME, METADATA.replace("2.2.7", "2.2.8")),
        (FILENAME, METADATA.replace("Name: mysqlclient", "Name: flask")),
        (FILENAME, "nothing"),
    ],
)
def test_a_wheel_that_is_something_else_is_refused(tmp_path, filename, metadata):
    path = wheel_file(tmp_path, filename, metadata)
    with pytest.raises(BuildError):
        module._kept(path, SOURCE, TARGET, workshop_on(tmp_path))


def test_a_link_in_place_of_the_wheel_is_not_followed(tmp_path):
    real = wheel_file(tmp_path, FILENAME, METADATA).rename(tmp_path / "elsewhere")
    (tmp_path / FILENAME).symlink_to(real)
    with pytest.raises(BuildError, match="no file"):
        module._kept(tmp_path / FILENAME, SOURCE, TARGET, workshop_on(tmp_path))


def test_a_source_that_gives_no_wheel_is_named_so_that_another_release_may_take_its_place(tmp_path):
    with pytest.raises(SourceError) as caught:
        wheels_of(workshop_on(tmp_path, ARM64))
    assert caught.value.distribution == "mysqlclient"
