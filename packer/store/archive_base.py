"""Reading an image archive as a base: hybrids, OCI archives, and what `docker save` has written since 1.10."""

from __future__ import annotations

from pathlib import Path

from packer.errors import ArchiveError, UsageError
from packer.oci.image import BaseImage
from packer.oci.platform import Platform
from packer.store.cache import BlobCache
from packer.store.docker_archive import read_docker_base
from packer.store.layers import DiskLayerCache
from packer.store.naming import DOCKER_MANIFEST, INDEX_FILE
from packer.store.oci_source import read_oci_base
from packer.store.tar_contents import open_archive

__all__ = ["read_archive"]


def read_archive(path: str, *, platform: Platform, cache: BlobCache, layers: DiskLayerCache) -> BaseImage:
    """Read an image from an archive as a base; its layers are put into the cache.

    Args:
        path: the file, or `file:name` where name is a tag or a reference in it.
        platform: what to choose where there are several.
        cache: takes stored layers as they are.
        layers: takes uncompressed ones, and compresses them.

    Raises:
        UsageError: there is no such file or image, or several and none was named.
        ArchiveError: it is broken, or not for the platform.
        TrustError: a blob has not its digest.
    """
    file, name = _split(path)
    if not file.is_file():
        raise UsageError("there is no such image archive", where=path)
    with open_archive(file, scratch=cache.root / "tmp") as contents:
        if contents.has(INDEX_FILE):
            return read_oci_base(contents, platform=platform, name=name, cache=cache, where=path)
        if contents.has(DOCKER_MANIFEST):
            return read_docker_base(contents, platform=platform, name=name, layers=layers, where=path)
    raise ArchiveError("this is no image archive: it has neither index.json nor manifest.json", where=path)


def _split(path: str) -> tuple[Path, str | None]:
    """The file and the image's name in it: a file that is there may have colons in its own name."""
    file = path
    while not Path(file).is_file() and ":" in file:
        file = file.rpartition(":")[0]
    return Path(file), path[len(file) + 1 :] or None
