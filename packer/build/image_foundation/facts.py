"""What is worth remembering of a base: found once, then known by the digest of its manifest."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import DecodeError, Struct, json

from packer.build.image_foundation.base_python import BasePython, Libraries
from packer.oci.digest import Digest
from packer.plan.model import APP_ROOT
from packer.regex import regex
from packer.store.cache import BlobCache
from packer.store.file_tree import FileTree

__all__ = ["BaseFacts", "known_facts", "learn_facts", "remember_facts"]

_PYTHON = regex(r"3\.[0-9]{1,3}")
_FILE_NAME = regex(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_RECORD = "image-base"
_VERSION = "1"
"""Changes when other facts are kept, or found in another way."""


class BaseFacts(Struct, frozen=True, kw_only=True):
    """A base, as far as building on it must know its files.

    Attributes:
        python: X.Y.
        program: the interpreter, absolute.
        version: X.Y.Z.
        identity: changes whenever what compiles bytecode changes.
        loader: the file name of the dynamic loader.
        glibc: the C library's version.
        sonames: the shared libraries that programs find, sorted.
        occupied: whether something lies where the app goes.
    """

    python: str
    program: str
    version: str
    identity: str
    loader: str
    glibc: tuple[int, int]
    sonames: tuple[str, ...]
    occupied: bool


def learn_facts(
    tree: FileTree, python: BasePython, *, libraries: Libraries, environment: Mapping[str, str]
) -> BaseFacts:
    """Look at the files. Raises `BuildError` for what cannot be told."""
    return BaseFacts(
        python=python.python,
        program=python.program,
        version=python.version(environment),
        identity=python.identity,
        loader=python.loader.rpartition("/")[2],
        glibc=python.glibc(),
        sonames=tuple(sorted(libraries.sonames)),
        occupied=bool(tree.names(str(APP_ROOT))),
    )


def known_facts(cache: BlobCache, image: Digest, wanted: str | None) -> BaseFacts | None:
    """What was remembered of an image and the Python that is wanted of it; None for what no image can be like."""
    record = cache.record(_RECORD, _key(image, wanted))
    try:
        known = json.decode(record, type=BaseFacts) if record else None
    except DecodeError:
        return None
    return known if known is None or _is_possible(known) else None


def remember_facts(cache: BlobCache, image: Digest, wanted: str | None, facts: BaseFacts) -> None:
    """Keep what was found."""
    cache.put_record(_RECORD, _key(image, wanted), json.encode(facts))


def _is_possible(facts: BaseFacts) -> bool:
    """Whether the names in it stay inside the folders that they are looked for in: a program of them is started."""
    return bool(
        _PYTHON.fullmatch(facts.python)
        and facts.version.startswith(f"{facts.python}.")
        and _FILE_NAME.fullmatch(facts.loader)
        and facts.program.startswith("/")
        and ".." not in facts.program.split("/")
    )


def _key(image: Digest, wanted: str | None) -> str:
    return Digest.of(f"{_VERSION} {image} {wanted or ''}".encode()).hex
