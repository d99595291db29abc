"""`debian_base`: from a `BaseLock` to the layers of an image, and what the rest of the build wants to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from packer.debian.assembly import LAYOUT, Assembly
from packer.debian.interpreter import UnpackedInterpreter, compiling_lock, interpreter_refusal
from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.debian.releases import CERTIFICATE_BUNDLE
from packer.debian.versions import upstream_version
from packer.oci.entry import Content, Entry, EntryKind
from packer.oci.layer import LayerRecipe
from packer.project.model import Caution
from packer.store.cache import BlobCache
from packer.system.http import Http

if TYPE_CHECKING:
    from packer.system.bytecode import Interpreter

__all__ = ["SYSTEM_ENVIRONMENT", "DebianBaseImage", "debian_base", "unrun_caution"]

SYSTEM_ENVIRONMENT = (
    ("LANG", "C.UTF-8"),
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("SSL_CERT_FILE", f"/{CERTIFICATE_BUNDLE}"),
)
"""Variables that an image on a base of Debian packages should set."""


class DebianBaseImage(Struct, frozen=True, kw_only=True):
    """A base that is known before it is made.

    Attributes:
        recipes: its layers, lowest first: the system, then Python.
        interpreter: the base's Python to run on this machine, unpacked at the first call; None where it cannot run.
        interpreter_refusal: why it cannot, one sentence; None where it can.
        python_version: X.Y.Z.
        glibc: version of the C library, for the choice of wheels.
        environment: variables that an image on this base should set.
        sonames: the shared libraries that programs in it find.
        cautions: what may surprise.
    """

    recipes: tuple[LayerRecipe, ...]
    interpreter: Callable[[], Interpreter | None]
    interpreter_refusal: str | None
    python_version: str
    glibc: tuple[int, int]
    environment: tuple[tuple[str, str], ...]
    sonames: frozenset[str]
    cautions: tuple[Caution, ...] = ()


def debian_base(
    lock: BaseLock,
    *,
    http: Http,
    cache: BlobCache,
    mirrors: Mirrors,
    bytecode: bool,
    host_base: BaseLock | None = None,
) -> DebianBaseImage:
    """Describe the base of a lock. Packages are fetched only where the cache does not know what is asked.

    Args:
        lock: what the base consists of.
        http: the network.
        cache: packages, records, the unpacked interpreter.
        mirrors: where the archives are.
        bytecode: whether the standard library comes with bytecode.
        host_base: a lock of the same release for this machine's architecture: its Python compiles bytecode for
            another architecture's base, since bytecode is the same on all.

    Raises `LockError`, `TrustError`, `TransientError` or `ArchiveError` when packages cannot be had or are broken.
    """
    assembly = Assembly(lock, http=http, cache=cache, mirrors=mirrors)
    compiling = compiling_lock(lock, host_base)
    interpreter: Callable[[], Interpreter | None] = _no_interpreter
    if compiling is not None:
        own = compiling is lock
        source = assembly if own else Assembly(compiling, http=http, cache=cache, mirrors=mirrors)
        interpreter = UnpackedInterpreter(source, cache.root / "interpreters")
    facts = assembly.facts()
    python = f"python{assembly.release.python}-minimal"
    cautions = [unrun_caution(facts.unrun_scripts)] if facts.unrun_scripts else []
    if compiling is not None and compiling.package(python).version != lock.package(python).version:
        cautions.append(
            Caution(what=f"bytecode for {lock.package(python)} is compiled by {compiling.package(python).version}")
        )
    return DebianBaseImage(
        recipes=(
            _system_recipe(assembly),
            _python_recipe(assembly, interpreter, compiling.package(python).version if bytecode and compiling else ""),
        ),
        interpreter=interpreter,
        interpreter_refusal=interpreter_refusal(lock) if compiling is None else None,
        python_version=upstream_version(lock.package(python).version),
        glibc=_glibc(lock),
        environment=SYSTEM_ENVIRONMENT,
        sonames=facts.sonames,
        cautions=tuple(cautions),
    )


def _system_recipe(assembly: Assembly) -> LayerRecipe:
    lock, python = assembly.lock, assembly.release.python_packages
    count = sum(package.name not in python for package in lock.packages)
    return LayerRecipe(
        name=f"debian {lock.release}",
        inputs=("debian-system", LAYOUT, lock.release, lock.architecture, *(found.sha256 for found in lock.packages)),
        created_by=f"pack: {count} packages of Debian {lock.release}",
        entries=lambda: [owned.entry for owned in assembly.tree().owned() if owned.package not in python],
    )


def _python_recipe(assembly: Assembly, interpreter: Callable[[], Interpreter | None], compiler: str) -> LayerRecipe:
    """`compiler` is the version that compiles bytecode; empty for none."""
    lock, python = assembly.lock, assembly.release.python_packages
    version = assembly.release.python

    def entries() -> Iterable[Entry]:
        own = [owned.entry for owned in assembly.tree().owned() if owned.package in python]
        running = interpreter() if compiler else None
        return [*own, *_bytecode(own, running, f"usr/lib/python{version}/")] if running else own

    return LayerRecipe(
        name=f"python {version}",
        inputs=(
            "debian-python", LAYOUT, lock.release, lock.architecture, f"bytecode:{compiler}",
            *(package.sha256 for package in lock.packages if package.name in python),
        ),
        created_by=f"pack: Python {version} of Debian {lock.release}",
        entries=entries,
    )  # fmt: skip


def _bytecode(entries: list[Entry], interpreter: Interpreter, library: str) -> Iterator[Entry]:
    """Bytecode of the standard library. What does not compile (samples of bad syntax) has none."""
    from packer.system.bytecode import Source, compile_sources, pyc_path  # noqa: PLC0415 - a warm build compiles nothing

    modules = (
        entry
        for entry in entries
        if entry.kind is EntryKind.FILE and entry.path.startswith(library) and entry.path.endswith(".py")
    )
    sources = (Source(f"/{entry.path}", _text(entry)) for entry in modules)
    for result in compile_sources(interpreter, sources):
        if result.content is not None:
            yield Entry.file(pyc_path(result.path, interpreter.cache_tag)[1:], result.content)


def _no_interpreter() -> Interpreter | None:
    return None


def unrun_caution(names: tuple[str, ...]) -> Caution:
    """What to say of packages whose maintainer scripts might have done something."""
    return Caution(
        what=f"maintainer scripts that pack has not been taught were not run: {', '.join(names)}",
        hint="check what the packages' postinst would have set up; most images work without",
    )


def _glibc(lock: BaseLock) -> tuple[int, int]:
    major, minor, *_ = upstream_version(lock.package("libc6").version).split(".")
    return int(major), int(minor)


def _text(entry: Entry) -> bytes:
    if isinstance(entry.content, Content):
        with entry.content.open() as stream:
            return stream.read()
    return entry.content
