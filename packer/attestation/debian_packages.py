"""The Debian packages of an image, from dpkg's own records, and the licences that their copyright files name.

Sources: dpkg(1), Debian Policy 12.5, https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packer.attestation.inventory import DebianPackage, OperatingSystem
from packer.attestation.texts import line_of, text_of
from packer.debian.control import Fields, parse_stanzas
from packer.errors import ArchiveError
from packer.project.model import Caution
from packer.regex import regex
from packer.store.file_tree import FileTree

__all__ = ["debian_packages", "operating_system"]

_STATUS = "var/lib/dpkg/status"
_STATUS_FOLDER = "var/lib/dpkg/status.d"
"""One file a package, where an image has no dpkg of its own."""
_RELEASE_FILES = ("etc/os-release", "usr/lib/os-release")
_MOST_PACKAGES = 20_000
_NAME = regex(r"[a-z0-9][a-z0-9+.-]{1,127}")
_VERSION = regex(r"[A-Za-z0-9.+:~-]{1,200}")
_ARCHITECTURE = regex(r"[a-z0-9-]{1,32}")
_SOURCE = regex(r"(?P<name>[a-z0-9][a-z0-9+.-]{1,127})(?:\s*\((?P<version>[A-Za-z0-9.+:~-]{1,200})\))?")
_SHORT_NAME = regex(r"^License:[ \t]*(\S[^\n]{0,200})", re.MULTILINE)
_COMMON = regex(r"/usr/share/common-licenses/([A-Za-z0-9][A-Za-z0-9.+-]{0,60})")


def operating_system(tree: FileTree) -> OperatingSystem | None:
    """What the image's `os-release` says; None where there is none."""
    for path in _RELEASE_FILES:
        text = text_of(tree, path)
        if text is not None:
            fields = dict(_assignments(text))
            if name := fields.get("ID", "linux"):
                return OperatingSystem(
                    name=name, version=fields.get("VERSION_ID", ""), codename=fields.get("VERSION_CODENAME", "")
                )
    return None


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), line_of(value.strip().strip("\"'"))


def debian_packages(tree: FileTree, cautions: list[Caution]) -> tuple[DebianPackage, ...]:
    """The installed packages, by name. What cannot be read is noted in `cautions`.

    Raises `ArchiveError` for more packages than any image has.
    """
    found: dict[tuple[str, str], DebianPackage] = {}
    for record, fields in _stanzas(tree):
        if not _installed(fields):
            continue
        package = _package(tree, record, fields)
        if package is None:
            name = line_of(fields.get("package"))
            cautions.append(Caution(what=f"/{record} lists the package {name!r:.80} in a way that pack cannot read"))
            continue
        found[package.name, package.architecture] = package
        if len(found) > _MOST_PACKAGES:
            raise ArchiveError(f"the image lists more than {_MOST_PACKAGES} Debian packages", where=f"/{record}")
    return tuple(found[key] for key in sorted(found))


def _stanzas(tree: FileTree) -> Iterator[tuple[str, Fields]]:
    names = [name for name in tree.names(_STATUS_FOLDER) if not name.endswith(".md5sums")]
    for path in (_STATUS, *(f"{_STATUS_FOLDER}/{name}" for name in names)):
        for fields in parse_stanzas(text_of(tree, path) or ""):
            yield path, fields


def _installed(fields: Fields) -> bool:
    """Whether dpkg has the package's files in place; images without dpkg state no status."""
    status = fields.get("status", "").split()
    return "package" in fields and (not status or status[-1] not in {"not-installed", "config-files"})


def _package(tree: FileTree, record: str, fields: Fields) -> DebianPackage | None:
    name, version = fields["package"], fields.get("version", "")
    architecture = fields.get("architecture", "all")
    source = _SOURCE.fullmatch(fields.get("source", name))
    right = _NAME.fullmatch(name) and _VERSION.fullmatch(version) and _ARCHITECTURE.fullmatch(architecture)
    if not right or source is None:
        return None
    path = f"usr/share/doc/{name}/copyright"
    return DebianPackage(
        name=name,
        version=version,
        architecture=architecture,
        source=source["name"],
        source_version=source["version"] or version,
        depends=", ".join(filter(None, (fields.get("pre-depends"), fields.get("depends")))),
        provides=fields.get("provides", ""),
        maintainer=line_of(fields.get("maintainer")),
        licenses=_licenses(text_of(tree, path) or ""),
        copyright=f"/{path}" if tree.file(path) else "",
        record=f"/{record}",
    )


def _licenses(text: str) -> tuple[str, ...]:
    """Short names from a machine-readable copyright file; else the common licences that the text points to."""
    machine_readable = "/copyright-format/1." in text[:2000]
    names = _SHORT_NAME.findall(text) if machine_readable else _COMMON.findall(text)
    return tuple(sorted({line_of(name).rstrip(".,") for name in names}))
