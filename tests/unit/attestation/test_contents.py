import pytest

from packer.attestation.inventory import OperatingSystem
from packer.errors import ArchiveError
from tests.unit.attestation.image_maker import OS_RELEASE, SITE, distribution, inventory, metadata, package
from tests.unit.store.layer_maker import link


def test_packages_and_distributions_are_found_in_whatever_layer_they_are(cache):
    found = inventory(cache, [OS_RELEASE, *package("libc6", "2.41-12")], distribution("Flask", "3.1.3"))

    assert found.system == OperatingSystem(name="debian", version="13", codename="trixie")
    assert [(one.name, one.version) for one in found.packages] == [("libc6", "2.41-12")]
    assert [(one.name, one.version, one.python) for one in found.distributions] == [("flask", "3.1.3", "3.13")]
    assert found.cautions == ()


def test_what_an_upper_layer_removes_is_not_there(cache):
    found = inventory(
        cache,
        [*distribution("pip", "25.0"), *package("apt", "3.0")],
        [(f"{SITE}/.wh.pip-25.0.dist-info", b""), ("var/lib/dpkg/status.d/.wh.apt", b"")],
    )

    assert (found.distributions, found.packages) == ((), ())


def test_an_image_of_nothing_holds_nothing(cache):
    found = inventory(cache, [("hello", b"world")])

    assert (found.system, found.packages, found.distributions) == (None, (), ())


def test_a_link_to_os_release_is_followed(cache):
    found = inventory(cache, [OS_RELEASE, link("etc/os-release", "../usr/lib/os-release")])

    assert found.system is not None
    assert found.system.distro == "debian-13"


@pytest.mark.parametrize("path", [f"{SITE}/bomb-1.dist-info/METADATA", "app/.venv/pyvenv.cfg", "etc/os-release"])
def test_metadata_that_is_far_too_large_is_refused(cache, path):
    with pytest.raises(ArchiveError, match="more than the 4194304 that metadata may have"):
        inventory(cache, [(path, bytes((4 << 20) + 1))])


def test_a_large_copyright_file_is_pointed_to_but_not_read(cache):
    found = inventory(cache, [*package("big", "1"), ("usr/share/doc/big/copyright", bytes((1 << 20) + 1))])

    assert (found.packages[0].copyright, found.packages[0].licenses) == ("/usr/share/doc/big/copyright", ())


def test_a_distribution_without_a_name_is_a_caution_and_no_part(cache):
    found = inventory(cache, [(f"{SITE}/~ip-1.dist-info/METADATA", b"\xff\xfe not metadata"), *distribution("ok", "1")])

    assert [one.name for one in found.distributions] == ["ok"]
    assert "~ip-1.dist-info/METADATA" in found.cautions[0].what


@pytest.mark.parametrize(
    ("name", "version"),
    [("../../etc", "1"), ("a b", "1"), ("a", "1 2"), ("a", ""), ("a\x1b[31m", "1"), ("a" * 300, "1"), ("a", "1" * 300)],
)
def test_hostile_names_and_versions_are_no_part(cache, name, version):
    found = inventory(cache, [(f"{SITE}/x-1.dist-info/METADATA", metadata(name, version))])

    assert found.distributions == ()
    assert len(found.cautions) == 1
