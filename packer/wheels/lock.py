"""A project's dependencies as one `pylock.toml` (PEP 751), whatever it states them in.

| what the project has | how |
|---|---|
| no lock | `uv pip compile` of its requirements |
| uv.lock | `uv export --frozen` |
| pylock.toml | as it is |
| poetry.lock, pdm.lock, Pipfile.lock, hashed requirements | its pins, `uv pip compile --no-deps` for the addresses |

Files whose hash the project's own lock does not list are dropped, and requirements that pack adds (a production
server) are resolved against the locked versions and appended. Partners of pinned releases are held at the time of the
pins (`packer.wheels.era`). uv does not run at all when the same inputs were resolved before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from packer.errors import LockError, UsageError
from packer.store.cache import BlobCache
from packer.system.process import Finished
from packer.wheels.era import hold
from packer.wheels.explain import explain, is_conflict, wants_older_setuptools
from packer.wheels.foreign_locks import read_pdm, read_pipenv, read_poetry
from packer.wheels.lock_text import render_lock
from packer.wheels.loosening import Loosened, lift, loosen
from packer.wheels.partners import partner_limits
from packer.wheels.pins import Pin
from packer.wheels.request import ResolveRequest
from packer.wheels.select import parse_lock
from packer.wheels.target import Target, pure_tags
from packer.wheels.toml import parse_toml
from packer.wheels.uv import BUILD_CONSTRAINTS, Uv

__all__ = ["resolve"]

_MAX_LOCK = 64 * 1024 * 1024
_RECORD = "resolution"
_MAX_RECONCILIATIONS = 3
"""How often partners are changed for each other: each change may bring along others."""


def resolve(request: ResolveRequest, *, cache: BlobCache, uv: Uv) -> bytes:
    """The bytes of a `pylock.toml`.

    Raises:
        LockError: the project's lock cannot be read or followed.
        BuildError: the requirements cannot be resolved.
        TransientError: the package index does not answer.
    """
    key = request.key(uv.indexes.key)
    known = None if request.refresh else cache.record(_RECORD, key)
    if known is not None:
        return known
    content = _Resolution(request, uv).content()
    cache.put_record(_RECORD, key, content)
    return content


class _Resolution:
    """One run: the request, and a folder of its own for uv's files."""

    def __init__(self, request: ResolveRequest, uv: Uv) -> None:
        self._request = request
        self._plan = request.dependencies
        self._uv = uv
        self._where = self._plan.lock or (self._plan.files[0] if self._plan.files else "the requirements")
        self._build_constraints: tuple[str, ...] = BUILD_CONSTRAINTS

    def content(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="pack-resolve-") as folder:
            scratch = Path(folder)
            content = self._main(scratch)
            if self._plan.lock_format is not None:
                content = self._with_added(content, scratch)
        parse_lock(content, where=self._where)
        return content

    def _main(self, scratch: Path) -> bytes:
        plan = self._plan
        match plan.lock_format:
            case "uv":
                return self._exported()
            case "pylock":
                return self._lock_file()
            case "poetry" | "pdm" | "pipenv":
                return self._pinned(self._pins(self._target()), scratch)
            case "requirements" if plan.hashes:
                return self._pinned_requirements(scratch)
            case "requirements" | None:
                return self._compiled(scratch)

    def _compiled(self, scratch: Path) -> bytes:
        """Resolve the requirements. Where that cannot be, advice gives way first.

        Pins below what others need at least give way upwards. Others that contradict each other are taken as they are:
        once they stood together in somebody's environment. A complete set of them is all there is. Pins that cannot be
        had at all give way.
        """
        plan = self._plan
        state = Loosened(lines=plan.requirements if plan.lock_format else (*plan.requirements, *plan.added))
        while True:
            finished, content = self._fitted(state, scratch)
            if finished.status == 0:
                break
            further = None if plan.hashes else loosen(state, finished.stderr)
            if further is None:
                raise explain(finished, doing="resolve the dependencies", where=self._where, locked=bool(plan.lock))
            state = further
        content = _noted(content, {"remarks": state.remarks}, where=self._where)
        return _only_listed(content, dict(plan.hashes), where=self._where) if plan.hashes else content

    def _fitted(self, state: Loosened, scratch: Path) -> tuple[Finished, bytes]:
        """One try to fit the requirements together; a failure for want of a pinned release is handed back at once."""
        plan, lines = self._plan, state.lines
        complete = plan.lock_format == "requirements" and not state.moved
        finished, content = self._compile(lines, scratch, constraints=(*plan.constraints, *plan.advice))
        if finished.status == 0 and not complete:
            content, limits = self._of_its_time(content, lines, scratch)
            content = self._reconciled(content, lines, limits, scratch)
        if _contradicts(finished, state) and plan.advice:
            finished, content = self._compile(lines, scratch, constraints=plan.constraints)
        if _contradicts(finished, state):
            lifted = self._lifted(state, finished, scratch)
            if lifted is not None:
                return lifted
            contradiction = explain(finished, doing="fit the pins together", where=self._where, locked=complete)
            finished, content = self._compile(
                lines, scratch, options=self._as_pinned(lines, scratch, complete=complete)
            )
            content = (
                _noted(content, {"remarks": (contradiction.what,)}, where=self._where)
                if finished.status == 0
                else content
            )
        return finished, content

    def _of_its_time(self, content: bytes, lines: Iterable[str], scratch: Path) -> tuple[bytes, tuple[str, ...]]:
        """The lock with what pinned releases bring along as it was at the time of the pins, and the limits for that.

        It stays as it is, without limits, where that does not fit.
        """
        plan, target = self._plan, self._request.target

        def compiled(requirements: Iterable[str], limits: Iterable[str], options: Iterable[str]) -> bytes | None:
            wishes = (*plan.constraints, *plan.advice, *limits)
            finished, found = self._compile(requirements, scratch, constraints=wishes, options=tuple(options))
            return found if finished.status == 0 else None

        held = hold(
            content,
            pinned={_name(line): line for line in lines if _is_pinned(line)},
            others={_name(line): line for line in lines if not _is_pinned(line)},
            python=self._request.python,
            tags=target.tags() if target else pure_tags(),
            compile_lock=compiled,
        )
        if held is None:
            return content, ()
        notes = {"held": held.limits, "time": [f"{held.pin} of {held.day}"]}
        return _noted(held.content, notes, where=self._where), held.limits

    def _reconciled(self, content: bytes, lines: Iterable[str], limits: tuple[str, ...], scratch: Path) -> bytes:
        """The lock without partners, of what is brought along, that do not work together; as it is where none fit."""
        named = frozenset(map(_name, lines))
        for _ in range(_MAX_RECONCILIATIONS):
            more = partner_limits(_versions(content, where=self._where), named=named)
            if not more:
                break
            limits = (*limits, *more)
            wishes = (*self._plan.constraints, *self._plan.advice, *limits)
            finished, found = self._compile(lines, scratch, constraints=wishes)
            if finished.status:
                break
            notes = parse_toml(content, where=self._where).get("tool", {}).get("pack", {})
            content = _noted(_noted(found, notes, where=self._where), {"partners": more}, where=self._where)
        return content

    def _lifted(self, state: Loosened, finished: Finished, scratch: Path) -> tuple[Finished, bytes] | None:
        """A resolution with those pins open upwards that are below what others need; None where that does not help."""
        further = lift(state, finished.stderr)
        while further is not None:
            again, content = self._advised(further.lines, scratch)
            if again.status == 0:
                remarks = further.remarks[len(state.moved) :]
                return again, _noted(content, {"remarks": remarks}, where=self._where)
            further = lift(further, again.stderr)
        return None

    def _advised(self, lines: Iterable[str], scratch: Path) -> tuple[Finished, bytes]:
        """A resolution with advice; without any where that cannot be."""
        constraints, advice = self._plan.constraints, self._plan.advice
        finished, content = self._compile(lines, scratch, constraints=(*constraints, *advice))
        return (finished, content) if finished.status == 0 else self._compile(lines, scratch, constraints=constraints)

    def _as_pinned(self, lines: Iterable[str], scratch: Path, *, complete: bool) -> tuple[str, ...]:
        """The options under which what is asked for holds whatever others want: pins, and what took a pin's place."""
        if complete:
            return ("--no-deps",)
        pins = scratch / "overrides.txt"
        kept = (line for line in lines if _is_pinned(line) or _name(line) in self._plan.relaxed)
        pins.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        return ("--overrides", str(pins))

    def _overridden(self, scratch: Path) -> tuple[str, ...]:
        """The options under which some wishes do not count: for the project's own distributions, and outlived ones."""
        lines = [f"{name}; sys_platform == 'none'" for name in self._plan.provided]
        lines += self._plan.overrides
        if not lines:
            return ()
        path = scratch / "provided.txt"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return ("--overrides", str(path))

    def _pinned_requirements(self, scratch: Path) -> bytes:
        finished, content = self._compile(self._plan.requirements, scratch, options=("--no-deps",))
        if finished.status:
            raise explain(finished, doing="follow the lock", where=self._where, locked=True)
        return _only_listed(content, dict(self._plan.hashes), where=self._where)

    def _pinned(self, pins: tuple[Pin, ...], scratch: Path) -> bytes:
        finished, content = self._compile([pin.requirement for pin in pins], scratch, options=("--no-deps",))
        if finished.status:
            raise explain(finished, doing="follow the lock", where=self._where, locked=True)
        hashes = {pin.name: pin.hashes for pin in pins if pin.hashes and not pin.url}
        return _only_listed(content, hashes, where=self._where)

    def _pins(self, target: Target) -> tuple[Pin, ...]:
        content, roots = self._lock_file(), self._plan.requirements
        match self._plan.lock_format:
            case "poetry":
                return read_poetry(content, roots, target, where=self._where)
            case "pdm":
                return read_pdm(content, roots, target, where=self._where)
            case _:
                return read_pipenv(content, roots, target, where=self._where)

    def _exported(self) -> bytes:
        """`uv export` reads a tree that it may not write to when it is told that the lock is frozen."""
        arguments = ("export", "--frozen", "--format", "pylock.toml", "--no-default-groups", "--no-emit-project")
        finished = self._uv.run([*arguments, "--no-header", *self._uv.python], cwd=self._request.root)
        if finished.status:
            raise explain(finished, doing="follow the lock", where=self._where, locked=True)
        return finished.stdout

    def _with_added(self, content: bytes, scratch: Path) -> bytes:
        """The lock with the requirements that pack adds, which must fit the versions that it has."""
        lock = parse_toml(content, where=self._where)
        locked = {package["name"]: package for package in lock.get("packages", ())}
        added = [line for line in self._plan.added if _name(line) not in locked]
        if not added:
            return content
        pins = [f"{name}=={package['version']}" for name, package in sorted(locked.items()) if "version" in package]
        finished, more = self._compile(
            added, scratch, constraints=(*pins, *self._plan.pins, *self._plan.constraints, *self._plan.advice)
        )
        if finished.status:
            raise explain(finished, doing=f"add {', '.join(added)} to the lock", where=self._where, locked=True)
        new = [
            package
            for package in parse_toml(more, where=self._where).get("packages", ())
            if package["name"] not in locked
        ]
        packages = sorted((*lock.get("packages", ()), *new), key=lambda package: str(package["name"]))
        return render_lock({**lock, "packages": packages})

    def _compile(
        self,
        requirements: Iterable[str],
        scratch: Path,
        *,
        constraints: Iterable[str] = (),
        options: tuple[str, ...] = (),
    ) -> tuple[Finished, bytes]:
        """`uv pip compile`, with an older setuptools when a source does not build with the newest."""
        output = scratch / "pylock.toml"
        limits = scratch / "constraints.txt"
        limits.write_text(_as_lines(constraints, where=self._where), encoding="utf-8")
        arguments = ["pip", "compile", "-", "--format", "pylock.toml", "--no-header", "--output-file", str(output)]
        arguments += [
            "--constraints",
            str(limits),
            *options,
            *self._overridden(scratch),
            *(word for name in self._plan.wheels_only for word in ("--only-binary", name)),
            *self._platform(),
            *self._uv.python,
        ]
        arguments += self._uv.indexes.options
        stdin = _as_lines(requirements, where=self._where).encode()
        attempt = partial(self._uv.run, cwd=self._request.root, stdin=stdin)
        finished = None
        for step, wish in enumerate(self._build_constraints):
            output.unlink(missing_ok=True)
            if self._request.previous is not None:
                output.write_bytes(self._request.previous)
            older = scratch / "build-constraints.txt"
            older.write_text(f"{wish}\n", encoding="utf-8")
            finished = attempt([*arguments, *(("--build-constraints", str(older)) if wish else ())])
            if finished.status == 0:
                self._build_constraints = self._build_constraints[step:]  # what failed once is not tried again
                return finished, output.read_bytes()
            if not wants_older_setuptools(finished):
                break
        assert finished is not None
        return finished, b""

    def _platform(self) -> tuple[str, ...]:
        target = self._request.target
        version = ("--python-version", self._request.python)
        return (*version, "--universal") if target is None else (*version, "--python-platform", target.uv_platform)

    def _target(self) -> Target:
        if self._request.target is None:
            raise UsageError(
                f"{self._where} pins the dependencies already",
                hint="run pack build, which follows it for each platform",
            )
        return self._request.target

    def _lock_file(self) -> bytes:
        path = self._request.root / (self._plan.lock or "")
        try:
            with path.open("rb") as stream:
                content = stream.read(_MAX_LOCK + 1)
        except OSError as cause:
            raise LockError(f"the lock cannot be read: {cause.strerror}", where=self._where) from cause
        if len(content) > _MAX_LOCK:
            raise LockError(f"the lock is larger than {_MAX_LOCK} bytes", where=self._where)
        return content


def _contradicts(finished: Finished, state: Loosened) -> bool:
    """Whether the requirements contradict each other, all of them being there to be had."""
    return is_conflict(finished) and loosen(state, finished.stderr) is None


def _as_lines(requirements: Iterable[str], *, where: str) -> str:
    """What uv reads, one to a line. A name or version out of a lock must not bring a line or an option of its own."""
    lines = tuple(requirements)
    for line in lines:
        if not line.isprintable() or line.lstrip().startswith("-"):
            raise LockError(f"{line[:120]!r} is no requirement", where=where, hint="lock again, and see who changed it")
    return "".join(f"{line}\n" for line in lines)


def _noted(content: bytes, notes: Mapping[str, Sequence[str]], *, where: str) -> bytes:
    """The lock with further notes for people, by kind, which `select` hands on."""
    if not any(notes.values()):
        return content
    lock = parse_toml(content, where=where)
    own = lock.get("tool", {}).get("pack", {})
    further = {kind: [*own.get(kind, ()), *texts] for kind, texts in notes.items()}
    return render_lock({**lock, "tool": {"pack": {**own, **further}}})


def _versions(content: bytes, *, where: str) -> dict[str, str]:
    """The releases in a lock, by name."""
    packages = parse_toml(content, where=where).get("packages", ())
    return {str(package["name"]): str(package["version"]) for package in packages if "version" in package}


def _is_pinned(requirement: str) -> bool:
    """Whether it leaves one version to choose."""
    from packaging.requirements import Requirement  # noqa: PLC0415 (slow to import)

    parsed = Requirement(requirement)
    return parsed.url is not None or any(one.operator in ("==", "===") for one in parsed.specifier)


def _only_listed(content: bytes, hashes: Mapping[str, tuple[str, ...]], *, where: str) -> bytes:
    """The lock without the files whose hash is not listed. An index may well have got new files since."""
    lock = parse_toml(content, where=where)
    packages = [_with_listed_files(package, hashes, where) for package in lock.get("packages", ())]
    return render_lock({**lock, "packages": packages})


def _with_listed_files(package: Mapping[str, Any], hashes: Mapping[str, tuple[str, ...]], where: str) -> dict[str, Any]:
    allowed = {text.removeprefix("sha256:") for text in hashes.get(package["name"], ()) if text.startswith("sha256:")}
    kept = dict(package)
    if not allowed or not ("wheels" in package or "sdist" in package):
        return kept
    kept["wheels"] = [wheel for wheel in package.get("wheels", ()) if wheel["hashes"].get("sha256") in allowed]
    if not kept["wheels"]:
        del kept["wheels"]
    if "sdist" in kept and kept["sdist"]["hashes"].get("sha256") not in allowed:
        del kept["sdist"]
    if "wheels" not in kept and "sdist" not in kept:
        raise LockError(
            f"no file of {package['name']} {package.get('version', '')} has a hash that the lock lists",
            where=where,
            hint="the index offers other files than the lock was made from: lock again, or name the index it came from",
        )
    return kept


def _name(requirement: str) -> str:
    from packaging.requirements import Requirement  # noqa: PLC0415 (slow to import)
    from packaging.utils import canonicalize_name  # noqa: PLC0415 (slow to import)

    return canonicalize_name(Requirement(requirement).name)
