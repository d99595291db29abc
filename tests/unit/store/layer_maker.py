"""Layers of a few small files, and images of them, as somebody else might have made them."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable

from packer.oci.config import Execution, ImageConfig
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_LAYER, MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.oci.layer import Layer
from packer.oci.manifest import Manifest
from packer.oci.platform import LINUX_AMD64, Platform
from packer.store.cache import DiskCache

PATH = (("PATH", "/usr/local/bin:/usr/bin"),)


def link(path: str, target: str, *, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A link, symbolic unless it is said otherwise."""
    member = tarfile.TarInfo(path)
    member.type, member.linkname = kind, target
    return member


def tar_of(members: Iterable[tarfile.TarInfo | tuple[str, bytes]]) -> bytes:
    """A tar stream; files are executable."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size, info.mode = len(member[1]), 0o755
            archive.addfile(info, io.BytesIO(member[1]))
    return sink.getvalue()


def stored(
    cache: DiskCache,
    tar: bytes,
    *,
    compressed: bool = True,
    media_type: str | None = None,
    diff_id: Digest | None = None,
) -> Layer:
    """A layer whose blob is in the cache."""
    blob = gzip.compress(tar, 1, mtime=0) if compressed else tar
    digest = cache.add(io.BytesIO(blob))
    media_type = media_type or (MEDIA_TYPE_LAYER_GZIP if compressed else MEDIA_TYPE_LAYER)
    return Layer(
        descriptor=Descriptor(media_type=media_type, digest=digest, size=len(blob)),
        diff_id=diff_id or Digest.of(tar),
        name="base",
        created_by="test",
    )


def image_of(
    layers: Iterable[Layer], *, platform: Platform = LINUX_AMD64, environment: tuple[tuple[str, str], ...] = PATH
) -> Image:
    """An image of layers."""
    stack = tuple(layers)
    config = ImageConfig(
        platform=platform,
        diff_ids=tuple(layer.diff_id for layer in stack),
        execution=Execution(environment=environment),
    ).to_json()
    manifest = Manifest(
        config=Descriptor(media_type=MEDIA_TYPE_CONFIG, digest=Digest.of(config), size=len(config)),
        layers=tuple(layer.descriptor for layer in stack),
    ).to_json()
    return Image(manifest=manifest, config=config, layers=stack, platform=platform)
