"""A wheel laid out for an image: the entries that installing it would give, without installing it anywhere.

PyPA's `installer` decides what goes where; its source here is a `WheelArchive` whose files stay closed, its
destination is a list of entries. What it writes differs from pip's in nothing but INSTALLER and an ordered RECORD.
Specification: https://packaging.python.org/en/latest/specifications/binary-distribution-format/#installing-a-wheel
"""

from __future__ import annotations

import configparser
import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO, cast

from installer import install
from installer.destinations import WheelDestination
from installer.exceptions import InstallerError
from installer.records import Hash, InvalidRecordEntry, RecordEntry, parse_record_file
from installer.scripts import Script
from installer.sources import WheelSource
from msgspec import Struct
from msgspec.structs import replace

from packer.errors import ArchiveError
from packer.oci.entry import Content, Entry
from packer.regex import regex
from packer.wheels.archive import Member, WheelArchive, record_hash
from packer.wheels.environment import VirtualEnvironment

if TYPE_CHECKING:
    from installer.scripts import ScriptSection
    from installer.sources import WheelContentElement
    from installer.utils import Scheme

__all__ = ["Layout", "lay_out"]

_DIST_INFO = regex(r"(?P<name>[^/-]+)-(?P<version>[^/-]+)\.dist-info", re.IGNORECASE)
_SCRIPT_NAME = regex(r"[^/\0\n]{1,255}")
_DOTTED = regex(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_OURS = frozenset({"INSTALLER", "REQUESTED", "RECORD.jws", "RECORD.p7s", "direct_url.json"})
"""Files of a `.dist-info` that the installer writes, or that cannot hold for an installed distribution."""
_MAX_METADATA = 16 * 1024 * 1024
_MAX_SCRIPT = 256 * 1024


class Layout(Struct, frozen=True, kw_only=True):
    """A wheel's place in the environment.

    Attributes:
        entries: everything but RECORD and bytecode.
        sources: the modules to compile: absolute path in the image, and the member that holds them.
        archive: where the members are.
        record_path: of RECORD, relative to the root of the image.
        rows: RECORD's rows for `entries`; paths are relative to the modules' folder.
        site: the modules' folder, absolute.
    """

    entries: tuple[Entry, ...]
    sources: tuple[tuple[str, Member], ...]
    archive: WheelArchive
    record_path: str
    rows: tuple[tuple[str, str, str], ...]
    site: str

    def fingerprints(self) -> Iterator[tuple[str, str]]:
        """For each entry its path and what stands for its content: hash, size and mode."""
        for entry, row in zip(self.entries, self.rows, strict=True):
            yield entry.path, f"{row[1]} {entry.size} {entry.mode:o}"

    def record(self, bytecode: Iterable[str]) -> Entry:
        """RECORD, sorted; bytecode files (absolute paths) stand in it without a hash, as pip lists them."""
        compiled = [(path.removeprefix(f"{self.site}/"), "", "") for path in bytecode]
        itself = (self.record_path.removeprefix(f"{self.site.lstrip('/')}/"), "", "")
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(sorted([*self.rows, *compiled, itself]))
        return Entry.file(self.record_path, text.getvalue().encode("utf-8", "surrogateescape"))


def lay_out(archive: WheelArchive, environment: VirtualEnvironment, *, direct: bool) -> Layout:
    """Decide where every file of a wheel goes.

    Args:
        archive: the wheel.
        environment: where it goes.
        direct: the project asks for it itself.

    Raises:
        ArchiveError: the wheel breaks the specification in a way that matters, or means harm.
    """
    destination = _LayerDestination(archive, environment)
    metadata = {"INSTALLER": b"pack\n", **({"REQUESTED": b""} if direct else {})}
    try:
        source = _ArchiveSource(archive)
        install(source, destination, metadata)
    except (
        InstallerError,
        InvalidRecordEntry,
        ValueError,
        KeyError,
        AssertionError,
        csv.Error,
        configparser.Error,
    ) as cause:
        reason = str(cause) or "its metadata cannot be read"
        raise ArchiveError(
            f"{archive.label} cannot be installed: {reason}"[:400],
            hint="the wheel was built wrongly: use another version of it",
        ) from cause
    return destination.layout()


class _Deferred(io.RawIOBase):
    """Stands for a member's content in `installer`, which hands it on without reading it."""

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.member = member


class _ArchiveSource(WheelSource):
    """A wheel as `installer` wants to see it."""

    def __init__(self, archive: WheelArchive) -> None:
        folders = {name.partition("/")[0] for name in archive.members if "/" in name}
        found = sorted(folder for folder in folders if folder.endswith(".dist-info"))
        match = _DIST_INFO.fullmatch(found[0]) if len(found) == 1 else None
        if match is None:
            raise ValueError(f"it needs one .dist-info folder, and has {found or 'none'}")
        super().__init__(match["name"], match["version"])
        self._archive = archive

    @property
    def dist_info_filenames(self) -> list[str]:
        prefix = f"{self.dist_info_dir}/"
        return [name.removeprefix(prefix) for name in self._archive.members if name.startswith(prefix)]

    def read_dist_info(self, filename: str) -> str:
        member = self._archive.members.get(f"{self.dist_info_dir}/{filename}")
        if member is None:
            raise ValueError(f"it has no {filename}")
        if member.size > _MAX_METADATA:
            raise ValueError(f"its {filename} has {member.size} bytes")
        return self._archive.read(member).decode("utf-8")

    def get_contents(self) -> Iterator[WheelContentElement]:
        rows = {row[0]: row for row in parse_record_file(self.read_dist_info("RECORD").splitlines())}
        dropped = {f"{self.dist_info_dir}/{name}" for name in _OURS}
        for name, member in self._archive.members.items():
            if name in dropped or "__pycache__" in name.split("/")[:-1]:
                continue
            row = rows.get(name, (name, "", ""))
            yield row, cast("BinaryIO", _Deferred(_promised(member, row))), member.executable


class _LayerDestination(WheelDestination):
    """Collects what `installer` decides."""

    def __init__(self, archive: WheelArchive, environment: VirtualEnvironment) -> None:
        self._archive = archive
        self._environment = environment
        self._folder = environment.prefix.lstrip("/")
        self._entries: dict[str, Entry] = {}
        self._sources: list[tuple[str, Member]] = []
        self._rows: list[tuple[str, str, str]] = []
        self._record_path = ""
        self._launchers: dict[str, RecordEntry] = {}

    def write_script(self, name: str, module: str, attr: str, section: ScriptSection) -> RecordEntry:
        if not _SCRIPT_NAME.fullmatch(name) or name in {".", ".."}:
            raise ValueError(f"a script is called {name!r}")
        if not _DOTTED.fullmatch(module) or not _DOTTED.fullmatch(attr):
            raise ValueError(f"the script {name} calls {module!r}:{attr!r}")
        _, content = Script(name, module, attr, section).generate(self._environment.executable, "posix")
        self._launchers[name] = self._put_bytes("scripts", name, content, executable=True)
        return self._launchers[name]

    def write_file(
        self,
        scheme: Scheme,
        path: str | PathLike[str],
        stream: BinaryIO,
        is_executable: bool,  # noqa: FBT001 (installer's signature)
    ) -> RecordEntry:
        path = os.fspath(path)
        if not isinstance(stream, _Deferred):
            return self._put_bytes(scheme, path, stream.read(), executable=False)
        member = stream.member
        if scheme == "scripts":
            return self._put_script(path, member)
        content = Content(member.size, partial(self._archive.open, member))
        return self._put_member(scheme, path, member, content, executable=is_executable)

    def finalize_installation(
        self,
        scheme: Scheme,  # noqa: ARG002 (RECORD is always among the modules)
        record_file_path: str,
        records: Iterable[tuple[Scheme, RecordEntry]],  # noqa: ARG002 (kept as the files came, with their places)
    ) -> None:
        self._record_path = f"{self._folder}/{self._environment.site_packages}/{record_file_path}"

    def layout(self) -> Layout:
        return Layout(
            entries=tuple(self._entries.values()),
            sources=tuple(self._sources),
            archive=self._archive,
            record_path=self._record_path,
            rows=tuple(self._rows),
            site=f"{self._environment.prefix}/{self._environment.site_packages}",
        )

    def _put_script(self, path: str, member: Member) -> RecordEntry:
        """A script of the wheel's own; `#!python` means the environment's interpreter. Large ones are programs.

        Old wheels carry some that are entry points, too: those stand in their place, as pip has it.
        """
        if path in self._launchers:
            return self._launchers[path]
        if member.size <= _MAX_SCRIPT:
            text = self._archive.read(member)
            if text.startswith(b"#!python"):
                _, _, rest = text.partition(b"\n")
                shebang = f"#!{self._environment.executable}\n".encode()
                return self._put_bytes("scripts", path, shebang + rest, executable=True)
        content = Content(member.size, partial(self._archive.open, member))
        return self._put_member("scripts", path, member, content, executable=True)

    def _put_member(self, scheme: str, path: str, member: Member, content: Content, *, executable: bool) -> RecordEntry:
        digest = "=".join(member.digest) if member.digest else ""
        place = self._put(scheme, path, content, digest, executable=executable)
        if scheme in {"purelib", "platlib"} and path.endswith(".py"):
            self._sources.append((f"/{place}", member))
        return RecordEntry(path, Hash(*member.digest) if member.digest else None, member.size)

    def _put_bytes(self, scheme: str, path: str, content: bytes, *, executable: bool) -> RecordEntry:
        digest = record_hash(content)
        self._put(scheme, path, content, digest, executable=executable)
        return RecordEntry(path, Hash.parse(digest), len(content))

    def _put(self, scheme: str, path: str, content: bytes | Content, digest: str, *, executable: bool) -> str:
        """Add an entry and its row; the entry's path."""
        environment = self._environment
        folder = environment.scheme_folder(scheme, self._archive.label.partition("-")[0])
        relative = f"{folder}/{path}" if folder else path
        place = f"{self._folder}/{relative}"
        if relative in environment.reserved:
            raise ValueError(f"it would replace the environment's own {relative}")
        if place in self._entries:
            raise ValueError(f"it puts two files at {relative}")
        entry = Entry.file(place, content, mode=0o755 if executable else 0o644)
        self._entries[place] = entry
        site = f"{environment.site_packages}/"
        shown = relative.removeprefix(site) if relative.startswith(site) else f"../../../{relative}"
        self._rows.append((shown, digest, str(entry.size) if digest else ""))
        return place


def _promised(member: Member, row: tuple[str, str, str]) -> Member:
    """The member with the hash that RECORD promises, by an algorithm that holds."""
    if not row[1]:
        return member
    algorithm, _, value = row[1].partition("=")
    if algorithm not in {"sha256", "sha384", "sha512"} or algorithm not in hashlib.algorithms_available:
        raise ValueError(f"its RECORD hashes {member.name} by {algorithm}: the least is sha256")
    return replace(member, digest=(algorithm, value))
