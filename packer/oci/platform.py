"""Platforms: the operating system and processor an image runs on.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-index.md (`platform`).
"""

from __future__ import annotations

from msgspec import Struct

from packer.errors import UsageError
from packer.oci.document import Document

__all__ = ["LINUX_AMD64", "LINUX_ARM64", "Platform"]

_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_DEFAULT_VARIANTS = frozenset({("arm64", "v8"), ("amd64", "v1")})
_ARM_DEFAULT = "v7"


class Platform(Struct, frozen=True, order=True):
    """An operating system, an architecture in Go's spelling, and a variant of it.

    >>> str(Platform.parse("linux/aarch64"))
    'linux/arm64'
    """

    os: str
    architecture: str
    variant: str | None = None

    @classmethod
    def parse(cls, text: str) -> Platform:
        """Read `os/architecture[/variant]`, or an architecture alone (Linux). `arm64/v8` is `arm64`."""
        parts = text.strip().lower().split("/")
        if len(parts) == 1:
            parts = ["linux", *parts]
        if len(parts) not in (2, 3) or not all(parts):
            raise UsageError(f"{text!r} is not a platform", hint="write it as linux/amd64 or linux/arm64")
        return cls.normalized(*parts)

    @classmethod
    def normalized(cls, system: str, architecture: str, variant: str | None = None) -> Platform:
        """A platform in the one spelling that pack compares: without the variants that every machine of it has."""
        architecture = _ALIASES.get(architecture, architecture)
        if (architecture, variant) in _DEFAULT_VARIANTS:
            variant = None
        return cls(system, architecture, variant or None)

    @classmethod
    def from_json(cls, document: Document) -> Platform:
        """Read the `platform` of a descriptor, or the fields of the same names in a config."""
        return cls.normalized(document.text("os"), document.text("architecture"), document.text("variant"))

    def to_json(self) -> dict[str, object]:
        """The `platform` object of a descriptor."""
        fields: dict[str, object] = {"architecture": self.architecture, "os": self.os}
        return {**fields, "variant": self.variant} if self.variant else fields

    def runs(self, other: Platform) -> bool:
        """Whether a machine of this platform runs an image of the other: Arm runs the images of its elders.

        >>> Platform.parse("linux/arm/v7").runs(Platform.parse("linux/arm/v6"))
        True
        """
        if (self.os, self.architecture) != (other.os, other.architecture):
            return False
        if self.architecture != "arm":
            return self.variant == other.variant
        return (other.variant or _ARM_DEFAULT) <= (self.variant or _ARM_DEFAULT)

    def __str__(self) -> str:
        """`os/architecture[/variant]`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


LINUX_AMD64 = Platform("linux", "amd64")
LINUX_ARM64 = Platform("linux", "arm64")
