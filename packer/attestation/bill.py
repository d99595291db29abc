"""The bill of an image's materials, as a CycloneDX document. Equal images give equal bytes.

Specification: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

from packer import __version__
from packer.attestation.components import (
    application_component,
    base_component,
    distribution_component,
    package_component,
    system_component,
)
from packer.attestation.inventory import Distribution, Inventory, Subject
from packer.attestation.relations import debian_relations, distribution_relations
from packer.oci.digest import Digest
from packer.regex import regex

__all__ = ["BILL_MEDIA_TYPE", "BillFormat", "bill_of_materials"]

BillFormat = Literal["cyclonedx-json", "cyclonedx-xml"]
BILL_MEDIA_TYPE = "application/vnd.cyclonedx+json"
"""Of the JSON form, which is the one that is attached to images."""

_FORMATS: dict[BillFormat, OutputFormat] = {"cyclonedx-json": OutputFormat.JSON, "cyclonedx-xml": OutputFormat.XML}
_MOMENT = regex(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")


def bill_of_materials(subject: Subject, inventory: Inventory, *, form: BillFormat = "cyclonedx-json") -> bytes:
    """The document.

    Its serial number follows from the image's digest and its time is the image's own, so that it holds no clock and no
    chance.
    """
    app = application_component(subject)
    bill = Bom(serial_number=_serial_number(subject.digest), metadata=_metadata(subject, app))
    base = _add_base(bill, subject, inventory)
    direct = _add_distributions(bill, subject, inventory.distributions)
    bill.register_dependency(app, [*direct, *base])
    text = make_outputter(bill, _FORMATS[form], SchemaVersion.V1_6).output_as_string(indent=2)
    return f"{text}\n".encode()


def _serial_number(digest: Digest) -> UUID:
    return uuid5(NAMESPACE_URL, f"oci:{digest}")


def _metadata(subject: Subject, app: Component) -> BomMetaData:
    tool = Component(type=ComponentType.APPLICATION, name="pack", version=__version__, bom_ref="pack")
    return BomMetaData(
        timestamp=_moment(subject.config.created), component=app, tools=ToolRepository(components=[tool])
    )


def _moment(text: str) -> datetime:
    """The image's time, to the second; the epoch where it has none that makes sense."""
    match = _MOMENT.fullmatch(text)
    try:
        zone = match[2].replace("Z", "+00:00") if match else ""
        return datetime.fromisoformat(f"{match[1]}{zone}" if match else "").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return datetime.fromtimestamp(0, timezone.utc)


def _add_base(bill: Bom, subject: Subject, inventory: Inventory) -> list[Component]:
    """Add what the image stands on, and how its packages relate; what the app depends on directly."""
    packages = {one.qualified: package_component(one, inventory.system) for one in inventory.packages}
    bill.components.update(packages.values())
    for name, needed in debian_relations(inventory.packages).items():
        bill.register_dependency(packages[name], [packages[other] for other in needed])
    foundation = [*packages.values()]
    for under in filter(None, (system_component(inventory.system), base_component(subject))):
        bill.components.add(under)
        bill.register_dependency(under, foundation)
        foundation = [under]
    return foundation


def _add_distributions(bill: Bom, subject: Subject, distributions: tuple[Distribution, ...]) -> list[Component]:
    """Add the distributions and how they relate; those that the app asks for, or that nothing else does."""
    places: dict[tuple[str, str], list[Distribution]] = {}
    for one in distributions:
        places.setdefault((one.name, one.version), []).append(one)
    components: dict[str, Component] = {}
    for same in places.values():
        component = distribution_component(same)
        bill.components.add(component)
        components.update((one.path, component) for one in same)
    relations = distribution_relations(
        distributions, platform=subject.config.platform, python=_main_python(distributions)
    )
    for path, needed in relations.items():
        bill.register_dependency(components[path], [components[other] for other in needed])
    wanted = {path for needed in relations.values() for path in needed}
    return [components[one.path] for one in distributions if one.requested or one.path not in wanted]


def _main_python(distributions: Iterable[Distribution]) -> str:
    """The Python that most distributions are for."""
    pythons = [one.python for one in distributions if one.python]
    return max(sorted(set(pythons)), key=pythons.count, default="3.13")
