from __future__ import annotations

import pytest

from packer.debian.mirrors import DEFAULT_MIRROR, Mirrors, find_mirrors, machine_sources, mirrors_in, snapshot_url
from packer.errors import UsageError

DEB822 = """\
# a comment
Types: deb deb-src
# URIs: http://commented.test/debian
URIs: http://one.test/debian/ https://two.test/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://one.test/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.test/debian
Suites: sid

Types: deb-src
URIs: http://sources.test/debian
Suites: sid

Types: deb
URIs: https://deb.example.com/node_20.x
Suites: nodistro
"""
ONE_LINE = """\
# deb http://commented.test/debian trixie main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://three.test/debian trixie main  # the company's
deb-src http://sources.test/debian trixie main
deb http://security.test/ bookworm-security main
deb cdrom:[Debian]/ trixie main
deb http://three.test/debian trixie-updates main
deb http://ppa.test/ubuntu noble main
"""


def test_deb822_sources_are_read():
    assert mirrors_in({"/etc/apt/sources.list.d/debian.sources": DEB822}) == Mirrors(
        debian=("http://one.test/debian", "https://two.test/debian"), security=("http://one.test/debian-security",)
    )


def test_one_line_sources_are_read():
    assert mirrors_in({"/etc/apt/sources.list": ONE_LINE}) == Mirrors(
        debian=("http://three.test/debian",), security=("http://security.test",)
    )


def test_sources_list_comes_first_and_each_mirror_once():
    found = mirrors_in({"/etc/apt/sources.list.d/a.sources": DEB822, "/etc/apt/sources.list": ONE_LINE})
    assert found.debian == ("http://three.test/debian", "http://one.test/debian", "https://two.test/debian")


def test_the_setting_wins_and_its_security_sibling_is_derived():
    found = find_mirrors("https://mirror.test/debian/", {"/etc/apt/sources.list": ONE_LINE})
    assert found == Mirrors(debian=("https://mirror.test/debian",), security=("https://mirror.test/debian-security",))


def test_a_security_setting_stands_by_itself():
    found = find_mirrors(None, {"a.sources": DEB822}, security_setting="file:///srv/security")
    assert found.security == ("file:///srv/security",)
    assert found.debian[0] == "http://one.test/debian"


def test_without_a_setting_and_sources_debian_itself_is_asked():
    found = find_mirrors(None, {"/etc/apt/sources.list": "deb http://archive.test/ubuntu noble main"})
    assert found == Mirrors(debian=(DEFAULT_MIRROR,), security=("http://ftp.debian.org/debian-security",))


def test_a_machine_with_one_archive_gets_the_sibling_of_the_other():
    found = find_mirrors(None, {"/etc/apt/sources.list": "deb http://m.test/debian trixie main"})
    assert found.security == ("http://m.test/debian-security",)


@pytest.mark.parametrize("setting", ["mirror.test/debian", "ftp://mirror.test/debian", "  ", "http://a b/debian"])
def test_a_setting_that_is_no_address_is_refused(setting):
    with pytest.raises(UsageError, match="not the address"):
        find_mirrors(setting, {})


def test_the_machines_sources_are_read_where_they_can_be(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(ONE_LINE)
    (tmp_path / "sources.list.d" / "debian.sources").write_bytes(DEB822.encode() + b"\xff")
    (tmp_path / "sources.list.d" / "gone.list").symlink_to("nowhere")
    (tmp_path / "sources.list.d" / "old.sources.bak").write_text(DEB822)
    assert [name.rpartition("/")[2] for name in machine_sources(tmp_path)] == ["sources.list", "debian.sources"]


def test_the_snapshot_archive_is_asked_for_a_file_of_a_time():
    url = snapshot_url("debian-security", "20261121T091544Z", "pool/a.deb", base="http://past.test/archive")
    assert url == "http://past.test/archive/debian-security/20261121T091544Z/pool/a.deb"
