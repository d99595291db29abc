from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from packer.debian.base import debian_base
from packer.debian.ldcache import read_cache
from packer.debian.lock import BaseLock
from packer.debian.mirrors import SNAPSHOT_ARCHIVE, Mirrors, snapshot_url
from packer.errors import ArchiveError, LockError
from packer.oci.entry import Content, Entry, EntryKind
from packer.store.cache import DiskCache
from tests.unit.debian.maker import Network, deb, file, folder, library, link, locked

MIRRORS = Mirrors(debian=("http://mirror.test/debian",), security=("http://mirror.test/debian-security",))
LIBRARIES = "./usr/lib/x86_64-linux-gnu"
DEBS = {
    "base-files": deb(
        "base-files",
        folder("./root", 0o700),
        link("./bin", "usr/bin"),
        folder("./var/run"),
        file("./etc/debian_version"),
    ),
    "ca-certificates": deb(
        "ca-certificates",
        file("./usr/share/ca-certificates/mozilla/B.crt", b"B\n\n"),
        file("./usr/share/ca-certificates/mozilla/A.crt", b"A"),
    ),
    "libc6": deb(
        "libc6",
        file("./etc/ld.so.conf.d/x86_64-linux-gnu.conf", b"/usr/local/lib\n/lib/x86_64-linux-gnu\n"),
        file(f"{LIBRARIES}/libc.so.6", library("libc.so.6"), 0o755),
        file(f"{LIBRARIES}/libfoo.so.1.2", library("libfoo.so.1")),
        link(f"{LIBRARIES}/libfoo.so.1", "libfoo.so.1.2"),
        file(f"{LIBRARIES}/sub/libprivate.so.1", library("libprivate.so.1")),
        script="#!/bin/sh\nrestart things\n",
        version="2.41-12+deb13u5",
    ),
    "libblas3": deb(
        "libblas3",
        file(f"{LIBRARIES}/blas/libblas.so.3", library("libblas.so.3")),
        script=f"update-alternatives --install {LIBRARIES[1:]}/libblas.so.3 blas {LIBRARIES[1:]}/blas/libblas.so.3 10",
    ),
    "libc-bin": deb("libc-bin", file("./usr/share/libc-bin/nsswitch.conf", b"passwd: files\n")),
    "odd": deb("odd", file("./usr/share/odd/x"), script="adduser odd"),
    "python3.13-minimal": deb("python3.13-minimal", file("./usr/bin/python3.13", b"elf", 0o755), version="3.13.5-2"),
    "libpython3.13-stdlib": deb(
        "libpython3.13-stdlib",
        file("./usr/lib/python3.13/os.py", b"pass\n"),
        file("./usr/lib/python3.13/test/big.py", b"pass\n"),
        link("./usr/lib/python3.13/sitecustomize.py", "/etc/python3.13/sitecustomize.py"),
    ),
}
VERSIONS = {"libc6": "2.41-12+deb13u5", "python3.13-minimal": "3.13.5-2"}
LOCK = BaseLock(
    release="trixie",
    architecture="amd64",
    roots=tuple(sorted(DEBS)),
    snapshot="20241113T090000Z",
    packages=tuple(locked(name, content, version=VERSIONS.get(name, "1.0")) for name, content in sorted(DEBS.items())),
)


@pytest.fixture
def network() -> Network:
    return Network({f"{MIRRORS.debian[0]}/{found.filename}": DEBS[found.name] for found in LOCK.packages})


@pytest.fixture
def cache(tmp_path) -> DiskCache:
    return DiskCache(tmp_path)


def base(network, cache, lock: BaseLock = LOCK, **options):
    return debian_base(lock, http=network, cache=cache, mirrors=MIRRORS, bytecode=False, **options)


def text_of(entry: Entry) -> bytes:
    if isinstance(entry.content, Content):
        with entry.content.open() as stream:
            return stream.read()
    return entry.content


@pytest.fixture
def root(network, cache) -> dict[str, Entry]:
    return {entry.path: entry for recipe in base(network, cache).recipes for entry in recipe.entries()}


def test_what_the_build_wants_to_know_is_told(network, cache):
    image = base(network, cache)
    assert image.python_version == "3.13.5"
    assert image.glibc == (2, 41)
    assert image.sonames == {"libc.so.6", "libfoo.so.1", "libblas.so.3"}
    assert dict(image.environment)["SSL_CERT_FILE"] == "/etc/ssl/certs/ca-certificates.crt"
    assert [recipe.name for recipe in image.recipes] == ["debian trixie", "python 3.13"]


def test_a_warm_cache_needs_no_network(network, cache):
    image = base(network, cache)
    network.asked.clear()
    again = base(network, cache)
    assert network.asked == []
    assert again.sonames == image.sonames
    assert [recipe.key for recipe in again.recipes] == [recipe.key for recipe in image.recipes]


def test_packages_are_fetched_once_however_many_layers_are_made(network, cache):
    image = base(network, cache)
    for recipe in image.recipes:
        list(recipe.entries())
    assert len(network.asked) == len(LOCK.packages)


def test_layers_divide_the_root_without_overlap(network, cache):
    system, python = ([entry.path for entry in recipe.entries()] for recipe in base(network, cache).recipes)
    assert not set(system) & set(python)
    assert "usr/lib/python3.13/os.py" in python
    assert "usr/bin/python3" in python
    assert "var/lib/dpkg/status.d/python3.13-minimal" in python
    assert "etc/ld.so.cache" in system


def test_certificates_become_one_bundle_where_openssl_looks(root):
    assert text_of(root["etc/ssl/certs/ca-certificates.crt"]) == b"A\nB\n"
    assert root["usr/lib/ssl/cert.pem"].target == "/etc/ssl/certs/ca-certificates.crt"
    assert not any(path.startswith("usr/share/ca-certificates") for path in root)


def test_accounts_hold_root_nobody_and_the_app(root):
    lines = text_of(root["etc/passwd"]).decode().splitlines()
    assert [line.split(":")[0::2][:2] for line in lines] == [["root", "0"], ["nobody", "65534"], ["app", "65532"]]
    assert ":/tmp:" in lines[2]
    assert "app:x:65532:" in text_of(root["etc/group"]).decode()


def test_what_scripts_would_have_made_is_there(root):
    assert text_of(root["etc/nsswitch.conf"]) == b"passwd: files\n"
    assert root["etc/localtime"].target == "/usr/share/zoneinfo/Etc/UTC"
    assert root["etc/python3.13/sitecustomize.py"].kind is EntryKind.FILE
    assert (root["tmp"].mode, root["var/tmp"].mode, root["root"].mode) == (0o1777, 0o1777, 0o700)
    assert root["usr/bin/python3"].target == "python3.13"
    assert root["var/run"].target == "/run"
    assert {name: root[name].target for name in ("bin", "lib", "lib64", "sbin")} == {
        name: f"usr/{name}" for name in ("bin", "lib", "lib64", "sbin")
    }


def test_registered_alternatives_are_linked(root):
    assert root["usr/lib/x86_64-linux-gnu/libblas.so.3"].target == "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3"


def test_the_loaders_cache_names_links_in_the_configured_folder(root):
    paths = [item.path for item in read_cache(text_of(root["etc/ld.so.cache"]))]
    assert paths == [f"/lib/x86_64-linux-gnu/{name}" for name in ("libfoo.so.1", "libc.so.6", "libblas.so.3")]


def test_scanners_find_every_package(root):
    assert b"Package: libc6\n" in text_of(root["var/lib/dpkg/status.d/libc6"])
    assert "var/lib/dpkg/status.d/libc6.md5sums" in root
    assert "var/lib/dpkg/status" not in root


def test_scripts_that_nobody_read_are_named(network, cache):
    (caution,) = base(network, cache).cautions
    assert caution.what.endswith(": odd")


def test_the_same_packages_give_the_same_entries(network, cache, tmp_path):
    def digest(cache: DiskCache) -> str:
        hasher = hashlib.sha256()
        for recipe in base(network, cache).recipes:
            for entry in sorted(recipe.entries(), key=lambda entry: entry.path):
                hasher.update(f"{entry.path} {entry.kind} {entry.mode} {entry.target}".encode() + text_of(entry))
        return hasher.hexdigest()

    assert digest(cache) == digest(DiskCache(tmp_path / "elsewhere"))


def test_a_layer_key_follows_the_packages_and_nothing_else(network, cache):
    keys = [recipe.key for recipe in base(network, cache).recipes]
    changed = replace(LOCK, snapshot="20270101T000000Z")
    assert [recipe.key for recipe in base(network, cache, changed).recipes] == keys
    without = replace(LOCK, packages=tuple(found for found in LOCK.packages if found.name != "odd"))
    system, python = base(network, cache, without).recipes
    assert system.key != keys[0]
    assert python.key == keys[1]


def test_a_package_that_mirrors_dropped_comes_from_the_snapshot_archive(network, cache):
    (gone,) = (found for found in LOCK.packages if found.name == "odd")
    content = network.files.pop(f"{MIRRORS.debian[0]}/{gone.filename}")
    url = snapshot_url("debian", LOCK.snapshot, gone.filename)
    network.files[url] = content
    assert base(network, cache).sonames


def test_a_package_that_is_nowhere_says_how_to_renew_the_lock(network, cache):
    network.files.popitem()
    network.down = (SNAPSHOT_ARCHIVE,)
    with pytest.raises(LockError, match="no longer has the locked Debian package") as caught:
        base(network, cache)
    assert "pack lock --upgrade" in (caught.value.hint or "")


def test_a_file_that_is_another_package_is_refused(network, cache):
    renamed = replace(LOCK.package("odd"), name="other")
    lock = replace(LOCK, packages=tuple(sorted((*(p for p in LOCK.packages if p.name != "odd"), renamed))))
    with pytest.raises(ArchiveError, match="says that it is 'odd'"):
        base(network, cache, lock)


def test_a_base_that_cannot_run_here_says_why(network, cache):
    foreign = replace(LOCK, architecture="arm64")
    image = base(network, cache, foreign)
    if image.interpreter_refusal is not None:
        assert image.interpreter() is None
        assert "arm64" in image.interpreter_refusal
