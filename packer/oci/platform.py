"""Platforms: the operating system and processor an image runs on.

Specification: https://github.com/opencontainers/image-spec/blob/main/image-index.md (`platform`).
"""

from __future__ import annotations

from dataclasses import dataclass

from packer.errors import UsageError

__all__ = ["LINUX_AMD64", "LINUX_ARM64", "Platform"]

_ALIASES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True, order=True)
class Platform:
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
        architecture = _ALIASES.get(parts[1], parts[1])
        variant = parts[2] if len(parts) > 2 else None
        if (architecture, variant) == ("arm64", "v8"):
            variant = None
        return cls(parts[0], architecture, variant)

    def __str__(self) -> str:
        """`os/architecture[/variant]`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


LINUX_AMD64 = Platform("linux", "amd64")
LINUX_ARM64 = Platform("linux", "arm64")
