"""What a request needs to be allowed.

Specification: https://github.com/distribution/distribution/blob/main/docs/content/spec/auth/scope.md
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Scope"]


class Scope(Struct, frozen=True):
    """A right to a repository, and to read others that blobs are mounted from.

    Attributes:
        repository: `team/shop`; empty for the registry itself.
        push: to write, too.
        sources: other repositories of the registry, to be read.
        delete: to remove, too.
    """

    repository: str
    push: bool = False
    sources: tuple[str, ...] = ()
    delete: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The scopes as token servers know them, what is written first: some read the first one only.

        >>> Scope("shop", push=True, sources=("base",)).texts
        ('repository:shop:pull,push', 'repository:base:pull')
        """
        if not self.repository:
            return ()
        actions = ",".join(("pull", *(["push"] if self.push else ()), *(["delete"] if self.delete else ())))
        return (f"repository:{self.repository}:{actions}", *(f"repository:{name}:pull" for name in self.sources))

    def texts_for(self, challenged: str) -> tuple[str, ...]:
        """The scopes, and what a challenge names for this repository beyond them: some actions have words of their own.

        >>> Scope("shop", push=True).texts_for("repository:shop:pull repository:shop:delete repository:other:pull")
        ('repository:shop:pull,push', 'repository:shop:delete')
        """
        if not self.repository:
            return tuple(challenged.split())
        own = f"repository:{self.repository}:"
        known = {"pull", "push"} if self.push else {"pull"}
        wanted = (text for text in challenged.split() if text.startswith(own))
        more = (text for text in wanted if not known.issuperset(text.removeprefix(own).split(",")))
        return (*self.texts, *dict.fromkeys(more))

    @property
    def alone(self) -> Scope:
        """The same without the others."""
        return Scope(self.repository, self.push, delete=self.delete)
