"""The Python of a base, found by looking at its files: which one, linked with what, and what else stands around it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from msgspec import Struct

from packer.build.image_foundation.content_search import first_match, read_at
from packer.errors import BuildError
from packer.oci.entry import Content
from packer.regex import regex
from packer.store.file_tree import File, FileTree
from packer.wheels.elf import Dynamic, read_dynamic

__all__ = ["DEFAULT_PATH", "BasePython", "Libraries", "find_python", "wanted_for_python"]

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where engines look for programs in an image that says nothing."""

_PROGRAM = regex(r"python(3\.[0-9]{1,3})")
_STDLIB_PARENTS = ("lib", "lib64")
_CONFIGURED = "/etc/ld.so.conf"
_LARGEST_CONFIGURATION = 1 << 16
_LARGEST_FILE = 256 << 20
"""Interpreters with symbols have 100 MB and more."""
_WANTED = regex(
    r"(?:.*/)?(?:bin/python3[^/]*|[^/]*\.so(?:\.[^/]*)?|lib(?:64)?/python3\.[0-9]+/.+|ld\.so\.conf(?:\.d/[^/]+)?)",
    re.DOTALL,
)
_UNWANTED = regex(
    r"/(?:site-packages|dist-packages|test|tests|idlelib|ensurepip|tkinter|turtledemo|__pycache__|config-3[^/]*)/"
)
_MOST_LIBRARIES = 200
_MOST_FOLDERS = 100
_GLIBC_HINT = "use a base with glibc: Debian, Ubuntu, Fedora, or an image like python:X.Y-slim"


def wanted_for_python(path: str, size: int) -> bool:
    """Whether finding and running Python takes this file of a base, by its path below the root."""
    return size <= _LARGEST_FILE and bool(_WANTED.fullmatch(path)) and not _UNWANTED.search(path)


class BasePython(Struct, frozen=True, kw_only=True):
    """A Python as it lies in the base.

    Attributes:
        python: X.Y.
        program: its real absolute path, no link on the way.
        standard_libraries: the absolute folders named `pythonX.Y` that hold it.
        content: the program.
        loader: the absolute path of its dynamic loader.
        libraries: what it is linked with, by name, the C library included.
    """

    python: str
    program: str
    standard_libraries: tuple[str, ...]
    content: Content
    loader: str
    libraries: Mapping[str, Content]

    @property
    def identity(self) -> str:
        """Changes whenever what compiles bytecode changes."""
        found = hashlib.sha256()
        for content in self._own:
            with content.open() as stream:
                while chunk := stream.read(1 << 18):
                    found.update(chunk)
        return found.hexdigest()

    def version(self, environment: Mapping[str, str]) -> str:
        """X.Y.Z: what is compiled into it, else what the image's environment says. Raises `BuildError` for neither."""
        pattern = re.compile(rb"\0(%s\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,3})?)\+?\0" % re.escape(self.python.encode()))
        for content in self._own:
            if found := first_match(content, pattern):
                return found[1].decode()
        stated = environment.get("PYTHON_VERSION", "")
        if stated.startswith(f"{self.python}."):
            return stated
        raise BuildError(f"the exact version of {self.program!r:.200} in the base cannot be told")

    def glibc(self) -> tuple[int, int]:
        """The version of the C library. Raises `BuildError` where it does not say."""
        content = self.libraries.get("libc.so.6")
        found = first_match(content, re.compile(rb"release version ([0-9]{1,3})\.([0-9]{1,3})")) if content else None
        if not found:
            raise BuildError("the base's C library is not glibc, or does not say its version", hint=_GLIBC_HINT)
        return int(found[1]), int(found[2])

    @property
    def _own(self) -> tuple[Content, ...]:
        """The program, and the library that holds the interpreter where it is linked so."""
        shared = (self.libraries[name] for name in sorted(self.libraries) if name.startswith("libpython"))
        return (self.content, *shared)


class Libraries:
    """Where the dynamic loader of a base finds shared libraries: ld.so(8), without the folders that programs name."""

    def __init__(self, tree: FileTree, environment: Mapping[str, str], machine: str) -> None:
        self._tree = tree
        triplet = f"{machine}-linux-gnu"
        self._folders = tuple(
            dict.fromkeys(
                (
                    *(folder for folder in environment.get("LD_LIBRARY_PATH", "").split(":") if folder),
                    *islice(_configured_folders(tree), _MOST_FOLDERS),
                    *(f"{top}/{triplet}" for top in ("/lib", "/usr/lib")),
                    *("/lib64", "/usr/lib64", "/lib", "/usr/lib"),
                )
            )
        )

    @property
    def sonames(self) -> frozenset[str]:
        """The names that programs find."""
        return frozenset(
            name
            for folder in self._folders
            for name in self._tree.names(folder)
            if ".so" in name and self._tree.file(f"{folder}/{name}")
        )

    def file(self, name: str, *, before: Iterable[str]) -> File | None:
        """The library of that name, looked for `before` elsewhere. None where there is none."""
        if "/" in name:
            return None
        for folder in (*before, *self._folders):
            file = self._tree.file(f"{folder}/{name}")
            if file is not None and file.content is not None:
                return file
        return None


def find_python(tree: FileTree, path: str, *, wanted: str | None, machine: str, libraries: Libraries) -> BasePython:
    """The newest Python on a PATH, with its standard library.

    Args:
        tree: the base.
        path: folders, as in `PATH`; relative ones do not count.
        wanted: X.Y to take instead of the newest.
        machine: the processor it must be for, as Python spells it.
        libraries: where it finds what it is linked with.

    Raises:
        BuildError: there is none, not the wanted one, or none that wheels fit.
    """
    found = list(_interpreters(tree, path))
    versions = sorted({python for python, _ in found}, key=_key)
    if not versions:
        raise BuildError(
            f"the base has no Python: there is no pythonX.Y with its standard library in {path!r:.300}",
            hint="use an image with Python, or leave the setting `base` out",
        )
    if wanted and wanted not in versions:
        raise BuildError(
            f"the base has Python {', '.join(versions)}, but {wanted} is wanted",
            hint="leave the setting `python` out, refresh the lock with `pack lock --upgrade`, or use another base",
        )
    python = wanted or versions[-1]
    program = next(place for version, place in found if version == python)
    return _described(tree, python, program, machine=machine, libraries=libraries)


def _interpreters(tree: FileTree, path: str) -> Iterator[tuple[str, str]]:
    """X.Y and real path of every interpreter with a standard library, in the order of PATH."""
    for folder in path.split(":"):
        if not folder.startswith("/"):
            continue
        for name in tree.names(folder):
            match = _PROGRAM.fullmatch(name)
            found = tree.find(f"{folder}/{name}") if match else None
            if match is None or found is None or not isinstance(found.node, File) or not found.node.executable:
                continue
            if _standard_libraries(tree, match[1], found.path):
                yield match[1], found.path


def _standard_libraries(tree: FileTree, python: str, program: str) -> tuple[str, ...]:
    home = program.rpartition("/")[0].rpartition("/")[0]
    folders = (f"{home}/{parent}/python{python}" for parent in _STDLIB_PARENTS)
    return tuple(folder for folder in folders if tree.file(f"{folder}/os.py"))


def _described(tree: FileTree, python: str, program: str, *, machine: str, libraries: Libraries) -> BasePython:
    dynamic, content = _program(tree, program)
    if dynamic.machine != machine:
        raise BuildError(f"{program!r:.200} in the base is a program for {dynamic.machine}, not for {machine}")
    loader = dynamic.loader or ""
    if loader.rpartition("/")[2].startswith("ld-musl"):
        raise BuildError("the base's C library is musl (Alpine), which pack chooses no wheels for", hint=_GLIBC_HINT)
    home = program.rpartition("/")[0].rpartition("/")[0]
    found = _closure(dynamic, libraries, before=[f"{home}/{parent}" for parent in _STDLIB_PARENTS])
    loading = tree.file(loader)
    if loading is None or loading.content is None:
        raise BuildError(f"the base lacks {loader!r:.200}, which {program!r:.200} is started by")
    return BasePython(
        python=python,
        program=program,
        standard_libraries=_standard_libraries(tree, python, program),
        content=content,
        loader=loader,
        libraries={**found, loader.rpartition("/")[2]: loading.content},
    )


def _program(tree: FileTree, program: str) -> tuple[Dynamic, Content]:
    file = tree.file(program)
    content = file.content if file else None
    dynamic = read_dynamic(read_at(content)) if content else None
    if content is None or dynamic is None or dynamic.loader is None:
        raise BuildError(f"{program!r:.200} in the base is not a dynamically linked program for amd64 or arm64")
    return dynamic, content


def _closure(program: Dynamic, libraries: Libraries, *, before: list[str]) -> dict[str, Content]:
    """Everything that the program is linked with, at any depth."""
    found: dict[str, Content] = {}
    pending = list(program.needed)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        file = libraries.file(name, before=before)
        if file is None or file.content is None or len(found) >= _MOST_LIBRARIES:
            raise BuildError(f"the base lacks {name!r:.80}, which its Python is linked with")
        found[name] = file.content
        dynamic = read_dynamic(read_at(file.content))
        pending.extend(dynamic.needed if dynamic else ())
    return found


def _configured_folders(tree: FileTree) -> Iterator[str]:
    """The folders that ldconfig is told of: those of `ld.so.conf` and of the files that it customarily includes."""
    includes = (f"{_CONFIGURED}.d/{name}" for name in tree.names(f"{_CONFIGURED}.d") if name.endswith(".conf"))
    for place in (_CONFIGURED, *includes):
        file = tree.file(place)
        if file is None or file.content is None:
            continue
        text = read_at(file.content)(0, _LARGEST_CONFIGURATION).decode("utf-8", "replace")
        yield from (line.strip() for line in text.splitlines() if line.startswith("/"))


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
