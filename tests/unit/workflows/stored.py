"""Images in a store, made of small layers."""

from __future__ import annotations

from io import BytesIO

from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import Image, assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.images import ImageStore

__all__ = ["put", "stored_layer"]


def stored_layer(cache: DiskCache, name: str) -> Layer:
    """A layer whose bytes are its name's."""
    content = name.encode()
    digest = cache.add(BytesIO(content))
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=digest, size=len(content))
    return Layer(descriptor=descriptor, diff_id=Digest.of(b"tar" + content), name=name, created_by="test")


def put(cache: DiskCache, store: ImageStore, *names: str, layers: tuple[str, ...], created: int = 0) -> Image:
    """An image of these layers, under these names."""
    image = assemble(
        [stored_layer(cache, layer) for layer in layers], platform=LINUX_AMD64, execution=Execution(), created=created
    )
    store.add(PlatformImages((image,)), [Reference.parse(name) for name in names], created=created)
    return image
