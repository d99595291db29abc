"""What a shell completes with: names in the store. Errors complete with nothing."""

from __future__ import annotations

import os

__all__ = ["stored_references"]


def stored_references(incomplete: str) -> list[str]:
    """The stored references that begin so, in the form that is being typed."""
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415 - only a completion needs it
    from packer.errors import PackError  # noqa: PLC0415

    try:
        entries = image_store(os.environ, blob_cache(os.environ)).list()
    except PackError:
        return []
    familiar = [name for entry in entries if (name := entry.reference.familiar).startswith(incomplete)]
    return familiar or [name for entry in entries if (name := str(entry.reference)).startswith(incomplete)]
