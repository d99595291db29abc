"""The `pack` command as its user runs it: a process of its own, with caches of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["PackCommand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackCommand:
    """pack with all that it remembers in one folder, and further environment variables."""

    memory: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment that it runs in."""
        memory = {f"XDG_{kind}_HOME": str(self.memory / kind.lower()) for kind in ("CACHE", "DATA", "STATE")}
        return {**os.environ, **memory, **self.more}

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run it to its end, whatever that is."""
        command = [sys.executable, "-m", "packer", *map(str, words)]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, env=self.environment, stdin=subprocess.DEVNULL
        )
