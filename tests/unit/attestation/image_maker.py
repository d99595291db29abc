"""An image like that of a small app, as layers of metadata files."""

from __future__ import annotations

import tarfile

from packer.attestation.contents import take_inventory
from packer.attestation.inventory import Inventory, Subject
from packer.oci.config import Execution, ImageConfig
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64, Platform
from packer.store.cache import DiskCache
from tests.unit.store.layer_maker import stored, tar_of

Members = list[tarfile.TarInfo | tuple[str, bytes]]

SITE = "app/.venv/lib/python3.13/site-packages"
OS_RELEASE = ("usr/lib/os-release", b'PRETTY_NAME="Debian 13"\nID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
COPYRIGHT = b"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
License: LGPL-2.1+

Files: a
License: MIT
 Permission is granted.
"""


def metadata(name: str, version: str, *lines: str) -> bytes:
    """A METADATA file with a description that looks like fields."""
    text = "\n".join(("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *lines))
    return f"{text}\n\nName: not-this-one\n".encode()


def distribution(name: str, version: str, *lines: str, requested: bool = False, site: str = SITE) -> Members:
    """An installed distribution."""
    folder = f"{site}/{name}-{version}.dist-info"
    members: Members = [(f"{folder}/METADATA", metadata(name, version, *lines))]
    if requested:
        members.append((f"{folder}/REQUESTED", b""))
    return members


def package(name: str, version: str, *lines: str, architecture: str = "amd64") -> Members:
    """A Debian package in an image that has no dpkg."""
    text = "\n".join((f"Package: {name}", f"Version: {version}", f"Architecture: {architecture}", *lines))
    return [
        (f"var/lib/dpkg/status.d/{name}", f"{text}\n".encode()),
        (f"usr/share/doc/{name}/copyright", COPYRIGHT),
    ]


def inventory(cache: DiskCache, *layers: Members) -> Inventory:
    """What is found in an image of these layers."""
    return take_inventory(tuple(stored(cache, tar_of(members)) for members in layers), cache)


def subject(*, created: str = "2024-05-06T07:08:09Z", platform: Platform = LINUX_AMD64, **labels: str) -> Subject:
    """An image, by its digest and labels (`base_name` is `base.name`)."""
    named = {f"org.opencontainers.image.{key.replace('_', '.')}": value for key, value in labels.items()}
    config = ImageConfig(platform=platform, diff_ids=(), created=created, execution=Execution(labels=named))
    return Subject(name="registry.example.com/team/shop:1", digest=Digest.of(b"image"), config=config)
