from tests.unit.attestation.image_maker import inventory, package


def test_a_package_names_source_relations_and_keeper(cache):
    lines = ("Source: glibc (2.41-1)", "Pre-Depends: a", "Depends: b", "Provides: c", "Maintainer: Me <me@example.com>")
    (found,) = inventory(cache, package("libc6", "1:2.41-12+b1", *lines)).packages

    assert (found.source, found.source_version) == ("glibc", "2.41-1")
    assert (found.depends, found.provides, found.maintainer) == ("a, b", "c", "Me <me@example.com>")
    assert (found.record, found.qualified) == ("/var/lib/dpkg/status.d/libc6", "libc6:amd64")


def test_without_a_source_a_package_is_its_own(cache):
    (found,) = inventory(cache, package("zlib1g", "1")).packages

    assert (found.source, found.source_version) == ("zlib1g", "1")


def test_a_machine_readable_copyright_names_licences(cache):
    (found,) = inventory(cache, package("aa", "1")).packages

    assert found.licenses == ("LGPL-2.1+", "MIT")
    assert found.copyright == "/usr/share/doc/aa/copyright"


def test_another_copyright_names_the_common_licences_that_it_points_to(cache):
    text = b"License: see below\nOn Debian it is in /usr/share/common-licenses/GPL-2.\n"
    (found,) = inventory(cache, [*package("aa", "1"), ("usr/share/doc/aa/copyright", text)]).packages

    assert found.licenses == ("GPL-2",)


def test_of_dpkgs_own_status_what_is_installed_counts(cache):
    status = b"""Package: there
Status: install ok installed
Version: 1
Architecture: amd64

Package: gone
Status: deinstall ok config-files
Version: 1
Architecture: amd64

Package: there
Status: install ok installed
Version: 1
Architecture: i386
"""
    found = inventory(cache, [("var/lib/dpkg/status", status)]).packages

    assert [one.qualified for one in found] == ["there:amd64", "there:i386"]


def test_checksums_beside_a_package_are_no_package(cache):
    found = inventory(cache, [*package("aa", "1"), ("var/lib/dpkg/status.d/aa.md5sums", b"Package: zz\nVersion: 1\n")])

    assert [one.name for one in found.packages] == ["aa"]


def test_a_package_that_cannot_be_read_is_a_caution(cache):
    found = inventory(cache, [("var/lib/dpkg/status.d/x", b"Package: Ev/il\nVersion: 1\n")])

    assert found.packages == ()
    assert "Ev/il" in found.cautions[0].what
