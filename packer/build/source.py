"""The source layer: the project under `/app`, root-owned, with its bytecode; only the volumes are writable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from packer.build.source_content import read_source, source_content
from packer.oci.digest import Digest
from packer.oci.entry import APP_GID, APP_UID, Entry
from packer.oci.layer import LayerRecipe
from packer.plan.model import APP_ROOT, SourcePlan
from packer.store.cache import BlobCache
from packer.system.bytecode import Compiler, Source, pyc_path
from packer.system.source_files import SourceFile

__all__ = ["source_recipe"]

_LAYOUT_VERSION = "source/2"
_COMPILED_SIZE = 4 << 20
"""Larger sources are generated data; nobody waits for their bytecode."""


def source_recipe(
    root: Path,
    files: Sequence[SourceFile],
    digests: Mapping[str, str],
    plan: SourcePlan,
    *,
    compiler: Compiler | None,
    cache: BlobCache,
) -> LayerRecipe:
    """The recipe of the source layer.

    Args:
        root: the project.
        files: what goes into the image, sorted by path.
        digests: the SHA-256 of each regular file.
        plan: volumes and links.
        compiler: makes bytecode for the target's interpreter; None for a layer without it.
        cache: keeps the bytecode of each source.
    """
    linked = {link: target for volume in plan.volumes for link, target in volume.links}
    kept = [file for file in files if str(APP_ROOT / file.path) not in linked]
    moved = [
        (file, linked[path]) for file in files if (path := str(APP_ROOT / file.path)) in linked and not file.target
    ]
    inputs = (
        _LAYOUT_VERSION,
        f"bytecode {compiler.interpreter.version if compiler else None}",
        *(f"volume {volume.path} {volume.links}" for volume in plan.volumes),
        *(f"{file.path}\0{int(file.executable)}\0{file.target or digests[file.path]}" for file in kept),
        *(f"{target}\0{digests[file.path]}" for file, target in moved),
    )

    def entries() -> Iterator[Entry]:
        writable = {PurePosixPath(volume.path) for volume in plan.volumes}
        for file in kept:
            yield _entry(root, file, digests, writable)
        yield from _volumes(plan)
        for file, target in moved:  # what the project has to begin with; a new volume takes it over
            content = source_content(root / file.path, file, digests[file.path])
            yield Entry.file(target.lstrip("/"), content, mode=0o644, uid=APP_UID, gid=APP_GID)
        if compiler:
            yield from _bytecode(root, filter(_is_source, kept), digests, compiler, cache)

    return LayerRecipe(name="app", inputs=inputs, created_by="pack: the project's source", entries=entries)


def _is_source(file: SourceFile) -> bool:
    return file.path.endswith(".py") and file.target is None and file.size <= _COMPILED_SIZE


def _entry(root: Path, file: SourceFile, digests: Mapping[str, str], writable: set[PurePosixPath]) -> Entry:
    path = APP_ROOT / file.path
    relative = str(path).lstrip("/")
    if file.target is not None:
        return Entry.symlink(relative, file.target)
    owned = not writable.isdisjoint(path.parents)
    content = source_content(root / file.path, file, digests[file.path])
    mode = 0o755 if file.executable else 0o644
    return Entry.file(relative, content, mode=mode, uid=APP_UID if owned else 0, gid=APP_GID if owned else 0)


def _volumes(plan: SourcePlan) -> Iterator[Entry]:
    for volume in plan.volumes:
        yield Entry.directory(volume.path.lstrip("/"), mode=0o755, uid=APP_UID, gid=APP_GID)
        for link, target in volume.links:
            yield Entry.symlink(link.lstrip("/"), target)


def _bytecode(
    root: Path,
    sources: Iterable[SourceFile],
    digests: Mapping[str, str],
    compiler: Compiler,
    cache: BlobCache,
) -> Iterator[Entry]:
    """The bytecode of each source, made once for a content at a path and an interpreter."""
    target = compiler.interpreter
    missing: dict[str, str] = {}
    for file in sources:
        path = str(APP_ROOT / file.path)
        key = Digest.of("\0".join((target.version, path, digests[file.path])).encode()).hex
        known = cache.record("bytecode", key)
        if known is None:
            missing[path] = key
        elif known:
            yield Entry.file(pyc_path(path, target.cache_tag).lstrip("/"), known)
    texts = (Source(path, _source_text(root, path, digests)) for path in missing)
    for result in compiler.compile(texts):
        cache.put_record("bytecode", missing[result.path], result.content or b"")
        if result.content:
            yield Entry.file(pyc_path(result.path, target.cache_tag).lstrip("/"), result.content)


def _source_text(root: Path, path: str, digests: Mapping[str, str]) -> bytes:
    name = str(PurePosixPath(path).relative_to(APP_ROOT))
    return read_source(root / name, name, digests[name])
