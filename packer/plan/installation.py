"""How an image that a Dockerfile makes gets its distributions: by the project's own lock, or by pins that pack writes.

The lock's own tool follows the lock where the plan leaves it as it is. Where the plan departs from it (another release
of a distribution, one left out), and where there is no lock, pack's own resolution is written down.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from packer.plan.model import DependencyPlan
from packer.project.model import OwnPackage
from packer.regex import regex

__all__ = ["Installation", "LockTool", "PinnedDistribution", "lock_tool", "tool_pins"]

LockTool = Literal["uv", "poetry", "pdm", "pipenv", "requirements"]

_UV = "uv==0.13.9"
_TOOL_PINS: MappingProxyType[LockTool, tuple[str, ...]] = MappingProxyType(
    {
        "poetry": ("poetry==2.5.1",),
        "pdm": ("pdm==2.29.4", "hishel<2"),
        "pipenv": ("pipenv==2026.10.3",),
    }
)
"""What follows each kind of lock. This PDM does not start with hishel 2."""

_SEPARATORS = regex(r"[-_.]+")


class PinnedDistribution(Struct, frozen=True, kw_only=True):
    """One distribution, pinned.

    Attributes:
        name: normalised.
        version: empty for a repository without one.
        hashes: `sha256:…` of every file that may be taken, sorted.
        address: where an archive is, with its scheme; or a repository (`git+…@commit`), which has no hashes.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    address: str | None = None

    @property
    def is_repository(self) -> bool:
        """Whether its commit takes the place of hashes."""
        return self.address is not None and self.address.startswith("git+")


class Installation(Struct, frozen=True, kw_only=True):
    """What is installed, and what that takes.

    Attributes:
        tool: follows the project's own lock; None where `pinned` is everything.
        lock: the project's own lock, with `tool`.
        files: what the tool reads, the lock among it.
        pinned: what pack pins, beside the lock or in its place.
        compiled: distributions of native code that have only a source.
        build_packages: Debian packages for compiling them, sorted.
        runtime_packages: Debian packages that the app needs at run time, sorted.
    """

    tool: LockTool | None = None
    lock: str | None = None
    files: tuple[str, ...] = ()
    pinned: tuple[PinnedDistribution, ...] = ()
    compiled: tuple[str, ...] = ()
    build_packages: tuple[str, ...] = ()
    runtime_packages: tuple[str, ...] = ()


def lock_tool(plan: DependencyPlan, own: OwnPackage | None) -> LockTool | None:
    """The tool that follows the project's own lock; None where there is none, or the plan departs from it.

    A `pylock.toml` has no tool yet whose support for it is not called experimental, and the addresses in it are those
    of the index that it was made from: its versions and hashes are written down instead.
    """
    departs = plan.dropped or plan.overrides or plan.relaxed or plan.wheels_only
    others = set(plan.provided) - ({_SEPARATORS.sub("-", own.name).lower()} if own else set())
    if plan.lock is None or departs or others:
        return None
    match plan.lock_format:
        case "requirements":
            return "requirements" if plan.hashes else None
        case "pylock":
            return None
        case other:
            return other


def tool_pins(tool: LockTool | None) -> tuple[str, ...]:
    """The requirements of what installs: the lock's own tool, and uv, which installs everything that has hashes.

    uv installs a changed set of a dozen distributions in a tenth of pip's time.
    """
    return (_UV, *(_TOOL_PINS.get(tool, ()) if tool else ()))
