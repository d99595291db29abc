"""The images of this folder's project, in the engine and in pack's store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from packer.engine.connection import Engine
from packer.engine.images import ProjectImage, project_images
from packer.stack.identity import PROJECT_LABEL, StackIdentity
from packer.store.cache import BlobCache
from packer.workflows.own_repository import own_name, own_repository, web_name

__all__ = ["OwnImages", "engine_images", "own_images"]

_TITLE_LABEL = "org.opencontainers.image.title"


class OwnImages(Struct, frozen=True, kw_only=True):
    """By what a project's images are known.

    Attributes:
        repositories: the app's, and the web image's beside it.
        titles: what their label says that names them.
        stack: what Compose calls the project.
    """

    repositories: tuple[str, ...]
    titles: tuple[str, ...]
    stack: str


def own_images(folder: Path, environment: Mapping[str, str], cache: BlobCache, stack: StackIdentity) -> OwnImages:
    """Raises `UsageError` when the settings are broken."""
    repository, name = own_repository(folder, environment, cache), own_name(folder, cache)
    return OwnImages(repositories=(repository, web_name(repository)), titles=(name, web_name(name)), stack=stack.name)


def engine_images(engine: Engine, own: OwnImages) -> tuple[ProjectImage, ...]:
    """Those that an engine has, also such as lost their name to a newer one."""
    return project_images(engine, own.repositories, {_TITLE_LABEL: own.titles, PROJECT_LABEL: (own.stack,)})
