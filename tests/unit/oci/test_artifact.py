import json

import pytest

from packer.errors import ArchiveError
from packer.oci.artifact import EMPTY, MEDIA_TYPE_EMPTY, ArtifactManifest, attached_document
from packer.oci.descriptor import MEDIA_TYPE_CONFIG, MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64

DOCUMENT = b'{"bomFormat": "CycloneDX"}'
TYPE = "application/vnd.cyclonedx+json"
SUBJECT = Descriptor(
    media_type=MEDIA_TYPE_MANIFEST,
    digest=Digest.of(b"image"),
    size=5,
    platform=LINUX_AMD64,
    annotations={"org.opencontainers.image.ref.name": "1"},
)


def test_a_document_becomes_an_artifact_as_the_specification_wants_it():
    made = attached_document(SUBJECT, DOCUMENT, media_type=TYPE, annotations={"a": "b"})

    assert json.loads(made.manifest) == {
        "schemaVersion": 2,
        "mediaType": MEDIA_TYPE_MANIFEST,
        "artifactType": TYPE,
        "config": {"mediaType": MEDIA_TYPE_EMPTY, "digest": str(Digest.of(EMPTY)), "size": 2},
        "layers": [{"mediaType": TYPE, "digest": str(Digest.of(DOCUMENT)), "size": len(DOCUMENT)}],
        "subject": {"mediaType": MEDIA_TYPE_MANIFEST, "digest": str(Digest.of(b"image")), "size": 5},
        "annotations": {"a": "b"},
    }


def test_an_artifact_brings_every_blob_that_its_manifest_names():
    made = attached_document(SUBJECT, DOCUMENT, media_type=TYPE)

    assert set(made.documents.values()) == {EMPTY, DOCUMENT, made.manifest}
    assert all(Digest.of(blob) == digest for digest, blob in made.documents.items())


def test_a_list_of_referrers_shows_type_and_annotations():
    listed = attached_document(SUBJECT, DOCUMENT, media_type=TYPE, annotations={"a": "b"}).descriptor

    assert listed.to_json()["artifactType"] == TYPE
    assert dict(listed.annotations) == {"a": "b"}


def test_what_was_written_is_read():
    made = attached_document(SUBJECT, DOCUMENT, media_type=TYPE)

    assert ArtifactManifest.from_json(made.manifest).to_json() == made.manifest
    assert made.parsed.subject is not None
    assert made.parsed.subject.digest == SUBJECT.digest


def test_an_older_artifact_has_its_type_in_the_config():
    content = {
        "schemaVersion": 2,
        "config": {"mediaType": "application/x.thing", "digest": str(Digest.of(b"")), "size": 0},
        "layers": [{"mediaType": "text/plain", "digest": str(Digest.of(b"")), "size": 0}],
    }

    assert ArtifactManifest.from_json(json.dumps(content).encode()).artifact_type == "application/x.thing"


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        json.dumps({"artifactType": TYPE, "layers": []}).encode(),
        json.dumps({"config": {"mediaType": MEDIA_TYPE_CONFIG, "digest": "md5:0", "size": 1}}).encode(),
    ],
)
def test_a_broken_manifest_is_refused(content):
    with pytest.raises(ArchiveError):
        ArtifactManifest.from_json(content)
