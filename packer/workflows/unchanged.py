"""The build that would change nothing: known by what it would look at, before anything is looked into.

The key stands for every input: the identity (path, size, times, inode) of each file that inspection or the source layer
may see and of the files outside that decide about them, the settings, the flags, the commit, the variables and files
that name package indexes, and pack itself. What cannot be told apart for sure is neither remembered nor recalled: a
file that changed within the file system's resolution of the look, a base that is an image on this machine, or one that
is not pinned and was chosen long ago.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

import packer
from packer.errors import ArchiveError, PackError
from packer.oci.config import ImageConfig
from packer.oci.image import Image, base_layers
from packer.oci.manifest import Manifest
from packer.oci.platform import Platform
from packer.registry.stamp import Stamp
from packer.store.cache import BlobCache
from packer.system.generated import MEMORY
from packer.system.git_index import index_file, work_tree_of
from packer.system.pip_files import pip_files
from packer.system.walk import walk
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Built

__all__ = ["FRESH_SECONDS", "Look", "Recalled", "look", "recall", "remember"]

_RECORD = "build"
FRESH_SECONDS = 6 * 3600
"""How long a build on a base that no lock pins is taken for what would come out now."""
_RACY_NANOSECONDS = 2_000_000_000
"""Some file systems keep times in steps of two seconds."""
_DECIDING_VARIABLES = ("UV_", "PIP_", "PACK_", "XDG_", "HOME", "NETRC", "SOURCE_DATE_EPOCH", "VIRTUAL_ENV")
"""How the names of variables begin that say what is resolved, and where from."""
_UNSEEN_BASES = ("oci:", "archive:")


class Look(Struct, frozen=True):
    """One look at all inputs.

    Attributes:
        key: stands for all of them.
        settled: the key is sure to change when they do.
        surroundings: stands for what is outside of the project: pack itself, the variables and files that name package
            indexes, and where the project is. Empty where it is not sure to change when they do.
    """

    key: str
    settled: bool
    surroundings: str = ""


class Recalled(Struct, frozen=True):
    """A build that was remembered.

    Attributes:
        built: what came of it.
        is_here: all of its layers are in the cache.
        stamp: the entry of the team's cache that it went by; None where this machine found out everything by itself.
    """

    built: Built
    is_here: bool
    stamp: Stamp | None

    @property
    def is_own(self) -> bool:
        """Whether it holds without a look elsewhere."""
        return self.is_here and self.stamp is None


def look(request: BuildRequest, environment: Mapping[str, str], *, now_ns: int) -> Look:
    """Look at the inputs of a build.

    Args:
        request: the project, settings, flags, platforms and commit.
        environment: the process's environment.
        now_ns: the present, nanoseconds since the epoch.

    Raises:
        ProjectError: the folder is none, or cannot be read.
    """
    root = request.folder.resolve()
    work_tree = work_tree_of(root)
    stated = (packer.__version__, sys.version, sys.platform, os.uname().machine, str(root), str(work_tree))
    deciding = [name for name in sorted(environment) if name.startswith(_DECIDING_VARIABLES)]
    outside, outside_newest = _identities(_facts(chain(_setting_files(environment), _own_files())))
    deciders = chain([root / MEMORY], _git_files(root, work_tree))
    inside, inside_newest = _identities(chain(_project_files(root), _facts(deciders)))
    surroundings = _digest(repr(stated), *(f"{name}={environment[name]}" for name in deciding), *outside)
    certain = not (request.settings.base or "").startswith(_UNSEEN_BASES)
    return Look(
        key=_digest(surroundings, repr(request), *inside),
        settled=certain and max(outside_newest, inside_newest) + _RACY_NANOSECONDS < now_ns,
        surroundings=surroundings if certain and outside_newest + _RACY_NANOSECONDS < now_ns else "",
    )


def _identities(found: Iterable[tuple[str, os.stat_result]]) -> tuple[list[str], int]:
    """What stands for files and their content, sorted, and the newest of their times."""
    newest = 0
    identities: list[str] = []
    for name, facts in found:
        newest = max(newest, facts.st_mtime_ns, facts.st_ctime_ns)
        identity = (facts.st_mode, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
        identities.append(f"{name}\0{identity}")
    return sorted(identities), newest


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _project_files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    for path, entry in walk(root, _Everything()):
        with suppress(OSError):
            yield path, entry.stat(follow_symlinks=False)
            if entry.is_symlink():
                yield f"{path} leads to", entry.stat()


def _facts(paths: Iterable[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """What is there of the paths."""
    for path in paths:
        with suppress(OSError):
            yield str(path), path.stat()


def _git_files(root: Path, work_tree: Path | None) -> Iterator[Path]:
    """What decides in a repository which files are the project's, besides the files in it."""
    if work_tree is None:
        return
    yield work_tree / ".git" / "info" / "exclude"
    yield from (parent / ".gitignore" for parent in root.parents)
    with suppress(OSError):
        yield index_file(work_tree)


def _setting_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """The user's and the machine's settings of pip and uv."""
    yield from pip_files(environment)
    home = environment.get("HOME", "/")
    yield Path(environment.get("XDG_CONFIG_HOME") or f"{home}/.config", "uv", "uv.toml")
    yield from (Path(folder, "uv", "uv.toml") for folder in ("/etc", "/etc/xdg"))
    yield Path(environment.get("NETRC") or f"{home}/.netrc")
    yield from (Path(environment[name]) for name in ("UV_CONFIG_FILE",) if environment.get(name))


def _own_files() -> Iterator[Path]:
    """The folders that pack and its dependencies are imported from, which installers write to; a checkout's files."""
    yield from (Path(folder) for folder in sys.path)
    own = Path(packer.__file__).parent
    if own.parent.name not in ("site-packages", "dist-packages"):
        yield from own.rglob("*.py")
        yield from (own.parent / "templates").rglob("*")


class _Everything:
    """The walk's filter that passes by nothing: what is ignored today decides about nothing, but rules may change."""

    scope = ()

    def entered(self, folder: str, names: frozenset[str], scope: tuple[()]) -> tuple[()]:  # noqa: ARG002
        return scope

    def folder(self, path: str, name: str, scope: tuple[()]) -> tuple[()]:  # noqa: ARG002
        return scope

    def keeps(self, path: str, entry: os.DirEntry[str], scope: tuple[()]) -> bool:  # noqa: ARG002
        return True

    def unreadable(self, path: str) -> None:
        """It has no content to depend on."""


def remember(cache: BlobCache, seen: Look, built: Built, *, now: float, stamp: Stamp | None = None) -> None:
    """Keep what came of the inputs that were `seen` before the build began, by the team's word where there is one."""
    if not seen.settled:
        return
    record = {
        "name": built.name,
        "time": now,
        "created": built.created,
        "pinned": built.pinned,
        "changed": built.changed,
        "stamp": stamp and [stamp.tag, stamp.digest],
        "images": [
            {"platform": str(image.platform), "manifest": image.manifest.decode(), "config": image.config.decode()}
            for image in built.images
        ],
        "cautions": [
            {"what": one.what, "hint": one.hint, "evidence": [(e.path, e.line, e.excerpt) for e in one.evidence]}
            for one in built.cautions
        ],
    }
    cache.put_record(_RECORD, seen.key, json.dumps(record).encode())


def recall(cache: BlobCache, seen: Look, *, now: float) -> Recalled | None:
    """What came of these very inputs before; None where nothing did, or it is too old."""
    content = cache.record(_RECORD, seen.key) if seen.settled else None
    if content is None:
        return None
    try:
        record = json.loads(content)
        if not record["pinned"] and not 0 <= now - record["time"] < FRESH_SECONDS:
            return None
        images = tuple(map(_image, record["images"]))
        if not images:
            return None
        built = Built(
            name=record["name"],
            images=images,
            created=record["created"],
            pinned=record["pinned"],
            changed=record["changed"],
            cautions=_cautions(record["cautions"]),
        )
        stamp = Stamp(*record["stamp"]) if record["stamp"] else None
        return Recalled(built, is_here=all(_is_there(cache, image) for image in images), stamp=stamp)
    except (ValueError, TypeError, KeyError, AttributeError, PackError):
        return None


def _image(fields: Mapping[str, Any]) -> Image:
    manifest, config = fields["manifest"].encode(), fields["config"].encode()
    parsed = Manifest.from_json(manifest)
    image = Image(
        manifest=manifest,
        config=config,
        layers=base_layers(parsed, ImageConfig.from_json(config)),
        platform=Platform.parse(fields["platform"]),
    )
    if image.config_descriptor != parsed.config:
        raise ArchiveError("the config is not the manifest's")
    return image


def _is_there(cache: BlobCache, image: Image) -> bool:
    """Whether every layer's blob is in the cache, with its size."""
    for layer in image.layers:
        path = cache.path(layer.descriptor.digest)
        if path is None or path.stat().st_size != layer.descriptor.size:
            return False
    return True


def _cautions(rows: list[Mapping[str, Any]]) -> tuple[Any, ...]:
    if not rows:
        return ()
    from packer.project.model import Caution, Evidence  # noqa: PLC0415 - slow to import, and mostly not needed

    return tuple(
        Caution(what=row["what"], hint=row["hint"], evidence=tuple(Evidence(*one) for one in row["evidence"]))
        for row in rows
    )
