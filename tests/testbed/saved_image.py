"""What an engine's image holds, file by file."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator

from .daemon import Daemon

__all__ = ["saved_files"]


def saved_files(engine: Daemon, image: str) -> Iterator[tuple[str, bytes]]:
    """The files of all layers, and the image's own documents, with what is in them."""
    command = [engine.client, "save", image]
    environment = {**os.environ, **engine.environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for name, content in _members(archive):
                yield name, content
                if _is_archive(content):
                    with tarfile.open(fileobj=io.BytesIO(content)) as layer:
                        yield from _members(layer)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for entry in archive:
        stream = archive.extractfile(entry) if entry.isreg() else None
        if stream is not None:
            yield entry.name, stream.read()


def _is_archive(content: bytes) -> bool:
    return content[257:262] == b"ustar"
