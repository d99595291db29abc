"""What an image holds, as a bill of materials tells it apart."""

from __future__ import annotations

from msgspec import Struct

from packer.oci.config import ImageConfig
from packer.oci.digest import Digest
from packer.project.model import Caution

__all__ = ["DebianPackage", "Distribution", "Inventory", "OperatingSystem", "Subject"]


class Subject(Struct, frozen=True, kw_only=True):
    """The image that something is said of.

    Attributes:
        name: what the user calls it, for an image that does not name its app.
        digest: of its manifest.
        config: its config.
    """

    name: str
    digest: Digest
    config: ImageConfig

    def label(self, name: str) -> str:
        """A label that the OCI specification defines, such as `version`; empty where the image has none."""
        return self.config.execution.labels.get(f"org.opencontainers.image.{name}", "")


class OperatingSystem(Struct, frozen=True, kw_only=True):
    """What `os-release` says: `debian`, `13`, `trixie`."""

    name: str
    version: str = ""
    codename: str = ""

    @property
    def distro(self) -> str:
        """As package URLs name it: `debian-13`."""
        return f"{self.name}-{self.version or self.codename}".rstrip("-")


class DebianPackage(Struct, frozen=True, kw_only=True):
    """A binary package.

    Attributes:
        name: of the package.
        version: with its epoch.
        architecture: `amd64`, `all`.
        source: the source package that it was built from.
        source_version: of the source package.
        depends: the relations that must hold, as the package states them.
        provides: the names it also stands for.
        maintainer: who keeps it.
        licenses: short names of the licences that its copyright file names, sorted.
        copyright: the absolute path of its copyright file, empty where the image has none.
        record: the absolute path of the file that lists it.
    """

    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    depends: str = ""
    provides: str = ""
    maintainer: str = ""
    licenses: tuple[str, ...] = ()
    copyright: str = ""
    record: str = ""

    @property
    def qualified(self) -> str:
        """The name as dpkg tells apart what is there for several architectures: `libc6:amd64`."""
        return f"{self.name}:{self.architecture}"


class Distribution(Struct, frozen=True, kw_only=True):
    """An installed Python distribution.

    Attributes:
        name: normalised.
        version: as its metadata has it.
        python: X.Y of the interpreter whose folder it is in, empty where that cannot be told.
        python_full: X.Y.Z, where its environment says it.
        expression: its licence as an SPDX expression.
        licenses: names of its licences where it has no expression, from its `License` field or its classifiers.
        summary: one line of description.
        homepage: its address.
        requires: its requirements, as it states them.
        requested: whether it was asked for by name, not brought in by another one (PEP 376).
        hashes: of the archive it was installed from, algorithm and hexadecimal digits, where it notes them (PEP 610).
        path: the absolute path of its metadata folder or file.
    """

    name: str
    version: str
    python: str = ""
    python_full: str = ""
    expression: str = ""
    licenses: tuple[str, ...] = ()
    summary: str = ""
    homepage: str = ""
    requires: tuple[str, ...] = ()
    requested: bool = False
    hashes: tuple[tuple[str, str], ...] = ()
    path: str = ""

    @property
    def folder(self) -> str:
        """The folder that its modules are in: what stands there sees each other."""
        return self.path.rpartition("/")[0]


class Inventory(Struct, frozen=True, kw_only=True):
    """Everything that an image holds: packages by name, distributions by name, version and path.

    `cautions` name what looks like a part and cannot be read.
    """

    system: OperatingSystem | None = None
    packages: tuple[DebianPackage, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    cautions: tuple[Caution, ...] = ()
