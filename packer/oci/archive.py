"""Deterministic tar streams: what a layer's bytes are before they are compressed.

POSIX ustar (IEEE Std 1003.1, pax interchange format); a pax extended header stands only before an entry that ustar
cannot say: a long or non-ASCII name, 8 GiB and more, a large or negative number. Equal entries give equal bytes:
sorted by path, parents first and completed, numeric owners, no names, no clock. Headers are written by hand, which
takes a quarter of `tarfile`'s time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from packer.errors import ArchiveError
from packer.oci.entry import Content, Entry, EntryKind
from packer.regex import regex

__all__ = ["DEFAULT_MTIME", "tar_chunks"]

DEFAULT_MTIME = 1
"""One second after the epoch: some programs take 0 for "not set"."""

_BLOCK = 512
_RECORD = 20 * _BLOCK
_READ_SIZE = 1 << 18
_HEADER = struct.Struct("100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x")
_MAGIC = b"ustar\x0000"
_NO_DEVICE = b"0000000\0"
_CHECKSUM_BLANK = b" " * 8
_TYPES = {EntryKind.FILE: b"0", EntryKind.SYMLINK: b"2", EntryKind.DIRECTORY: b"5"}
_BAD_PATH = regex(r"(?:\A|/)\.{0,2}(?:/|\Z)|\0|(?:\A|/)\.wh\.")
"""An empty, `.` or `..` component (so also an absolute path), NUL, or a name that means "deleted" in a layer."""


def tar_chunks(entries: Iterable[Entry], *, mtime: int = DEFAULT_MTIME) -> Iterator[bytes]:
    """The tar stream of `entries`, in pieces of any size.

    `mtime` is for the entries that have none. The stream is padded to 10,240 bytes. All entries are held; large
    contents are streamed.

    Raises:
        ArchiveError: a path is absolute, not normalised, holds `..` or NUL, is not UTF-8 or is a whiteout; two
            entries have one path (equal directories may); an entry lies below one that is no directory; a content
            has not its size. Nothing is yielded before the paths are checked.
    """
    size = 0
    for entry in _completed(entries):
        header = _header(entry, entry.mtime if entry.mtime is not None else mtime)
        yield header
        size += len(header)
        if entry.kind is EntryKind.FILE and entry.size:
            yield from _content(entry)
            padding = -entry.size % _BLOCK
            yield bytes(padding)
            size += entry.size + padding
    yield bytes(2 * _BLOCK + -(size + 2 * _BLOCK) % _RECORD)


def _completed(entries: Iterable[Entry]) -> list[Entry]:
    """The entries with the parents that are missing, each parent before what it holds."""
    by_path: dict[str, Entry] = {}
    for entry in entries:
        path = entry.path
        if _BAD_PATH.search(path):
            raise ArchiveError(f"a layer cannot hold the path {path!r}")
        other = by_path.setdefault(path, entry)
        if other is not entry and not (entry.kind is EntryKind.DIRECTORY and entry == other):
            raise ArchiveError(f"{path!r} is there twice: {_described(other)} and {_described(entry)}")
    for path in list(by_path):
        _add_parents(path, by_path)
    return [by_path[path] for path in sorted(by_path)]


def _add_parents(path: str, by_path: dict[str, Entry]) -> None:
    child = path
    while "/" in child:
        parent = child.rpartition("/")[0]
        known = by_path.get(parent)
        if known is not None:
            if known.kind is not EntryKind.DIRECTORY:
                raise ArchiveError(f"{path!r} lies below {parent!r}, which is {_described(known)}")
            return
        by_path[parent] = Entry.directory(parent)
        child = parent


def _described(entry: Entry) -> str:
    if entry.kind is EntryKind.FILE:
        return f"a file of {entry.size} bytes"
    if entry.kind is EntryKind.SYMLINK:
        return f"a link to {entry.target!r}"
    return f"a directory with mode {entry.mode:o}"


def _content(entry: Entry) -> Iterator[bytes]:
    """The bytes of a file, which must be as many as it said."""
    content = entry.content
    if not isinstance(content, Content):
        yield content
        return
    rest = content.size
    with content.open() as stream:
        while chunk := stream.read(_READ_SIZE):
            rest -= len(chunk)
            if rest < 0:
                break
            yield chunk
    if rest:
        raise ArchiveError(
            f"{entry.path!r} is {'shorter' if rest > 0 else 'longer'} than the {content.size} bytes it should have",
            hint="it may have changed while it was read: build again",
        )


def _header(entry: Entry, mtime: int) -> bytes:
    """The entry's header block, after its pax header where it needs one."""
    extended: dict[str, str] = {}
    name = entry.path + "/" if entry.kind is EntryKind.DIRECTORY else entry.path
    prefix, short = _split_name(name, extended)
    size = entry.size if entry.kind is EntryKind.FILE else 0
    target = b""
    if entry.kind is EntryKind.SYMLINK:
        target = _link_target(entry, extended)
    block = _block(
        short,
        prefix=prefix,
        kind=_TYPES[entry.kind],
        mode=entry.mode & 0o7777,
        uid=_number(entry.uid, 7, "uid", extended),
        gid=_number(entry.gid, 7, "gid", extended),
        size=_number(size, 11, "size", extended),
        mtime=_number(mtime, 11, "mtime", extended),
        target=target,
    )
    return _extended_header(extended) + block if extended else block


def _split_name(name: str, extended: dict[str, str]) -> tuple[bytes, bytes]:
    """A path as ustar's prefix and name fields; what does not fit goes to the extended header."""
    encoded = _utf8(name)
    if len(encoded) <= 100 and name.isascii():
        return b"", encoded
    if name.isascii():
        # The prefix is as long as it may be (155 bytes), the rest must fit the name field and not be empty.
        cut = encoded.rfind(b"/", 0, min(156, len(encoded) - 1))
        if cut > 0 and len(encoded) - cut - 1 <= 100:
            return encoded[:cut], encoded[cut + 1 :]
    extended["path"] = name
    return b"", encoded[:100]


def _link_target(entry: Entry, extended: dict[str, str]) -> bytes:
    encoded = _utf8(entry.target)
    if not encoded or b"\0" in encoded:
        raise ArchiveError(f"{entry.path!r} is a link to {entry.target!r}, which cannot be")
    if len(encoded) > 100 or not entry.target.isascii():
        extended["linkpath"] = entry.target
    return encoded[:100]


def _number(value: int, digits: int, key: str, extended: dict[str, str]) -> int:
    """The number as its octal field can hold it; a larger or negative one goes to the extended header."""
    if 0 <= value < 8**digits:
        return value
    extended[key] = str(value)
    return 0


def _extended_header(values: dict[str, str]) -> bytes:
    """A pax header: `length key=value` records, where the length counts itself."""
    body = bytearray()
    for key in sorted(values):
        text = f" {key}={values[key]}\n".encode()
        length = len(text) + len(str(len(text)))
        length = len(text) + len(str(length))
        body += str(length).encode() + text
    head = _block(b"PaxHeaders", kind=b"x", mode=0o644, size=len(body))
    return head + bytes(body) + bytes(-len(body) % _BLOCK)


def _block(
    name: bytes,
    *,
    kind: bytes,
    mode: int,
    prefix: bytes = b"",
    uid: int = 0,
    gid: int = 0,
    size: int = 0,
    mtime: int = 0,
    target: bytes = b"",
) -> bytes:
    """One ustar header block with its checksum."""
    block = _HEADER.pack(
        name,
        b"%07o" % mode,
        b"%07o" % uid,
        b"%07o" % gid,
        b"%011o" % size,
        b"%011o" % mtime,
        _CHECKSUM_BLANK,
        kind,
        target,
        _MAGIC,
        b"",
        b"",
        _NO_DEVICE,
        _NO_DEVICE,
        prefix,
    )
    return b"%b%06o\0 %b" % (block[:148], sum(block), block[156:])


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ArchiveError(f"the name {text!r} is not UTF-8", hint="rename it, or exclude it") from error
