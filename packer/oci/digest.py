"""Content digests.

Specification: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
"""

from __future__ import annotations

import hashlib

from msgspec import Struct

from packer.errors import ArchiveError
from packer.regex import regex

__all__ = ["Digest"]

_SHA256 = regex(r"sha256:[0-9a-f]{64}")


class Digest(Struct, frozen=True, order=True):
    """A SHA-256 content digest, `sha256:` and 64 lower-case hexadecimal digits.

    A layer has two: the *digest* of its stored (compressed) bytes and the *diff ID* of its tar stream.

    >>> Digest.of(b"").short
    'e3b0c44298fc'
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `sha256:<hex>`. Raises `ArchiveError` for anything else (other algorithms included)."""
        if not _SHA256.fullmatch(text):
            raise ArchiveError(f"{text[:90]!r} is not a sha256 digest")
        return cls(text)

    @classmethod
    def from_hex(cls, hexadecimal: str) -> Digest:
        """The digest whose 64 hexadecimal digits are given."""
        return cls.parse(f"sha256:{hexadecimal.lower()}")

    @classmethod
    def of(cls, content: bytes) -> Digest:
        """The digest of `content`."""
        return cls(f"sha256:{hashlib.sha256(content).hexdigest()}")

    @property
    def hex(self) -> str:
        """The 64 hexadecimal digits."""
        return self.text[7:]

    @property
    def short(self) -> str:
        """The first 12 digits, for people."""
        return self.text[7:19]

    def __str__(self) -> str:
        """`sha256:<hex>`."""
        return self.text
