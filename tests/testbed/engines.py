"""Docker Engines to test with: Debian's packages of two generations, unpacked into a folder of the checkout.

They never meet the machine's own engine: nothing is installed but the two programs that they call, runc and iptables.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import apt

__all__ = [
    "CLASSIC",
    "KINDS",
    "MODERN",
    "RELEASES",
    "SYSTEM_PACKAGES",
    "EngineKind",
    "EngineRelease",
    "fetch",
    "unpacked",
]

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".artifacts" / "engines"
SYSTEM_PACKAGES = ("runc", "iptables", "iproute2", "debian-archive-keyring")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRelease:
    """A generation of Docker Engine, and the Debian release that packages it."""

    name: str
    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineKind:
    """An engine as tests know it: a release, with the containerd image store or the classic one."""

    release: EngineRelease
    containerd_store: bool = False

    def __str__(self) -> str:
        """`26.1-containerd`: a name for test identifiers."""
        return f"{self.release.name}-{'containerd' if self.containerd_store else 'classic'}"


MODERN = EngineRelease(
    name="26.1",
    suite="trixie",
    packages=("docker.io", "containerd", "docker-cli", "docker-buildx", "docker-compose"),
)
OLD = EngineRelease(name="20.10", suite="bookworm", packages=("docker.io", "containerd"))
RELEASES = (MODERN, OLD)

CLASSIC = EngineKind(release=MODERN)
KINDS = (CLASSIC, EngineKind(release=MODERN, containerd_store=True), EngineKind(release=OLD))


def unpacked(release: EngineRelease) -> Path | None:
    """The folder that holds the engine's `usr/bin` and `usr/sbin`, if it was fetched."""
    folder = FOLDER / release.suite
    return folder if folder.is_dir() else None


def fetch(release: EngineRelease) -> Path:
    """The engine's folder, unpacked now if it was not. Raises `apt.AptError`."""
    ready = unpacked(release)
    if ready:
        return ready
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{release.suite}-", dir=FOLDER))
    try:
        apt.unpack(release.packages, release=release.suite, into=unfinished)
        return _keep(unfinished, FOLDER / release.suite)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _keep(unfinished: Path, finished: Path) -> Path:
    """Rename; another process that was quicker made the same."""
    try:
        return unfinished.rename(finished)
    except OSError:
        if not finished.is_dir():
            raise
        return finished
