from __future__ import annotations

import pytest

from packer.debian.index import PackageIndex, Universe
from packer.debian.relations import Relation
from packer.debian.resolver import resolve
from packer.errors import ArchiveError, LockError


def stanza(name: str, version: str = "1.0", architecture: str = "amd64", **fields: str) -> str:
    lines = {
        "Package": name,
        "Version": version,
        "Architecture": architecture,
        "Filename": f"pool/main/{name}_{version.replace(':', '%3a')}_{architecture}.deb",
        "Size": "100",
        "SHA256": "ab" * 32,
        **{key.replace("_", "-"): value for key, value in fields.items()},
    }
    return "".join(f"{key}: {value}\n" for key, value in lines.items()) + "Description: text\n more\n"


def universe(*stanzas: str, updates: tuple[str, ...] = ()) -> Universe:
    indexes = [
        PackageIndex("\n".join(texts).encode(), archive="debian", where="http://mirror.test")
        for texts in (stanzas, updates)
    ]
    return Universe(indexes, architecture="amd64")


def names(packages) -> list[str]:
    return [package.name for package in packages]


def test_the_closure_holds_dependencies_and_pre_dependencies():
    found = universe(stanza("a", Depends="b"), stanza("b", Pre_Depends="c (>= 1)"), stanza("c"), stanza("unrelated"))
    assert names(resolve(found, ["a"])) == ["a", "b", "c"]


def test_the_highest_version_of_all_suites_is_taken():
    found = universe(stanza("a", "1.0-1"), updates=(stanza("a", "1.0-1+deb13u1"), stanza("a", "1.0-1~x")))
    assert [package.version for package in resolve(found, ["a"])] == ["1.0-1+deb13u1"]


def test_packages_of_other_architectures_do_not_exist():
    found = universe(stanza("a", "2", architecture="arm64"), stanza("a", "1", architecture="all"))
    assert [package.version for package in resolve(found, ["a"])] == ["1"]


def test_an_alternative_that_is_chosen_already_wins():
    found = universe(stanza("a", Depends="y, x | y"), stanza("x"), stanza("y"))
    assert names(resolve(found, ["a"])) == ["a", "y"]


def test_the_first_alternative_that_exists_is_taken():
    found = universe(stanza("a", Depends="gone | x (>= 9) | y"), stanza("x"), stanza("y"))
    assert names(resolve(found, ["a"])) == ["a", "y"]


def test_a_virtual_package_is_satisfied_by_a_provider():
    found = universe(
        stanza("a", Depends="mta"), stanza("postfix", Provides="smtp, mta"), stanza("exim", Provides="mta")
    )
    assert names(resolve(found, ["a"])) == ["a", "exim"]


def test_only_versioned_provisions_satisfy_a_bound():
    found = universe(
        stanza("a", Depends="api (>= 2)"), stanza("b", Provides="api"), stanza("c", Provides="api (= 2.1)")
    )
    assert names(resolve(found, ["a"])) == ["a", "c"]


def test_what_only_maintainer_scripts_use_is_taken_as_present():
    found = universe(stanza("tzdata", Depends="debconf (>= 0.5) | debconf-2.0"), stanza("debconf"))
    assert names(resolve(found, ["tzdata"])) == ["tzdata"]


def test_berkeley_db_comes_for_others_than_python():
    found = universe(stanza("libpython3.13-stdlib", Depends="libdb5.3t64"), stanza("x", Depends="libdb5.3t64"),
                     stanza("libdb5.3t64"))  # fmt: skip
    assert names(resolve(found, ["libpython3.13-stdlib"])) == ["libpython3.13-stdlib"]
    assert names(resolve(found, ["libpython3.13-stdlib", "x"])) == ["libdb5.3t64", "libpython3.13-stdlib", "x"]


def test_cycles_end():
    found = universe(stanza("a", Depends="b"), stanza("b", Depends="a"))
    assert names(resolve(found, ["a"])) == ["a", "b"]


def test_an_unknown_root_is_named_as_a_setting():
    with pytest.raises(LockError, match="no package libpq") as caught:
        resolve(universe(stanza("a")), ["libpq"])
    assert "`packages`" in (caught.value.hint or "")


def test_what_cannot_be_satisfied_names_who_wants_it():
    with pytest.raises(LockError, match=r"a depends on x \(>= 2\) \| y"):
        resolve(universe(stanza("a", Depends="x (>= 2) | y"), stanza("x")), ["a"])


def test_packages_that_break_each_other_are_refused():
    found = universe(stanza("a", Breaks="b (<< 2)"), stanza("b"))
    with pytest.raises(LockError, match="cannot be together"):
        resolve(found, ["a", "b"])


def test_an_index_entry_without_a_hash_is_refused():
    with pytest.raises(ArchiveError, match="lacks a usable"):
        resolve(universe(stanza("a", SHA256="short")), ["a"])


@pytest.mark.parametrize("filename", ["../a.deb", "/a.deb", "pool/../../a.deb", "pool//a.deb", ""])
def test_an_index_entry_that_leaves_the_archive_is_refused(filename):
    with pytest.raises(ArchiveError, match="lacks a usable"):
        resolve(universe(stanza("a", Filename=filename)), ["a"])


def test_fields_may_stand_in_any_order():
    text = "Version: 1\nArchitecture: all\nFilename: pool/a.deb\nSize: 1\nSHA256: " + "0" * 64 + "\nPackage: a\n"
    assert universe(text).newest(Relation("a")) is not None
