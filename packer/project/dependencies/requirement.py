"""Making a `RequirementFact` of what the many formats write."""

from __future__ import annotations

from msgspec.structs import replace
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from packer.project.model import Evidence, RequirementFact

__all__ = ["exact_version", "marked", "parse_requirement", "requirement_fact", "without_duplicates"]


def requirement_fact(requirement: Requirement, evidence: Evidence, hashes: tuple[str, ...] = ()) -> RequirementFact:
    """A parsed requirement in its normal form: normalised name, sorted extras, sorted limits, marker."""
    name = canonicalize_name(requirement.name)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    target = f" @ {requirement.url}" if requirement.url else str(requirement.specifier)
    # A space parts a URL from the marker: PEP 508 lets a URL hold a semicolon.
    marker = f"{' ' if requirement.url else ''}; {requirement.marker}" if requirement.marker else ""
    return RequirementFact(
        text=f"{name}{extras}{target}{marker}",
        name=name,
        pinned=exact_version(requirement.specifier),
        hashes=hashes,
        evidence=(evidence,),
    )


def parse_requirement(text: str, evidence: Evidence) -> RequirementFact | None:
    """A PEP 508 text as a fact, None when it is not one."""
    try:
        return requirement_fact(Requirement(text), evidence)
    except (InvalidRequirement, RecursionError):
        return None


def exact_version(specifier: SpecifierSet | str) -> str | None:
    """The one version that limits allow because they name it with `==` or `===`.

    >>> exact_version("==2.3.1")
    '2.3.1'
    >>> exact_version("==2.3.*") is None
    True
    """
    try:
        limits = SpecifierSet(specifier) if isinstance(specifier, str) else specifier
    except InvalidSpecifier:
        return None
    for limit in limits:
        if limit.operator in {"==", "==="} and not limit.version.endswith(".*"):
            return limit.version
    return None


def marked(fact: RequirementFact, marker: str) -> RequirementFact:
    """The requirement, for the environments of `marker` only."""
    requirement = Requirement(fact.text)
    both = f"({requirement.marker}) and ({marker})" if requirement.marker else marker
    requirement.marker = Marker(both)
    return replace(
        requirement_fact(requirement, fact.evidence[0], fact.hashes),
        evidence=fact.evidence,
    )


def without_duplicates(facts: list[RequirementFact]) -> tuple[RequirementFact, ...]:
    """The requirements with equal texts joined, in the order in which they first stand."""
    found: dict[str, RequirementFact] = {}
    for fact in facts:
        known = found.get(fact.text)
        found[fact.text] = replace(known, hashes=tuple(sorted({*known.hashes, *fact.hashes}))) if known else fact
    return tuple(found.values())
