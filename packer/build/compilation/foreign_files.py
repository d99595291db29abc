"""Files that foreign code had its hands on: any name may be a link, a pipe or something huge."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["open_foreign", "read_foreign", "remove_foreign"]


def open_foreign(path: Path) -> BinaryIO | None:
    """A regular file in a folder of ours; None for anything else. A link is not followed: it may lead anywhere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def read_foreign(path: Path, *, limit: int) -> bytes | None:
    """The content of such a file; None where there is none, or more than `limit` bytes."""
    stream = open_foreign(path)
    if stream is None:
        return None
    with stream:
        content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def remove_foreign(folder: Path) -> None:
    """Remove a folder, with parts that forbid it. What still stays is removed by a later sweep."""
    for path, names, _ in os.walk(folder):
        for name in names:
            inner = os.path.join(path, name)  # noqa: PTH118 (thousands of them)
            if not os.path.islink(inner):  # noqa: PTH114
                with suppress(OSError):
                    os.chmod(inner, 0o700)  # noqa: PTH101
    shutil.rmtree(folder, ignore_errors=True)
