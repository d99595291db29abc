"""Each part of an image as a CycloneDX component, known by its package URL.

Specifications: https://cyclonedx.org/docs/1.6/json/#components,
https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cyclonedx.exception.model import InvalidUriException
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense, License, LicenseExpression
from cyclonedx.spdx import fixup_id, is_expression
from packageurl import PackageURL

from packer.attestation.inventory import DebianPackage, Distribution, OperatingSystem, Subject

__all__ = [
    "application_component",
    "base_component",
    "distribution_component",
    "package_component",
    "system_component",
]

_ALGORITHMS = {"sha256": HashAlgorithm.SHA_256, "sha384": HashAlgorithm.SHA_384, "sha512": HashAlgorithm.SHA_512}


def application_component(subject: Subject) -> Component:
    """The app that the image is for; the image itself where it does not name its app."""
    title = subject.label("title")
    name = title or subject.name
    facts = {
        "digest": str(subject.digest),
        "platform": str(subject.config.platform),
        "revision": subject.label("revision"),
    }
    url = PackageURL(
        "oci",
        name=name.rpartition("/")[2].lower(),
        version=str(subject.digest),
        qualifiers={"arch": subject.config.platform.architecture},
    )
    return Component(
        type=ComponentType.APPLICATION if title else ComponentType.CONTAINER,
        name=name,
        version=subject.label("version") or str(subject.digest),
        purl=url,
        bom_ref=str(url),
        properties=[Property(name=f"pack:image:{key}", value=value) for key, value in facts.items() if value],
    )


def base_component(subject: Subject) -> Component | None:
    """The base image that the image says it stands on; None for one made of Debian packages, or that says nothing."""
    name, digest = subject.label("base.name"), subject.label("base.digest")
    if not name or not digest:
        return None
    return Component(type=ComponentType.CONTAINER, name=name, version=digest, bom_ref=f"base:{name}@{digest}")


def system_component(system: OperatingSystem | None) -> Component | None:
    """The operating system's release."""
    if system is None:
        return None
    return Component(
        type=ComponentType.OPERATING_SYSTEM,
        name=system.name,
        version=system.version or system.codename or None,
        bom_ref=f"os:{system.distro}",
    )


def package_component(package: DebianPackage, system: OperatingSystem | None) -> Component:
    """A Debian package. Its package URL names the source, by which Debian counts vulnerabilities."""
    source = (
        package.source if package.source_version == package.version else f"{package.source}@{package.source_version}"
    )
    qualifiers = {"arch": package.architecture, "distro": system.distro if system else None}
    if source != package.name:
        qualifiers["upstream"] = source
    url = PackageURL(
        "deb",
        system.name if system else "debian",
        package.name,
        package.version,
        {key: value for key, value in qualifiers.items() if value},
    )
    references = [_reference(ExternalReferenceType.LICENSE, f"file://{package.copyright}")] if package.copyright else []
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=url,
        bom_ref=str(url),
        supplier=OrganizationalEntity(name=package.maintainer) if package.maintainer else None,
        licenses=_named_licenses(package.licenses),
        external_references=filter(None, references),
        evidence=_evidence([package.record]),
        properties=[
            Property(name="pack:debian:source", value=package.source),
            Property(name="pack:debian:source-version", value=package.source_version),
        ],
    )


def _upstream(package: DebianPackage) -> str:
    """The source package where it is called or counted otherwise, as scanners spell it: `gcc-14`, `glibc@2.41-1`."""
    if package.source_version != package.version:
        return f"{package.source}@{package.source_version}"
    return package.source if package.source != package.name else ""


def distribution_component(places: Sequence[Distribution]) -> Component:
    """A Python distribution, in whatever places the image has this version of it."""
    one = places[0]
    url = PackageURL("pypi", name=one.name, version=one.version)
    references = [_reference(ExternalReferenceType.WEBSITE, one.homepage)] if one.homepage else []
    hashes = {pair for place in places for pair in place.hashes}
    return Component(
        type=ComponentType.LIBRARY,
        name=one.name,
        version=one.version,
        purl=url,
        bom_ref=str(url),
        description=one.summary or None,
        hashes=[HashType(alg=_ALGORITHMS[algorithm], content=digits) for algorithm, digits in hashes],
        licenses=_licenses(one),
        external_references=filter(None, references),
        evidence=_evidence(place.path for place in places),
    )


def _licenses(one: Distribution) -> list[License]:
    """One expression, or licences by name: the document has room for either."""
    for expression in (one.expression, *(one.licenses if len(one.licenses) == 1 else ())):
        if expression and fixup_id(expression) is None and is_expression(expression):
            return [LicenseExpression(expression)]
    return _named_licenses((one.expression,) if one.expression else one.licenses)


def _named_licenses(names: Iterable[str]) -> list[License]:
    """By their SPDX identifiers where they have one."""
    licenses: list[License] = []
    for name in filter(None, names):
        identifier = fixup_id(name)
        licenses.append(DisjunctiveLicense(id=identifier) if identifier else DisjunctiveLicense(name=name))
    return licenses


def _evidence(paths: Iterable[str]) -> ComponentEvidence:
    return ComponentEvidence(occurrences=[Occurrence(location=path) for path in paths if path])


def _reference(kind: ExternalReferenceType, address: str) -> ExternalReference | None:
    """None for an address that is no URI."""
    try:
        return ExternalReference(type=kind, url=XsUri(address))
    except InvalidUriException:
        return None
