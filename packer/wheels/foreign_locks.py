"""Readers of poetry.lock, pdm.lock and Pipfile.lock.

Formats, from their tools' own sources: Poetry's lock-version 1.0-2.1, PDM's lock_version 4.0-4.5, Pipenv's
pipfile-spec 6. Each reader gives the pins of one target; development groups are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from packer.errors import LockError
from packer.regex import regex
from packer.wheels.pins import LockedPackage, Pin, holds, is_wanted, reachable
from packer.wheels.target import Target
from packer.wheels.toml import parse_toml

__all__ = ["read_pdm", "read_pipenv", "read_poetry"]

_EXTRA_REQUIREMENT = regex(r"^(?P<name>[A-Za-z0-9._-]+)\s*(?:\[(?P<extras>[^\]]*)\])?")


def read_poetry(content: bytes, roots: tuple[str, ...], target: Target, *, where: str) -> tuple[Pin, ...]:
    """The pins of a poetry.lock. `roots` are the project's own requirements, PEP 508."""
    lock = parse_toml(content, where=where)
    shared_files = _table(_table(lock, "metadata"), "files")
    entries = [entry for entry in _tables(lock, "package") if entry.get("category", "main") == "main"]
    grouped = [entry for entry in entries if isinstance(entry.get("groups"), list)]
    packages = [_poetry_package(entry, shared_files) for entry in grouped or entries]
    if grouped:
        wanted = [
            package
            for entry, package in zip(grouped, packages, strict=True)
            if "main" in entry["groups"] and not entry.get("optional") and holds(package.marker, target, where=where)
        ]
    else:
        wanted = list(reachable(packages, roots, target, where=where))
    return _pins(wanted)


def read_pdm(content: bytes, roots: tuple[str, ...], target: Target, *, where: str) -> tuple[Pin, ...]:
    """The pins of a pdm.lock. `roots` are the project's own requirements, PEP 508."""
    lock = parse_toml(content, where=where)
    metadata = _table(lock, "metadata")
    shared_files = _table(metadata, "files")
    entries = _tables(lock, "package")
    packages = _merge_extras([_pdm_package(entry, shared_files) for entry in entries])
    if "inherit_metadata" in (metadata.get("strategy") or ()):
        default = {_name(entry) for entry in entries if "default" in (entry.get("groups") or ())}
        wanted = [p for p in packages if p.name in default and holds(p.marker, target, where=where)]
    else:
        wanted = list(reachable(packages, roots, target, where=where))
    return _pins(wanted)


def read_pipenv(content: bytes, roots: tuple[str, ...], target: Target, *, where: str) -> tuple[Pin, ...]:
    """The pins of a Pipfile.lock: its `default` section, which is complete. `roots` are the Pipfile's requirements.

    What was not wanted on the machine that locked is in it as `*`, at times without its marker: then the Pipfile says
    where it is wanted.
    """
    try:
        lock = json.loads(content)
    except (ValueError, RecursionError) as cause:
        raise LockError("the lock is not valid JSON", where=where) from cause
    default = _table(lock if isinstance(lock, dict) else {}, "default")
    pins = []
    for raw_name in sorted(default, key=_normalized):
        entry = _table(default, raw_name)
        if "path" in entry or not holds(entry.get("markers"), target, where=where):
            continue
        name, url = _normalized(raw_name), entry.get("file")
        if entry.get("git"):
            url = _git_url(entry["git"], entry.get("ref"), entry.get("subdirectory"))
        version = str(entry.get("version", "")).lstrip("=")
        if not url and not version:
            raise LockError(f"the lock gives no version for {name}", where=where, hint="pipenv lock")
        if version == "*":
            version = ""
            if not is_wanted(name, roots, target, where=where):
                continue
        pins.append(Pin(name=name, version=version, hashes=tuple(entry.get("hashes") or ()), url=url))
    return tuple(pins)


def _poetry_package(entry: Mapping[str, Any], shared_files: Mapping[str, Any]) -> LockedPackage:
    name, source = _name(entry), _table(entry, "source")
    url = None
    if source.get("type") == "git":
        revision = source.get("resolved_reference") or source.get("reference")
        url = _git_url(source.get("url"), revision, source.get("subdirectory"))
    elif source.get("type") in ("url", "file"):
        url = str(source.get("url", ""))
    requires = _table(entry, "dependencies")
    by_name = {_normalized(key): value for key, value in requires.items()}
    extras = tuple(
        (_normalized(extra), tuple(_poetry_extra(line, by_name) for line in lines if isinstance(line, str)))
        for extra, lines in sorted(_table(entry, "extras").items())
        if isinstance(lines, list)
    )
    marker = entry.get("markers")
    return LockedPackage(
        name=name,
        pin=None if source.get("type") == "directory" else _pin(entry, url, shared_files),
        requires=tuple(
            _poetry_requirement(dependency, wish)
            for dependency, wishes in requires.items()
            for wish in (wishes if isinstance(wishes, list) else [wishes])
            if not (isinstance(wish, dict) and wish.get("optional"))
        ),
        extras=extras,
        marker=marker.get("main") if isinstance(marker, dict) else marker,
    )


def _poetry_requirement(name: str, wish: object) -> str:
    """A dependency as PEP 508. Its version is left out: the lock has settled it, in a syntax of Poetry's own."""
    if not isinstance(wish, dict):
        return name
    extras = ",".join(str(extra) for extra in wish.get("extras") or ())
    marker = f" ; {wish['markers']}" if wish.get("markers") else ""
    return f"{name}[{extras}]{marker}" if extras else f"{name}{marker}"


def _poetry_extra(line: str, requires: Mapping[str, object]) -> str:
    """A line of `[package.extras]`, `socks (>=1.5)`, with what the dependency's own entry says of it."""
    match = _EXTRA_REQUIREMENT.match(line)
    if match is None:
        return line
    wish = requires.get(_normalized(match["name"]))
    extras = match["extras"] or ""
    marker = f" ; {wish['markers']}" if isinstance(wish, dict) and wish.get("markers") else ""
    return f"{match['name']}[{extras}]{marker}" if extras else f"{match['name']}{marker}"


def _pdm_package(entry: Mapping[str, Any], shared_files: Mapping[str, Any]) -> LockedPackage:
    url = entry.get("url")
    if entry.get("git"):
        url = _git_url(entry["git"], entry.get("revision") or entry.get("ref"), entry.get("subdirectory"))
    requires = tuple(line for line in entry.get("dependencies") or () if isinstance(line, str))
    own_extras = entry.get("extras") or ()
    return LockedPackage(
        name=_name(entry),
        pin=None if entry.get("path") and not url else _pin(entry, url, shared_files),
        requires=() if own_extras else requires,
        extras=tuple((_normalized(extra), requires) for extra in own_extras),
        marker=entry.get("marker"),
    )


def _merge_extras(packages: list[LockedPackage]) -> list[LockedPackage]:
    """PDM locks `name` and `name[extra]` as two entries: here they are one."""
    merged: dict[tuple[str, str], LockedPackage] = {}
    for package in packages:
        key = (package.name, package.pin.version if package.pin else "")
        known = merged.get(key)
        if known is None:
            merged[key] = package
            continue
        plain = known if not known.extras else package
        merged[key] = LockedPackage(
            name=package.name,
            pin=known.pin or package.pin,
            requires=known.requires or package.requires,
            extras=(*known.extras, *package.extras),
            marker=plain.marker,
        )
    return list(merged.values())


def _pin(entry: Mapping[str, Any], url: str | None, shared_files: Mapping[str, Any]) -> Pin:
    name = _name(entry)
    version = str(entry.get("version", ""))
    files = entry.get("files") or shared_files.get(name) or shared_files.get(f"{name} {version}") or ()
    hashes = tuple(str(item["hash"]) for item in files if isinstance(item, dict) and "hash" in item)
    return Pin(name=name, version=version, hashes=hashes, url=url)


def _pins(packages: list[LockedPackage]) -> tuple[Pin, ...]:
    pins = {package.name: package.pin for package in packages if package.pin is not None}
    return tuple(pins[name] for name in sorted(pins))


def _git_url(url: object, revision: object, subdirectory: object) -> str:
    reference = f"@{revision}" if revision else ""
    folder = f"#subdirectory={subdirectory}" if subdirectory else ""
    return f"git+{str(url).removeprefix('git+')}{reference}{folder}"


def _table(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The table under a key; an empty one for anything else."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _tables(parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = parent.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _name(entry: Mapping[str, Any]) -> str:
    return _normalized(str(entry.get("name", "")))


def _normalized(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
