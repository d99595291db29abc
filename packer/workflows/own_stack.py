"""Which stack is this folder's, found without reading the project: what Compose would call it, too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from packer.plan.stack_name import stack_name
from packer.regex import regex
from packer.stack.identity import StackIdentity
from packer.store.cache import BlobCache
from packer.system.files import read_regular
from packer.workflows.own_repository import own_name

__all__ = ["own_stack"]

_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""Compose's own order: the first that is there counts."""
_MAX_BYTES = 1 << 20
_NAME = regex(r"""(?m)^name:[ \t]*["']?([a-z0-9][a-z0-9_-]*)["']?[ \t]*(?:#.*)?\r?$""")


def own_stack(folder: Path, environment: Mapping[str, str], cache: BlobCache) -> StackIdentity:
    """`COMPOSE_PROJECT_NAME`, else the `name` in the folder's Compose file, else what the project's name gives."""
    name = environment.get("COMPOSE_PROJECT_NAME") or _composed_name(folder) or stack_name(own_name(folder, cache))
    return StackIdentity(name=name, folder=os.path.realpath(folder))


def _composed_name(folder: Path) -> str | None:
    contents = (read_regular(folder / file, limit=_MAX_BYTES) for file in _FILES)
    content = next((content for content in contents if content is not None), b"")
    found = _NAME.search(content.decode("utf-8", "replace"))
    return found.group(1) if found else None
