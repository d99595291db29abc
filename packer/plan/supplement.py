"""A requirement that no one stated and the image needs."""

from __future__ import annotations

from packer.project.model import Evidence

__all__ = ["Supplement"]

Supplement = tuple[str, str, tuple[Evidence, ...]]
"""A requirement, the reason for it, and where the reason is to be seen."""
