"""Where a built image comes from, in words of its provenance: nothing secret, nothing of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from msgspec import to_builtins

from packer.attestation.provenance import Material, Origin
from packer.build.foundation import Foundation
from packer.debian.lock import BaseLock
from packer.oci.platform import Platform
from packer.plan.settings import Settings
from packer.store.codec import codec_named
from packer.system.urls import redacted
from packer.wheels.model import Wheel
from packer.workflows.build_request import BuildRequest
from packer.workflows.provenance import Provenance

__all__ = ["origin_of", "stated_settings"]

_ON_THIS_MACHINE = ("oci:", "archive:")


def origin_of(
    request: BuildRequest,
    platform: Platform,
    *,
    foundation: Foundation,
    base: BaseLock | None,
    wheels: Sequence[Wheel],
    changed: bool,
) -> Origin:
    """The origin of the image for one platform.

    Args:
        request: what was wanted.
        platform: what the image is for.
        foundation: what it stands on.
        base: the Debian packages that the foundation is made of, None for a base image.
        wheels: the distributions.
        changed: the source is not as in its commit.
    """
    return Origin(
        wishes={
            "platform": str(platform),
            "frozen": request.frozen,
            "refresh": request.refresh,
            "settings": stated_settings(request.settings),
        },
        choices={
            "base": foundation.name,
            "python": foundation.python_version,
            "codec": codec_named("gzip").name,
            "created": request.provenance.created,
        },
        materials=(
            *_source(request.provenance, changed=changed),
            *_base(foundation, base),
            *map(_wheel, wheels),
        ),
    )


def stated_settings(settings: Settings) -> dict[str, object]:
    """The settings that are not as they are by themselves, by name.

    Addresses are without what may be secret in them; a base on this machine is its name without its folder.
    """
    stated = _differing(to_builtins(settings), to_builtins(Settings()))
    stated.pop("sources", None)
    base = settings.base or ""
    if base.startswith(_ON_THIS_MACHINE):
        scheme, _, path = base.partition(":")
        stated["base"] = f"{scheme}:{path.rstrip('/').rpartition('/')[2]}"
    return stated


def _differing(settings: dict[str, object], defaults: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in settings.items():
        default = defaults.get(name)
        if value == default:
            continue
        shown = _differing(value, default) if isinstance(value, dict) and isinstance(default, dict) else value
        found[name.replace("_", "-")] = redacted(value) if isinstance(value, str) and "://" in value else shown
    return found


def _source(provenance: Provenance, *, changed: bool) -> Iterator[Material]:
    if provenance.revision is not None:
        note = {"changed": True} if changed else None
        yield Material(name="source", digest=provenance.revision, algorithm="gitCommit", annotations=note)


def _base(foundation: Foundation, base: BaseLock | None) -> Iterator[Material]:
    if foundation.image is not None:
        yield Material(name=foundation.name, digest=foundation.image.digest.hex)
    elif base is not None:
        yield from _packages(base)


def _packages(lock: BaseLock) -> Iterator[Material]:
    for package in lock.packages:
        version = quote(package.version, safe=":")
        uri = f"pkg:deb/debian/{quote(package.name)}@{version}?arch={package.architecture}&distro={lock.release}"
        yield Material(name=package.filename.rpartition("/")[2], digest=package.sha256, uri=uri)


def _wheel(wheel: Wheel) -> Material:
    uri = f"pkg:pypi/{quote(wheel.name)}@{quote(wheel.version)}"
    return Material(name=wheel.filename, digest=wheel.digest.hex, uri=uri)
