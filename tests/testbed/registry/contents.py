"""What a registry keeps: repositories of blobs, manifests, tags and unfinished uploads."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from .documents import Manifest
from .wire import Refusal

__all__ = ["Contents", "Repository", "StoredBytes", "Upload", "checked_digest"]

_PIECE = 262_144
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


class StoredBytes(Protocol):
    """Bytes at rest, which only grow."""

    size: int

    def append(self, piece: bytes, /) -> None:
        """Put a piece at the end."""
        ...

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, in pieces."""
        ...


class _InMemory:
    def __init__(self) -> None:
        self._content = bytearray()
        self.size = 0

    def append(self, piece: bytes, /) -> None:
        self._content += piece
        self.size += len(piece)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        for position in range(start, stop, _PIECE):
            yield bytes(self._content[position : min(position + _PIECE, stop)])


class _OnDisk:
    """One file, opened only while it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._path.touch()
        self.size = 0

    def append(self, piece: bytes, /) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(piece)
        self.size += len(piece)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        with self._path.open("rb", buffering=0) as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(_PIECE, stop - start))):
                start += len(piece)
                yield piece


@dataclass(slots=True)
class Upload:
    """An upload that has begun. `moves` counts the requests that changed it: its address changes with every one."""

    identifier: str
    content: StoredBytes
    moves: int = 0
    last_piece: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, body: Iterable[bytes]) -> int:
        """Append a body; its size."""
        before = self.content.size
        for piece in body:
            self.content.append(piece)
        self.moves += 1
        return self.content.size - before

    def matches(self, digest: str) -> bool:
        """Whether what came is what the digest names."""
        if not _DIGEST.fullmatch(digest):
            return False
        algorithm, _, expected = digest.partition(":")
        hashed = hashlib.new(algorithm)
        for piece in self.content.read(0, self.content.size):
            hashed.update(piece)
        return hashed.hexdigest() == expected


@dataclass(slots=True)
class Repository:
    """The contents of one repository."""

    blobs: dict[str, StoredBytes] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def manifest(self, reference: str) -> Manifest | None:
        """By tag or digest."""
        return self.manifests.get(self.tags.get(reference, reference))


class Contents:
    """All repositories, in memory, or with blobs in files of a folder.

    `lock` is held for every look at or change of a repository, never while bytes travel.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.repositories: dict[str, Repository] = {}
        self._folder = folder
        if folder is not None:
            folder.mkdir(exist_ok=True)
        self._numbers = count(1)

    def repository(self, name: str) -> Repository:
        """An existing repository; refused as NAME_UNKNOWN."""
        with self.lock:
            found = self.repositories.get(name)
        if found is None:
            raise Refusal(404, "NAME_UNKNOWN", f"there is no repository {name}")
        return found

    def find_blob(self, digest: str) -> StoredBytes | None:
        """A blob of any repository."""
        with self.lock:
            found = (repository.blobs.get(digest) for repository in self.repositories.values())
            return next((blob for blob in found if blob is not None), None)

    def begin_upload(self, name: str) -> Upload:
        """Begin an upload; the repository is made when it is not there."""
        with self.lock:
            number = next(self._numbers)
            content = _OnDisk(self._folder / f"blob-{number}") if self._folder else _InMemory()
            upload = Upload(identifier=f"{number:08x}", content=content)
            self.repositories.setdefault(name, Repository()).uploads[upload.identifier] = upload
        return upload

    def upload(self, name: str, identifier: str) -> Upload:
        """An upload that goes on; refused as BLOB_UPLOAD_UNKNOWN."""
        with self.lock:
            found = self.repositories.get(name, Repository()).uploads.get(identifier)
        if found is None:
            raise Refusal(404, "BLOB_UPLOAD_UNKNOWN", f"there is no upload {identifier}")
        return found

    def end_upload(self, name: str, upload: Upload, digest: str | None) -> None:
        """Forget the upload; with a digest, keep what it brought as that blob."""
        with self.lock:
            repository = self.repository(name)
            repository.uploads.pop(upload.identifier, None)
            if digest:
                repository.blobs[digest] = upload.content


def checked_digest(text: str | None) -> str:
    """A digest that is well formed; refused as DIGEST_INVALID."""
    if text is None or not _DIGEST.fullmatch(text):
        raise Refusal(400, "DIGEST_INVALID", f"{text!r} is not a digest")
    return text
