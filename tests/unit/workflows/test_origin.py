from pathlib import Path

from packer.attestation.provenance import Origin, provenance_statement
from packer.build.foundation import Foundation
from packer.debian.lock import BaseLock, LockedPackage
from packer.oci.config import ImageConfig
from packer.oci.digest import Digest
from packer.oci.image import BaseImage
from packer.oci.platform import LINUX_AMD64
from packer.plan.settings import DebianSettings, Settings, Source
from packer.wheels.model import Wheel
from packer.workflows.build_request import BuildRequest
from packer.workflows.origin import origin_of, stated_settings
from packer.workflows.provenance import Provenance

REVISION = "0123456789abcdef0123456789abcdef01234567"
FLASK = Wheel(
    name="flask",
    version="3.1.3+local",
    filename="flask-3.1.3+local-py3-none-any.whl",
    digest=Digest.of(b"flask"),
    size=1,
    urls=("https://me:secret@index.example.com/flask.whl",),
)
LOCK = BaseLock(
    release="trixie",
    architecture="amd64",
    roots=("libc6",),
    snapshot="20250101T000000Z",
    packages=(
        LockedPackage(
            name="libc6",
            version="1:2.41+b1",
            architecture="amd64",
            archive="debian",
            filename="pool/main/g/glibc/libc6_2.41+b1_amd64.deb",
            sha256="0" * 64,
            size=1,
        ),
    ),
)


def origin(wishes: BuildRequest, *, image: BaseImage | None = None, changed: bool = False) -> Origin:
    foundation = Foundation(
        name="debian:trixie" if image is None else image.name,
        image=image,
        python="/usr/bin/python3.13",
        python_version="3.13.5",
        glibc=(2, 41),
        interpreter=lambda: None,
    )
    base = LOCK if image is None else None
    return origin_of(wishes, LINUX_AMD64, foundation=foundation, base=base, wheels=[FLASK], changed=changed)


def request(**settings) -> BuildRequest:
    return BuildRequest(
        folder=Path("/home/me/shop"),
        settings=Settings(**settings),
        platforms=(LINUX_AMD64,),
        provenance=Provenance(revision=REVISION, created=5),
    )


def materials(found: Origin) -> dict[str, dict]:
    return {one.name: one.to_json() for one in found.materials}


def test_packages_wheels_and_the_commit_are_materials():
    found = materials(origin(request()))

    assert found["libc6_2.41+b1_amd64.deb"] == {
        "name": "libc6_2.41+b1_amd64.deb",
        "digest": {"sha256": "0" * 64},
        "uri": "pkg:deb/debian/libc6@1:2.41%2Bb1?arch=amd64&distro=trixie",
    }
    assert found[FLASK.filename]["uri"] == "pkg:pypi/flask@3.1.3%2Blocal"
    assert found["source"] == {"name": "source", "digest": {"gitCommit": REVISION}}


def test_a_source_that_is_not_as_in_its_commit_is_said_to_be():
    found = materials(origin(request(), changed=True))

    assert found["source"]["annotations"] == {"changed": True}


def test_a_base_image_is_a_material_by_its_digest():
    config = ImageConfig(platform=LINUX_AMD64, diff_ids=())
    image = BaseImage(config=config, layers=(), digest=Digest.of(b"base"), name="docker.io/library/python:3.13-slim")
    found = materials(origin(request(), image=image))

    assert found["docker.io/library/python:3.13-slim"]["digest"] == {"sha256": Digest.of(b"base").hex}
    assert len(found) == 3


def test_nothing_secret_and_no_path_of_this_machine_is_said():
    debian = DebianSettings(mirror="https://mirror.example.com/d?token=x")
    found = origin(request(base="oci:/home/me/bases/python", debian=debian))
    said = provenance_statement("shop", Digest.of(b"image"), found).decode()

    assert "mirror.example.com" in said

    assert "secret" not in said
    assert "token" not in said
    assert "/home/me" not in said


def test_only_settings_that_somebody_stated_are_wishes():
    settings = Settings(
        port=80,
        packages=("libmagic1t64",),
        debian=DebianSettings(allow_expired=True),
        sources=(("port", Source("flag", "--port")),),
    )

    assert stated_settings(Settings()) == {}
    assert stated_settings(settings) == {"port": 80, "packages": ("libmagic1t64",), "debian": {"allow-expired": True}}
