"""The one error tree of pack, and its exit codes.

    PackError                     exit code
    ├── UsageError                 2   the command line or a setting is wrong
    ├── ProjectError               3   the project cannot be understood
    ├── PlanError                  4   the project is understood, but no plan fits it
    ├── BuildError                 5   an image could not be made
    │   ├── ArchiveError               a wheel, Debian package, layer or image archive is broken or hostile
    │   │   └── PlatformError              an image is there, and not for the platform that is wanted
    │   ├── TrustError                 a signature, digest or expiry date does not hold
    │   ├── LockError                  a lock is missing, stale or impossible to follow
    │   ├── DriftError                 a generated file is not what pack would write
    │   └── SourceError                a distribution that has only a source gives no wheel
    ├── RegistryError              6   an image registry refused or misbehaved
    ├── EngineError                7   a container engine or a stack failed
    ├── DeployError                8   a release could not be put on its target
    └── TransientError            75   the network or a server was not there; trying again may help
        └── UnreachableError           no connection can be made at all

0 is success, 70 a bug in pack (any exception outside this tree), 130 an interrupt.
Every message says what happened, where, and what to do next. The text of a `PackError` is safe to show:
whoever raises one keeps secrets out of it. One place catches them: `packer.cli`.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ArchiveError",
    "BuildError",
    "DeployError",
    "DriftError",
    "EngineError",
    "LockError",
    "PackError",
    "PlanError",
    "PlatformError",
    "ProjectError",
    "RegistryError",
    "SourceError",
    "TransientError",
    "TrustError",
    "UnreachableError",
    "UsageError",
]


class PackError(Exception):
    """Something that pack's user can understand and act on.

    Args:
        what: one sentence that says what happened.
        where: the file (with line), URL or object it happened at, if there is one.
        hint: what to do next, as an instruction; a command where one helps.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """What, where and what next, one to a line."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.hint:
            lines.append(f"  next:  {self.hint}")
        return "\n".join(lines)


class UsageError(PackError):
    """The command line or a setting is wrong."""

    exit_code = 2


class ProjectError(PackError):
    """The project cannot be understood."""

    exit_code = 3


class PlanError(PackError):
    """The project is understood, but no plan fits it."""

    exit_code = 4


class BuildError(PackError):
    """An image could not be made."""

    exit_code = 5


class ArchiveError(BuildError):
    """A wheel, Debian package, layer or image archive is broken or hostile."""


class PlatformError(ArchiveError):
    """An image is there, and not for the platform that is wanted."""


class TrustError(BuildError):
    """A signature, digest or expiry date does not hold."""


class LockError(BuildError):
    """A lock is missing, stale or impossible to follow."""


class DriftError(BuildError):
    """A generated file is not what pack would write, and pack was not to change it, or cannot."""


class SourceError(BuildError):
    """A distribution that has only a source gives no wheel.

    Args:
        distribution: its normalised name.
    """

    def __init__(self, what: str, *, distribution: str, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where=where, hint=hint)
        self.distribution = distribution


class RegistryError(PackError):
    """An image registry refused or misbehaved."""

    exit_code = 6


class EngineError(PackError):
    """A container engine or a stack failed."""

    exit_code = 7


class DeployError(PackError):
    """A release could not be put on its target."""

    exit_code = 8


class TransientError(PackError):
    """The network or a server was not there; trying again may help."""

    exit_code = 75


class UnreachableError(TransientError):
    """No connection can be made: mostly there is no network at all, or no such host."""
