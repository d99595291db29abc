import json
from uuid import NAMESPACE_URL, uuid5

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from packer.attestation.bill import bill_of_materials
from packer.attestation.inventory import Inventory
from tests.unit.attestation.image_maker import OS_RELEASE, SITE, distribution, inventory, package, subject


@pytest.fixture
def found(cache) -> Inventory:
    return inventory(
        cache,
        [
            OS_RELEASE,
            *package("libc6", "2.41-12", "Source: glibc"),
            *package("libssl3t64", "3.5", "Source: openssl (3.5.0)", "Depends: libc6", "Maintainer: Somebody"),
        ],
        [
            *distribution("Flask", "3.1.3", "License-Expression: BSD-3-Clause", "Requires-Dist: click", requested=True),
            *distribution("click", "8.2", "License: MIT OR Apache-2.0"),
            *distribution("gunicorn", "23.0", "License: My own, and 'quoted'"),
        ],
    )


def document(found: Inventory, **labels: str) -> dict:
    content = bill_of_materials(subject(**labels), found)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    return json.loads(content)


def part(bill: dict, name: str) -> dict:
    return next(one for one in bill["components"] if one["name"] == name)


def relations(bill: dict) -> dict[str, list[str]]:
    return {one["ref"].partition("?")[0]: one.get("dependsOn", []) for one in bill["dependencies"]}


def test_the_app_is_the_main_component(found):
    app = document(found, title="shop", version="1.2", revision="abc")["metadata"]["component"]

    assert (app["type"], app["name"], app["version"]) == ("application", "shop", "1.2")
    assert {"name": "pack:image:revision", "value": "abc"} in app["properties"]
    assert app["purl"].startswith("pkg:oci/shop@sha256:")


def test_an_image_that_names_no_app_is_itself_the_main_component(found):
    main = document(found)["metadata"]["component"]

    assert (main["type"], main["name"]) == ("container", "registry.example.com/team/shop:1")


def test_distributions_are_known_by_their_package_url(found):
    flask = part(document(found), "flask")

    assert flask["purl"] == "pkg:pypi/flask@3.1.3"
    assert flask["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert flask["evidence"]["occurrences"] == [{"location": f"/{SITE}/Flask-3.1.3.dist-info"}]


def test_licences_are_expressions_identifiers_or_names(found):
    bill = document(found)

    assert part(bill, "click")["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert part(bill, "gunicorn")["licenses"] == [{"license": {"name": "My own, and 'quoted'"}}]


def test_debian_packages_name_architecture_release_and_source(found):
    package = part(document(found), "libssl3t64")

    assert package["purl"] == "pkg:deb/debian/libssl3t64@3.5?arch=amd64&distro=debian-13&upstream=openssl%403.5.0"
    assert {"name": "pack:debian:source", "value": "openssl"} in package["properties"]
    assert package["supplier"] == {"name": "Somebody"}
    assert {"type": "license", "url": "file:///usr/share/doc/libssl3t64/copyright"} in package["externalReferences"]


def test_the_app_needs_its_direct_distributions_and_the_base(found):
    needed = relations(document(found, title="shop"))
    main = next(ref for ref in needed if ref.startswith("pkg:oci/"))

    assert needed[main] == ["os:debian-13", "pkg:pypi/flask@3.1.3", "pkg:pypi/gunicorn@23.0"]
    assert needed["pkg:pypi/flask@3.1.3"] == ["pkg:pypi/click@8.2"]
    assert len(needed["os:debian-13"]) == 2
    assert needed["pkg:deb/debian/libssl3t64@3.5"][0].startswith("pkg:deb/debian/libc6@")


def test_a_base_image_stands_between_the_app_and_the_operating_system(found):
    bill = document(found, title="shop", base_name="docker.io/library/python:3.13-slim", base_digest="sha256:1")
    needed = relations(bill)
    base = next(ref for ref in needed if ref.startswith("base:"))

    assert base in needed[next(ref for ref in needed if ref.startswith("pkg:oci/"))]
    assert needed[base] == ["os:debian-13"]


def test_one_version_in_two_places_is_one_part(cache):
    both = [*distribution("six", "1"), *distribution("six", "1", site="usr/lib/python3/dist-packages")]
    bill = document(inventory(cache, both))

    assert len(part(bill, "six")["evidence"]["occurrences"]) == 2
    assert len(bill["components"]) == 1


def test_an_image_of_nothing_has_a_document_too(cache):
    assert "components" not in document(inventory(cache, [("hello", b"world")]))


def test_equal_images_give_equal_bytes(found):
    assert bill_of_materials(subject(), found) == bill_of_materials(subject(), found)


def test_time_and_serial_number_are_the_images_own(found):
    bill = document(found)

    assert bill["metadata"]["timestamp"] == "2024-05-06T07:08:09+00:00"
    assert bill["serialNumber"] == f"urn:uuid:{uuid5(NAMESPACE_URL, f'oci:{subject().digest}')}"


@pytest.mark.parametrize(
    ("created", "shown"),
    [
        ("2024-05-06T07:08:09.123456789Z", "2024-05-06T07:08:09+00:00"),
        ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09+00:00"),
        ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00+00:00"),
        ("yesterday", "1970-01-01T00:00:00+00:00"),
        ("", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_any_time_of_an_image_gives_a_valid_one(found, created, shown):
    assert document(found, created=created)["metadata"]["timestamp"] == shown


def test_the_document_is_written_as_xml_too(found):
    content = bill_of_materials(subject(), found, form="cyclonedx-xml")

    assert b'xmlns="http://cyclonedx.org/schema/bom/1.6"' in content
    assert b"pkg:pypi/flask@3.1.3" in content
