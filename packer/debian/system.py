"""`debian_system`: a base without Python, for the programs that stand beside the app."""

from __future__ import annotations

from msgspec import Struct

from packer.debian.assembly import LAYOUT, Assembly
from packer.debian.base import SYSTEM_ENVIRONMENT, unrun_caution
from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.oci.layer import LayerRecipe
from packer.project.model import Caution
from packer.store.cache import BlobCache
from packer.system.http import Http

__all__ = ["DebianSystem", "debian_system"]


class DebianSystem(Struct, frozen=True, kw_only=True):
    """A base without Python that is known before it is made: its layer, the variables to set, what may surprise."""

    recipe: LayerRecipe
    environment: tuple[tuple[str, str], ...]
    cautions: tuple[Caution, ...] = ()


def debian_system(lock: BaseLock, *, http: Http, cache: BlobCache, mirrors: Mirrors) -> DebianSystem:
    """Describe the base of a lock. Packages are fetched only where the cache does not know what is asked.

    Raises `LockError`, `TrustError`, `TransientError` or `ArchiveError` when packages cannot be had or are broken.
    """
    assembly = Assembly(lock, http=http, cache=cache, mirrors=mirrors)
    unrun = assembly.facts().unrun_scripts
    recipe = LayerRecipe(
        name=f"debian {lock.release}",
        inputs=("debian-whole", LAYOUT, lock.release, lock.architecture, *(found.sha256 for found in lock.packages)),
        created_by=f"pack: {len(lock.packages)} packages of Debian {lock.release}",
        entries=lambda: [owned.entry for owned in assembly.tree().owned()],
    )
    return DebianSystem(
        recipe=recipe, environment=SYSTEM_ENVIRONMENT, cautions=(unrun_caution(unrun),) if unrun else ()
    )
