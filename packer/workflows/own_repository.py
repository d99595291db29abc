"""The repository that a project's own images are in, found without reading the project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from packer.errors import UsageError
from packer.oci.digest import Digest
from packer.oci.reference import DEFAULT_TAG, Reference
from packer.store.cache import BlobCache
from packer.store.images import StoredImage
from packer.system.configuration import load_settings
from packer.system.files import read_regular

__all__ = [
    "complete_name",
    "own_image",
    "own_name",
    "own_repository",
    "remember_name",
    "web_name",
    "web_archive",
    "web_reference",
]

_RECORD = "project"
_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO")


def own_repository(folder: Path, environment: Mapping[str, str], cache: BlobCache) -> str:
    """`registry/repository`: the setting `image`, else the name that the last build here found, else the manifest's.

    Raises `UsageError` when the settings are broken.
    """
    image = load_settings(folder, environment, flags={}).image
    return Reference.parse(image or own_name(folder, cache)).name


def own_name(folder: Path, cache: BlobCache) -> str:
    """The project's name: what the last build here found, else the manifest's."""
    known = cache.record(_RECORD, _key(folder))
    return known.decode() if known else _declared_name(folder)


def web_name(repository: str) -> str:
    """What the web image beside an app's is called."""
    return f"{repository}-web"


def web_reference(app: Reference) -> Reference:
    """The reference of the web image beside an app's."""
    return replace(app, repository=web_name(app.repository))


def web_archive(app: Path) -> Path:
    """The archive of the web image beside an app's: `shop.tar` and `shop-web.tar`."""
    return app.with_name(f"{web_name(app.stem)}{app.suffix}")


def complete_name(text: str, folder: Path, environment: Mapping[str, str], cache: BlobCache) -> str:
    """A name as the user typed it; `:tag` alone is one of the project's repository. Raises as `own_repository`."""
    return own_repository(folder, environment, cache) + text if text.startswith(":") else text


def remember_name(cache: BlobCache, folder: Path, name: str) -> None:
    """Keep a project's name, which takes reading the project to find: it may be that of a part of it."""
    if cache.record(_RECORD, _key(folder)) != name.encode():
        cache.put_record(_RECORD, _key(folder), name.encode())


def own_image(entries: tuple[StoredImage, ...], repository: str) -> StoredImage:
    """The image that is a project's current one: `latest`, else the newest. Raises `UsageError` when there is none."""
    own = [entry for entry in entries if entry.reference.name == repository]
    if not own:
        familiar = Reference.parse(repository).familiar
        raise UsageError(
            f"the store has no image of this project ({familiar})", hint="build it: pack build, or name another"
        )
    return max(own, key=lambda entry: (entry.reference.tag == DEFAULT_TAG, entry.since, entry.created))


def _key(folder: Path) -> str:
    return Digest.of(os.fsencode(folder.resolve())).hex


def _declared_name(folder: Path) -> str:
    from packer.project.metadata import read_metadata  # noqa: PLC0415 - a project that was built once needs neither
    from packer.project.tree import MAX_TEXT_BYTES, MemoryTree  # noqa: PLC0415

    contents = {name: read_regular(folder / name, limit=MAX_TEXT_BYTES) for name in _MANIFESTS}
    texts = {name: content.decode("utf-8", "replace") for name, content in contents.items() if content is not None}
    name, _ = read_metadata(MemoryTree(texts, folder.resolve().name), ".")
    return name
