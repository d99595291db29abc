"""Who needs whom in an image: requirements evaluated for its own Python and platform, Debian's relations by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from packer.attestation.inventory import DebianPackage, Distribution
from packer.debian.relations import parse_relations
from packer.errors import ArchiveError
from packer.oci.platform import LINUX_AMD64, Platform
from packer.wheels.target import Target

__all__ = ["debian_relations", "distribution_relations"]

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
_Extras = dict[str, list[str]]


def distribution_relations(
    distributions: Sequence[Distribution], *, platform: Platform, python: str
) -> dict[str, tuple[str, ...]]:
    """For the path of each distribution the paths of those in its folder that it needs.

    Nobody notes which extras were chosen; one counts as chosen when everything that it wants is there.

    Args:
        distributions: all of the image.
        platform: the image's.
        python: X.Y for distributions whose folder does not say which Python it is for.
    """
    folders: dict[str, dict[str, str]] = defaultdict(dict)
    for one in distributions:
        folders[one.folder].setdefault(one.name, one.path)
    return {one.path: _needed(one, folders[one.folder], _markers(one, platform, python)) for one in distributions}


def _needed(one: Distribution, there: Mapping[str, str], markers: Mapping[str, str]) -> tuple[str, ...]:
    always: list[str] = []
    by_extra: _Extras = defaultdict(list)
    for requirement in filter(None, map(_parsed, one.requires)):
        name = canonicalize_name(requirement.name)
        if _applies(requirement, markers, extra=""):
            always.append(name)
            continue
        for extra in _extras(requirement):
            if _applies(requirement, markers, extra=extra):
                by_extra[extra].append(name)
    chosen = (names for names in by_extra.values() if all(name in there for name in names))
    names = {*always, *(name for group in chosen for name in group)} - {one.name}
    return tuple(sorted(there[name] for name in names if name in there))


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None


def _applies(requirement: Requirement, markers: Mapping[str, str], *, extra: str) -> bool:
    if requirement.marker is None:
        return not extra
    try:
        return requirement.marker.evaluate({**markers, "extra": extra})
    except (UndefinedComparison, UndefinedEnvironmentName, RecursionError):
        return False


def _extras(requirement: Requirement) -> set[str]:
    """The extras that its marker speaks of."""
    words = str(requirement.marker or "").replace("(", " ").replace(")", " ").split()
    return {value.strip("\"'") for name, value in zip(words, words[2:], strict=False) if name == "extra"}


def _markers(one: Distribution, platform: Platform, python: str) -> dict[str, str]:
    target = Target(python=one.python or python, python_full=one.python_full, platform=LINUX_AMD64, glibc=(2, 17))
    machine = _MACHINES.get(platform.architecture, platform.architecture)
    return {**target.markers(), "platform_machine": machine}


def debian_relations(packages: Sequence[DebianPackage]) -> dict[str, tuple[str, ...]]:
    """For the qualified name of each package those of the packages that it depends on and that are there."""
    real: dict[str, list[DebianPackage]] = defaultdict(list)
    virtual: dict[str, list[DebianPackage]] = defaultdict(list)
    for package in packages:
        real[package.name].append(package)
        for name in _names(package.provides):
            virtual[name].append(package)
    relations: dict[str, tuple[str, ...]] = {}
    for package in packages:
        groups = (_fitting(real.get(name) or virtual.get(name, []), package) for name in _names(package.depends))
        names = {one.qualified for group in groups for one in group} - {package.qualified}
        relations[package.qualified] = tuple(sorted(names))
    return relations


def _fitting(candidates: Sequence[DebianPackage], package: DebianPackage) -> Sequence[DebianPackage]:
    """Of the packages of one name those that serve an architecture; all where none says so."""
    if package.architecture == "all":
        return candidates
    return [one for one in candidates if one.architecture in {package.architecture, "all"}] or candidates


def _names(relations: str) -> list[str]:
    """Every name in a relation field, alternatives included; nothing where the field cannot be read."""
    try:
        return [relation.name for group in parse_relations(relations) for relation in group]
    except ArchiveError:
        return []
