"""What is to be resolved, and what stands for it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from packer.oci.digest import Digest
from packer.plan.model import DependencyPlan
from packer.wheels.target import Target

__all__ = ["ResolveRequest"]

_VERSION = "6"
"""Changes when the same inputs give another lock."""


class ResolveRequest(Struct, frozen=True, kw_only=True):
    """What to resolve.

    Attributes:
        root: the project's folder; read, never written.
        dependencies: the plan's part.
        python: X.Y, the lowest for a universal lock.
        target: None for a lock that holds on every platform (not for the locks of Poetry, PDM and Pipenv).
        previous: an earlier result, whose versions are kept where they still fit.
        refresh: resolve again even if the same was resolved before.
    """

    root: Path
    dependencies: DependencyPlan
    python: str
    target: Target | None = None
    previous: bytes | None = None
    refresh: bool = False

    def key(self, indexes: tuple[str, ...]) -> str:
        """64 hexadecimal digits for everything that the result depends on."""
        plan = self.dependencies
        parts = [
            _VERSION,
            repr((plan.lock, plan.lock_format, plan.requirements, plan.hashes, plan.added, plan.constraints)),
            repr((plan.advice, plan.overrides, plan.provided, plan.pins, plan.wheels_only, plan.relaxed)),
            repr((self.python, self.target and self.target.key, plan.extra_indexes, indexes)),
            *(f"{name}:{_fingerprint(self.root / name)}" for name in sorted({*plan.files, plan.lock or ""} - {""})),
            *(f"{name}:{_fingerprint(self.root / name)}" for name in ("pyproject.toml", "uv.toml")),
            Digest.of(self.previous).hex if self.previous else "",
        ]
        return Digest.of("\0".join(parts).encode("utf-8", "surrogateescape")).hex


def _fingerprint(path: Path) -> str:
    """The digest of a file; empty for one that is not there."""
    try:
        return Digest.of(path.read_bytes()).hex
    except OSError:
        return ""
