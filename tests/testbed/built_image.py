"""An image in an OCI layout, read with nothing of pack: as a stranger would."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["BuiltImage"]


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The layout in a folder, with one image in it."""

    folder: Path

    @property
    def digest(self) -> str:
        """The manifest's."""
        [descriptor] = json.loads((self.folder / "index.json").read_text())["manifests"]
        return str(descriptor["digest"])

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        return self._json(self.digest)

    @property
    def configuration(self) -> dict[str, Any]:
        """The whole configuration document."""
        return self._json(self.manifest["config"]["digest"])

    @property
    def execution(self) -> dict[str, Any]:
        """Its part about running."""
        return dict(self.configuration["config"])

    def layers(self) -> Iterator[tarfile.TarFile]:
        """The layers, bottom first."""
        for layer in self.manifest["layers"]:
            with tarfile.open(fileobj=io.BytesIO(gzip.decompress(self._blob(layer["digest"])))) as archive:
                yield archive

    def entries(self) -> dict[str, tarfile.TarInfo]:
        """The file system: the topmost entry of each path."""
        return {entry.name.rstrip("/"): entry for layer in self.layers() for entry in layer}

    def contents(self, suffix: str = "") -> dict[str, bytes]:
        """The content of each regular file whose path ends so."""
        found: dict[str, bytes] = {}
        for layer in self.layers():
            for entry in layer:
                stream = layer.extractfile(entry) if entry.isreg() and entry.name.endswith(suffix) else None
                if stream:
                    found[entry.name] = stream.read()
        return found

    def _json(self, digest: str) -> dict[str, Any]:
        return dict(json.loads(self._blob(digest)))

    def _blob(self, digest: str) -> bytes:
        return (self.folder / "blobs" / digest.replace(":", "/")).read_bytes()
