"""The provenance of an image: what was asked for, and everything that it was made of. Equal builds give equal bytes.

Specifications: https://slsa.dev/spec/v1.0/provenance,
https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from packer import __version__
from packer.oci.digest import Digest
from packer.oci.document import canonical_json

__all__ = [
    "BUILD_TYPE",
    "PREDICATE_TYPE",
    "PROVENANCE_MEDIA_TYPE",
    "PROVENANCE_NOTE",
    "Material",
    "Origin",
    "provenance_statement",
]

BUILD_TYPE = "urn:packer:build:v1"
"""What the parameters and materials mean: `docs/provenance.md`. It changes when their meaning does."""
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
PROVENANCE_MEDIA_TYPE = "application/vnd.in-toto+json"
PROVENANCE_NOTE = {"in-toto.io/predicate-type": PREDICATE_TYPE}
"""By which a list of an image's artifacts tells statements apart."""

_STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_BUILDER = "urn:packer:builder:local"
"""Whoever runs the command: nothing that could sign says more of itself."""


class Material(Struct, frozen=True, kw_only=True):
    """Something that went into an image.

    Attributes:
        name: the file's name, or what it is.
        digest: hexadecimal digits.
        algorithm: of the digest.
        uri: what it is called everywhere; empty where it has no such name.
        annotations: more about it.
    """

    name: str
    digest: str
    algorithm: Literal["sha256", "gitCommit"] = "sha256"
    uri: str = ""
    annotations: Mapping[str, object] | None = None

    def to_json(self) -> dict[str, object]:
        """A resource descriptor."""
        fields: dict[str, object] = {"name": self.name, "digest": {self.algorithm: self.digest}}
        if self.uri:
            fields["uri"] = self.uri
        if self.annotations:
            fields["annotations"] = dict(self.annotations)
        return fields


class Origin(Struct, frozen=True, kw_only=True):
    """Where one image comes from.

    Attributes:
        wishes: what the user decided: settings, flags, platform. No secret, and no path of a machine.
        choices: what pack decided.
        materials: what it was made of.
    """

    wishes: Mapping[str, object]
    choices: Mapping[str, object]
    materials: tuple[Material, ...]


def provenance_statement(name: str, image: Digest, origin: Origin) -> bytes:
    """The statement about an image, by the digest of its manifest. It holds no time of a clock.

    Args:
        name: what the image is called: the project.
        image: the subject.
        origin: where it comes from.
    """
    materials = sorted(origin.materials, key=lambda one: (one.name, one.algorithm, one.digest))
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": dict(origin.wishes),
        "internalParameters": dict(origin.choices),
        "resolvedDependencies": [one.to_json() for one in materials],
    }
    statement = {
        "_type": _STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": image.hex}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": definition,
            "runDetails": {"builder": {"id": _BUILDER, "version": {"pack": __version__}}},
        },
    }
    return canonical_json(statement)
