"""Bytecode compiled by the target's own interpreter, run on this machine.

Bytecode differs between patch releases of one minor version, so the interpreter that the image ships compiles
it: identical wherever it is built. Files are unchecked-hash (PEP 552), so no source is looked at on import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Bytecode", "Interpreter", "Source", "compile_sources", "pyc_path"]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython that runs on this machine and equals the image's.

    Attributes:
        command: the argument vector that starts it (a dynamic loader and a library path may come first).
        environment: the whole environment it gets (`PYTHONHOME` for an unpacked one).
        version: X.Y.Z as the image has it, or any other text that changes when its bytecode may change.
        cache_tag: `cpython-313`.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    version: str
    cache_tag: str


@dataclass(frozen=True, slots=True)
class Source:
    """A Python source and the absolute path it will have in the image (which its code objects carry)."""

    path: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Bytecode:
    """The result for the source of the same path: a `.pyc` file's bytes, or None with the reason it cannot be."""

    path: str
    content: bytes | None
    reason: str | None = None


def pyc_path(path: str, cache_tag: str) -> str:
    """Where Python looks for a source's bytecode.

    >>> pyc_path("/app/views/home.py", "cpython-313")
    '/app/views/__pycache__/home.cpython-313.pyc'
    """
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{cache_tag}.pyc"


def compile_sources(interpreter: Interpreter, sources: Iterable[Source], *, workers: int = 2) -> Iterator[Bytecode]:
    """Compile sources in `workers` processes of the interpreter; results come in the order of the sources.

    A source that is not valid for the interpreter gives a `Bytecode` without content. Raises `BuildError` when the
    interpreter cannot be run or dies.
    """
    raise NotImplementedError
