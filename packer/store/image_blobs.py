"""What a stored image consists of."""

from __future__ import annotations

from msgspec import Struct

from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest

__all__ = ["ImageBlobs"]


class ImageBlobs(Struct, frozen=True, kw_only=True):
    """The blobs of an image, or of one for each of several platforms. Two are added with `+`.

    Attributes:
        manifests: and the index, where there is one.
        configs: one for each platform.
        layers: of all platforms.
        whole: every document is there, so that nothing is missing here.
    """

    manifests: tuple[Descriptor, ...] = ()
    configs: tuple[Descriptor, ...] = ()
    layers: tuple[Descriptor, ...] = ()
    whole: bool = True

    @property
    def sizes(self) -> dict[Digest, int]:
        """Bytes of every blob, each once."""
        return {blob.digest: blob.size for blob in (*self.manifests, *self.configs, *self.layers)}

    @property
    def ids(self) -> frozenset[str]:
        """What container engines call it: by its config, or by its manifest or index."""
        return frozenset(str(blob.digest) for blob in (*self.manifests, *self.configs))

    def __add__(self, other: ImageBlobs) -> ImageBlobs:
        """Both together."""
        return ImageBlobs(
            manifests=self.manifests + other.manifests,
            configs=self.configs + other.configs,
            layers=self.layers + other.layers,
            whole=self.whole and other.whole,
        )
