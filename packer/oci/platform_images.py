"""The images that share one name: one, or one for each of several platforms under an index."""

from __future__ import annotations

from msgspec import Struct

from packer.errors import BuildError
from packer.oci.descriptor import MEDIA_TYPE_INDEX, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import Image
from packer.oci.index import Index
from packer.oci.platform import Platform

__all__ = ["PlatformImages"]


class PlatformImages(Struct, frozen=True):
    """At least one image, each for another platform, in the order given.

    Raises `BuildError` for none, or for two of one platform.
    """

    images: tuple[Image, ...]

    def __post_init__(self) -> None:
        """Refuse what no index can say."""
        platforms = {image.platform for image in self.images}
        if not self.images or len(platforms) != len(self.images):
            raise BuildError("an image name stands for one image, or for one of each platform")

    @property
    def index(self) -> bytes | None:
        """The index's bytes; None for a single image, which needs none."""
        if len(self.images) == 1:
            return None
        return Index(manifests=tuple(image.descriptor for image in self.images)).to_json()

    @property
    def descriptor(self) -> Descriptor:
        """What the name leads to: the index, or the only image's manifest."""
        index = self.index
        if index is None:
            return self.images[0].descriptor
        return Descriptor(media_type=MEDIA_TYPE_INDEX, digest=Digest.of(index), size=len(index))

    @property
    def digest(self) -> Digest:
        """Of the index, or of the only image's manifest."""
        return self.descriptor.digest

    @property
    def documents(self) -> dict[Digest, bytes]:
        """Every blob that is no layer: index, manifests, configs."""
        documents = [document for image in self.images for document in (image.manifest, image.config)]
        if self.index is not None:
            documents.append(self.index)
        return {Digest.of(document): document for document in documents}

    @property
    def layers(self) -> dict[Digest, Descriptor]:
        """Every layer blob, once."""
        return {layer.descriptor.digest: layer.descriptor for image in self.images for layer in image.layers}

    def best_for(self, platform: Platform) -> Image:
        """The image that a machine of this platform runs, else the first."""
        fitting = [image for image in self.images if platform.runs(image.platform)]
        exact = [image for image in fitting if image.platform == platform]
        return (exact or fitting or list(self.images))[0]
