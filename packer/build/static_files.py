"""The layer of static files: each at its URL path, with a compressed copy beside it where that is smaller."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from packer.build.source_content import read_source, source_content
from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.project.model import StaticFolder
from packer.system.source_files import SourceFile

__all__ = ["static_recipe"]

_LAYOUT_VERSION = "static/1"
_ROOT = "srv/www"
_COMPRESSIBLE = frozenset(
    {".css", ".csv", ".eot", ".htm", ".html", ".ico", ".js", ".json", ".map", ".md", ".mjs", ".otf", ".svg", ".ttf"}
    | {".txt", ".wasm", ".webmanifest", ".xml"}
)
_SMALLEST, _LARGEST = 1024, 32 << 20
_WORTH = 0.95
"""A copy that saves less than a twentieth is not kept."""
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_FIRST_MTIME = 315_532_800
"""1980: where the times that stand for contents begin."""


def static_recipe(
    root: Path,
    files: Sequence[SourceFile],
    digests: Mapping[str, str],
    folders: Sequence[StaticFolder],
) -> LayerRecipe:
    """The recipe of the layer.

    nginx makes its ETag of a file's size and time. Times of layers are constant, so that two contents of one size would
    pass for the same; therefore a file's time is made of its content.

    Args:
        root: the project.
        files: what goes into images, sorted by path.
        digests: the SHA-256 of each regular file.
        folders: the first of two that have a file at the same URL path wins, as it does for Flask.
    """
    placed: dict[str, SourceFile] = {}
    for folder in folders:
        for file in files:
            if file.target is None and (inner := _inside(folder.path, file.path)) is not None:
                placed.setdefault(f"{_ROOT}{folder.url}/{inner}", file)
    inputs = (
        _LAYOUT_VERSION,
        f"zlib {zlib.ZLIB_RUNTIME_VERSION}",
        *(f"{place}\0{digests[placed[place].path]}" for place in sorted(placed)),
    )

    def entries() -> Iterator[Entry]:
        yield Entry.directory(_ROOT)
        for place in sorted(placed):
            file = placed[place]
            digest = digests[file.path]
            mtime = _FIRST_MTIME + (int(digest[:8], 16) >> 2)
            content = source_content(root / file.path, file, digest)
            yield replace(Entry.file(place, content), mtime=mtime)
            if f"{place}.gz" not in placed and (compressed := _compressed(root, file, digest)) is not None:
                yield replace(Entry.file(f"{place}.gz", compressed), mtime=mtime)

    return LayerRecipe(name="static", inputs=inputs, created_by="pack: the project's static files", entries=entries)


def _inside(folder: str, path: str) -> str | None:
    """A file's path inside a folder, None when it is not in it.

    >>> _inside("app/static", "app/static/css/a.css"), _inside("app/static", "app/statics"), _inside(".", "a")
    ('css/a.css', None, 'a')
    """
    if folder == ".":
        return path
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else None


def _compressed(root: Path, file: SourceFile, digest: str) -> bytes | None:
    """A gzip copy of a file, None where it would not pay."""
    if posixpath.splitext(file.path)[1].lower() not in _COMPRESSIBLE or not _SMALLEST <= file.size <= _LARGEST:
        return None
    deflate = zlib.compressobj(9, zlib.DEFLATED, _GZIP_WINDOW)
    compressed = deflate.compress(read_source(root / file.path, file.path, digest)) + deflate.flush()
    return compressed if len(compressed) < file.size * _WORTH else None
