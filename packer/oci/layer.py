"""Layers: what one is made from (`LayerRecipe`), and what it is once made (`Layer`).

Specification: https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from msgspec import Struct

from packer.oci.descriptor import Descriptor
from packer.oci.digest import Digest
from packer.oci.entry import Entry

__all__ = ["Layer", "LayerRecipe"]


class LayerRecipe(Struct, frozen=True, kw_only=True):
    """A layer that is known before it is made.

    Attributes:
        name: what it holds, for people and for the image's history: `python 3.13`, `app`.
        inputs: everything that its bytes depend on, apart from the codec, in a fixed order: package and wheel
            hashes, prefix, interpreter version, the version of the code that lays it out. Two recipes with equal
            inputs must give equal bytes; that is what makes the layer cache correct.
        created_by: the history line.
        entries: makes the entries. Called only when no cache knows the layer; may be slow and may raise `BuildError`.
            Order does not matter and parents may be left out: the archive writer sorts and completes.
    """

    name: str
    inputs: tuple[str, ...]
    created_by: str
    entries: Callable[[], Iterable[Entry]]

    @property
    def key(self) -> str:
        """64 hexadecimal digits that stand for the inputs."""
        return Digest.of(json.dumps(self.inputs, ensure_ascii=True, separators=(",", ":")).encode()).hex


class Layer(Struct, frozen=True, kw_only=True):
    """A layer that exists: its descriptor (stored bytes), diff ID (tar stream) and history line.

    `cached` says whether it was there before this build asked for it.
    """

    descriptor: Descriptor
    diff_id: Digest
    name: str
    created_by: str
    cached: bool = False
