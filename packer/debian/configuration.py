"""What maintainer scripts would have made, made without them: accounts, certificates, links, caches, metadata.

Each function adds entries to the root; together they are what a new root needs to run programs as an unprivileged user.
"""

from __future__ import annotations

from collections.abc import Mapping

from packer.debian.deb import DebPackage
from packer.debian.elf import soname
from packer.debian.ldcache import Library, cache_bytes, library_folders
from packer.debian.maintainer_scripts import Alternative, alternatives
from packer.debian.releases import CERTIFICATE_BUNDLE, Architecture, Release
from packer.debian.rootfs import RootTree, merged_usr
from packer.debian.selection import CERTIFICATE
from packer.errors import BuildError
from packer.oci.entry import APP_GID, APP_UID, Content, Entry, EntryKind

__all__ = ["configure", "find_libraries"]

_OWNER = "base-files"
"""Whatever belongs to no package is counted to this one."""
_PASSWD = f"""\
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
app:x:{APP_UID}:{APP_GID}:app:/tmp:/sbin/nologin
"""
_GROUP = f"""\
root:x:0:
tty:x:5:
staff:x:50:
nogroup:x:65534:
app:x:{APP_GID}:
"""
_FOLDERS = (
    ("media", 0o755), ("mnt", 0o755), ("opt", 0o755), ("run/lock", 0o1777), ("srv", 0o755), ("tmp", 0o1777),
    ("usr/local/bin", 0o755), ("usr/local/lib", 0o755), ("var/tmp", 0o1777),
)  # fmt: skip
_LARGEST_TEXT = 8 << 20


def configure(
    tree: RootTree,
    packages: Mapping[str, DebPackage],
    *,
    release: Release,
    architecture: Architecture,
) -> tuple[Library, ...]:
    """Complete a root. The result is the libraries that its dynamic loader finds."""
    _add_folders(tree, architecture)
    _add_accounts(tree)
    _bundle_certificates(tree)
    _choose_name_services(tree)
    _set_time_zone(tree)
    _finish_python(tree, release)
    _follow_alternatives(tree, packages)
    _add_package_metadata(tree, packages)
    libraries = find_libraries(tree, architecture)
    cache = cache_bytes(libraries, flags=architecture.cache_flags)
    tree.put(Entry.file("etc/ld.so.cache", cache), _OWNER)
    return libraries


def _add_folders(tree: RootTree, architecture: Architecture) -> None:
    for name in architecture.top_links:
        tree.put(Entry.symlink(name, f"usr/{name}"), _OWNER)
    for path, mode in _FOLDERS:
        tree.put(Entry.directory(path, mode=mode), _OWNER)
    tree.put(Entry.symlink("var/run", "/run"), _OWNER)
    tree.put(Entry.symlink("var/lock", "/run/lock"), _OWNER)
    tree.put_missing(Entry.directory("root", mode=0o700), _OWNER)
    tree.put_missing(Entry.symlink("etc/dpkg/origins/default", "debian"), _OWNER)


def _add_accounts(tree: RootTree) -> None:
    tree.put(Entry.file("etc/passwd", _PASSWD.encode()), _OWNER)
    tree.put(Entry.file("etc/group", _GROUP.encode()), _OWNER)


def _bundle_certificates(tree: RootTree) -> None:
    """One file instead of some 150, and the places where OpenSSL looks without being told."""
    bundle = bytearray()
    for entry in tree.below("usr/share/ca-certificates"):
        if CERTIFICATE.fullmatch(entry.path):
            bundle += _text(entry).strip() + b"\n"
        tree.remove(entry.path)
    tree.remove("usr/share/ca-certificates")
    if not bundle:
        raise BuildError("the package ca-certificates holds no certificates", hint="report this as a bug of pack")
    owner = "ca-certificates"
    tree.put(Entry.file(CERTIFICATE_BUNDLE, bytes(bundle)), owner)
    tree.put(Entry.symlink("usr/lib/ssl/cert.pem", f"/{CERTIFICATE_BUNDLE}"), owner)
    tree.put_missing(Entry.symlink("usr/lib/ssl/certs", "/etc/ssl/certs"), owner)


def _choose_name_services(tree: RootTree) -> None:
    default = tree.get("usr/share/libc-bin/nsswitch.conf")
    if default is not None:
        tree.put_missing(Entry.file("etc/nsswitch.conf", _text(default)), "libc-bin")


def _set_time_zone(tree: RootTree) -> None:
    tree.put_missing(Entry.symlink("etc/localtime", "/usr/share/zoneinfo/Etc/UTC"), "tzdata")
    tree.put_missing(Entry.file("etc/timezone", b"Etc/UTC\n"), "tzdata")


def _finish_python(tree: RootTree, release: Release) -> None:
    """The plain names, and the file that the standard library's `sitecustomize.py` is a link to; if it has Python."""
    if f"usr/bin/python{release.python}" not in tree:
        return
    owner = f"python{release.python}-minimal"
    for name in ("python", "python3"):
        tree.put(Entry.symlink(f"usr/bin/{name}", f"python{release.python}"), owner)
    tree.put_missing(
        Entry.file(f"etc/python{release.python}/sitecustomize.py", b"# nothing to customize\n"),
        f"libpython{release.python}-minimal",
    )


def _follow_alternatives(tree: RootTree, packages: Mapping[str, DebPackage]) -> None:
    found: dict[str, tuple[Alternative, str]] = {}
    for name in sorted(packages):
        for alternative in alternatives(packages[name].script):
            best = found.get(alternative.link)
            if tree.resolve(alternative.path) is not None and (best is None or best[0].priority < alternative.priority):
                found[alternative.link] = (alternative, name)
    for link in sorted(found):
        alternative, name = found[link]
        entry = merged_usr(Entry.symlink(link, f"/{alternative.path}"))  # cpp registers /lib/cpp
        if entry is not None:
            tree.put_missing(entry, name)


def _add_package_metadata(tree: RootTree, packages: Mapping[str, DebPackage]) -> None:
    """What scanners read to know the packages of an image that has no dpkg: one file a package."""
    for name, package in packages.items():
        stanza = package.control_text.strip() + b"\n"
        tree.put(Entry.file(f"var/lib/dpkg/status.d/{name}", stanza), name)
        if package.checksums:
            tree.put(Entry.file(f"var/lib/dpkg/status.d/{name}.md5sums", package.checksums), name)


def find_libraries(tree: RootTree, architecture: Architecture) -> tuple[Library, ...]:
    """The shared libraries in the loader's folders, by folder and file name."""
    files = [entry for entry in tree.below("etc/ld.so.conf.d") if entry.kind is EntryKind.FILE]
    texts = [_text(entry).decode("utf-8", "replace") for entry in files if entry.path.endswith(".conf")]
    libraries: list[Library] = []
    seen: set[str] = set()
    for folder in library_folders(texts, architecture.triplet):
        real = folder[1:] if folder.startswith("/usr/") else f"usr{folder}"
        if real in seen:
            continue
        seen.add(real)
        for entry in tree.below(real):
            name = entry.path.removeprefix(f"{real}/")
            if "/" in name or not (name.startswith(("lib", "ld-")) and ".so" in name):
                continue
            known = _soname(tree, entry, architecture)
            if known is not None:
                file = known if f"{real}/{known}" in tree else name
                libraries.append(Library(known, f"{folder}/{file}"))
    return tuple(dict.fromkeys(libraries))


def _soname(tree: RootTree, entry: Entry, architecture: Architecture) -> str | None:
    real = tree.resolve(entry.path)
    if real is None or not isinstance(real.content, Content):
        return None
    with real.content.open() as stream:
        return soname(stream, machine=architecture.elf_machine)


def _text(entry: Entry) -> bytes:
    if entry.size > _LARGEST_TEXT:
        raise BuildError(f"/{entry.path} is larger than such a file can be")
    if isinstance(entry.content, Content):
        with entry.content.open() as stream:
            return stream.read()
    return entry.content
