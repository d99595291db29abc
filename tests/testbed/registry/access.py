"""Rights: scopes as token services write them, and which a request needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .routing import WRITES, Step
from .wire import Request

__all__ = ["Account", "Scope", "needed_scopes", "parse_scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Actions on a repository: `repository:team/app:pull,push`."""

    repository: str
    actions: frozenset[str]

    def __str__(self) -> str:
        return f"repository:{self.repository}:{','.join(sorted(self.actions))}"

    def covers(self, other: Scope) -> bool:
        """Whether nothing of the other is missing."""
        return self.repository == other.repository and self.actions >= other.actions


def parse_scope(text: str) -> Scope | None:
    """Read a repository scope; None for what is not one."""
    kind, _, rest = text.partition(":")
    name, _, actions = rest.rpartition(":")
    if kind != "repository" or not name:
        return None
    return Scope(name, frozenset({"pull", "push", "delete"} if actions == "*" else actions.split(",")))


def needed_scopes(request: Request, *, mount_needs_both: bool = False) -> tuple[Scope, ...]:
    """What a request to a registry needs; with `mount_needs_both` also the right to pull what it mounts."""
    step, name = request.route.step, request.route.repository
    if step in {Step.PING, Step.UNKNOWN}:
        return ()
    if step in {Step.BLOB_DELETE, Step.MANIFEST_DELETE}:
        return (Scope(name, frozenset({"delete"})),)
    if step not in WRITES:
        return (Scope(name, frozenset({"pull"})),)
    own = Scope(name, frozenset({"pull", "push"}))
    source = request.asked("from")
    if step is Step.UPLOAD_MOUNT and source and mount_needs_both:
        return (own, Scope(source, frozenset({"pull"})))
    return (own,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may log in.

    Attributes:
        refresh_token: what a token service takes in a POST, instead of name and password.
        limited_to: the repositories that it has rights in; None for all.
        actions: what it may do there.
    """

    name: str = "ada"
    password: str = "countess"
    refresh_token: str | None = None
    limited_to: frozenset[str] | None = None
    actions: frozenset[str] = frozenset({"pull", "push", "delete"})

    def granted(self, wanted: Scope) -> Scope:
        """What of a scope it may have."""
        if self.limited_to is not None and wanted.repository not in self.limited_to:
            return Scope(wanted.repository, frozenset())
        return Scope(wanted.repository, wanted.actions & self.actions)
