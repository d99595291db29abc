"""Image references.

Specification: the grammar of https://github.com/distribution/reference, which every engine and registry client follows.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from packer.errors import ArchiveError, UsageError
from packer.oci.digest import Digest
from packer.regex import regex

__all__ = ["DEFAULT_REGISTRY", "DEFAULT_TAG", "Reference"]

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"

_HUB_ALIASES = frozenset({"index.docker.io", "registry-1.docker.io"})
_HOST = regex(
    r"(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*(?::[0-9]{1,5})?"
    r"|\[[0-9a-f:]+\](?::[0-9]{1,5})?"
)
_REPOSITORY = regex(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_LONGEST_NAME = 255


class Reference(Struct, frozen=True, kw_only=True):
    """Where an image is: `registry/repository[:tag][@digest]`.

        registry.example.com:5000/team/shop:1.4@sha256:…
        └──────── registry ──────┘└repository┘└tag┘└ digest

    The first component is a registry if it has a dot or a colon, or is `localhost`; otherwise the registry is Docker
    Hub, whose repositories of one component lie in `library/`:

    >>> str(Reference.parse("python:3.13-slim"))
    'docker.io/library/python:3.13-slim'
    >>> str(Reference.parse("team/shop"))
    'docker.io/team/shop'
    >>> str(Reference.parse("localhost/shop"))
    'localhost/shop'
    >>> str(Reference.parse("localhost:5000/shop:1"))
    'localhost:5000/shop:1'
    >>> str(Reference.parse("[::1]:5000/shop"))
    '[::1]:5000/shop'

    A tag is only there when it was said; `tagged` gives the default one. `familiar` is what Docker prints:

    >>> Reference.parse("python").tagged.tag
    'latest'
    >>> Reference.parse("index.docker.io/library/python:3").familiar
    'python:3'
    >>> Reference.parse(str(Reference.parse("a/b:c"))) == Reference.parse("a/b:c")
    True
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: Digest | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read a reference. Raises `UsageError` saying which part is wrong."""
        name, at, digest = text.partition("@")
        head, slash, last = name.rpartition("/")
        last, colon, tag = last.partition(":")
        registry, repository = _split(f"{head}{slash}{last}")
        if not _HOST.fullmatch(registry):
            raise _wrong(text, f"{registry!r} is not a registry")
        if not _REPOSITORY.fullmatch(repository):
            raise _wrong(text, "a repository's name is of lower-case letters, digits and . _ - between them")
        if len(registry) + 1 + len(repository) > _LONGEST_NAME:
            raise _wrong(text, f"the name is longer than {_LONGEST_NAME} characters")
        if colon and not _TAG.fullmatch(tag):
            raise _wrong(text, "a tag is of at most 128 letters, digits and _ . -")
        try:
            pinned = Digest.parse(digest) if at else None
        except ArchiveError as error:
            raise _wrong(text, "the digest after @ is sha256: and 64 hexadecimal digits") from error
        return cls(registry=registry, repository=repository, tag=tag or None, digest=pinned)

    @property
    def tagged(self) -> Reference:
        """The same without a digest, and with the tag `latest` if it has none."""
        return replace(self, tag=self.tag or DEFAULT_TAG, digest=None)

    @property
    def name(self) -> str:
        """`registry/repository`."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar(self) -> str:
        """The shortest text that means the same: without `docker.io/` and `library/` where nothing else needs them."""
        short = self.repository.removeprefix("library/")
        unambiguous = _split(short) == (self.registry, self.repository)
        return (short if unambiguous else self.name) + self._version

    @property
    def _version(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def pinned(self, digest: Digest) -> Reference:
        """The same with a digest."""
        return replace(self, digest=digest)

    def __str__(self) -> str:
        """`registry/repository[:tag][@digest]`, complete."""
        return self.name + self._version


def _split(name: str) -> tuple[str, str]:
    """Registry and repository of a name without tag and digest."""
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        registry, repository = DEFAULT_REGISTRY, name
    else:
        registry, repository = first.lower(), rest
    if registry in _HUB_ALIASES:
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository


def _wrong(text: str, why: str) -> UsageError:
    hint = "write it as registry/repository:tag"
    if text != text.lower() and _REPOSITORY.fullmatch(text.partition(":")[0].lower()):
        hint = f"did you mean {text.partition(':')[0].lower() + ''.join(text.partition(':')[1:])}?"
    return UsageError(f"{text[:300]!r} is not an image reference: {why}", hint=hint)
