import json

from packer.attestation.provenance import BUILD_TYPE, Material, Origin, provenance_statement
from packer.oci.digest import Digest

IMAGE = Digest.of(b"image")
ORIGIN = Origin(
    wishes={"platform": "linux/amd64", "settings": {"port": 80}},
    choices={"python": "3.13.5"},
    materials=(
        Material(name="flask-3.1.3-py3-none-any.whl", digest="ab", uri="pkg:pypi/flask@3.1.3"),
        Material(name="source", digest="cd", algorithm="gitCommit", annotations={"changed": True}),
    ),
)


def test_a_statement_is_about_the_image_and_says_what_was_asked_for_and_used():
    statement = json.loads(provenance_statement("shop", IMAGE, ORIGIN))

    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "shop", "digest": {"sha256": IMAGE.hex}}]
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["predicate"]["buildDefinition"] == {
        "buildType": BUILD_TYPE,
        "externalParameters": {"platform": "linux/amd64", "settings": {"port": 80}},
        "internalParameters": {"python": "3.13.5"},
        "resolvedDependencies": [
            {"name": "flask-3.1.3-py3-none-any.whl", "digest": {"sha256": "ab"}, "uri": "pkg:pypi/flask@3.1.3"},
            {"name": "source", "digest": {"gitCommit": "cd"}, "annotations": {"changed": True}},
        ],
    }


def test_the_builder_is_named_and_no_time_of_a_clock():
    details = json.loads(provenance_statement("shop", IMAGE, ORIGIN))["predicate"]["runDetails"]

    assert details["builder"]["id"].startswith("urn:packer:builder:")
    assert "metadata" not in details


def test_the_order_in_which_materials_were_found_does_not_matter():
    turned = Origin(wishes=ORIGIN.wishes, choices=ORIGIN.choices, materials=ORIGIN.materials[::-1])

    assert provenance_statement("shop", IMAGE, turned) == provenance_statement("shop", IMAGE, ORIGIN)
