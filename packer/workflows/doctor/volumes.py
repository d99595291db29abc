"""Data that an earlier stack left: whether the database that is planned can open it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from packer.engine.connection import Engine, engine_errors
from packer.plan.finding import Finding
from packer.plan.stack_model import BackingService
from packer.plan.stack_services import is_mariadb
from packer.regex import regex
from packer.stack.identity import SERVICE_LABEL, StackIdentity
from packer.system.files import read_regular

__all__ = ["DataVersion", "data_can_be_opened", "image_version", "version_of_data"]

Flavour = Literal["mysql", "mariadb", "postgresql"]

_VERSION = regex(r"(\d+)(?:\.(\d+))?")
_VARIABLES: tuple[tuple[str, Flavour], ...] = (
    ("MARIADB_VERSION", "mariadb"),
    ("MYSQL_MAJOR", "mysql"),
    ("MYSQL_VERSION", "mysql"),
    ("PG_MAJOR", "postgresql"),
)
"""What the official images say of themselves in their environment."""
_FILES: tuple[tuple[str, Flavour], ...] = (
    ("mariadb_upgrade_info", "mariadb"),
    ("mysql_upgrade_history", "mysql"),
    ("mysql_upgrade_info", "mysql"),
    ("PG_VERSION", "postgresql"),
)
"""What the servers write beside their data."""
_NEWEST = regex(r'"version"\s*:\s*"(\d+(?:\.\d+)*)')
_LARGEST = 1 << 20
_VOLUME_LABEL = "com.docker.compose.volume"
_OVERRIDES = {"mysql": "[tool.pack.mysql]", "mariadb": "[tool.pack.mysql]", "postgresql": "[tool.pack.postgresql]"}


class DataVersion(Struct, frozen=True, kw_only=True):
    """A database's kind and version; `minor` None where only the major one is known."""

    flavour: Flavour
    major: int
    minor: int | None = None

    def __str__(self) -> str:
        """`mysql 8.4`."""
        return f"{self.flavour} {self.major}" + ("" if self.minor is None else f".{self.minor}")


def image_version(service: BackingService) -> DataVersion | None:
    """What an image's name says: `mysql:8.4`; None for a tag without a number."""
    tag = service.image.partition("@")[0].rpartition(":")[2]
    flavour: Flavour = "postgresql" if service.kind == "postgresql" else "mysql"
    return _parsed("mariadb" if is_mariadb(service.image) else flavour, tag)


def data_can_be_opened(before: DataVersion | None, planned: DataVersion | None) -> Finding | None:
    """The data in the volume is not of a later version than the planned one, nor of another kind."""
    if before is None or planned is None:
        return None
    keep = f'name the image of the data ("{before.flavour}:{str(before).partition(" ")[2]}") under '
    keep += f"{_OVERRIDES[before.flavour]}, or dump it there and load it into a new volume"
    if before.flavour != planned.flavour or _is_refused(before, planned):
        return Finding(
            area="project",
            subject="database volume",
            state="broken",
            what=f"it holds data of {before}, which {planned} cannot open",
            fix=keep,
        )
    if (before.major, before.minor or 0) < (planned.major, planned.minor or 0) and before.minor is not None:
        what = f"{planned} changes the data of {before} when it first starts, and there is no way back"
        return Finding(
            area="project", subject="database volume", state="warning", what=what, fix="dump it before: pack db dump"
        )
    return Finding(area="project", subject="database volume", state="ok", what=f"it holds data of {before}")


def version_of_data(engine: Engine, identity: StackIdentity, service: BackingService) -> DataVersion | None:
    """What the volume's own files say, where they can be read; else the container that used it last.

    Raises `EngineError`.
    """
    with engine_errors("the stack's volumes cannot be looked at", engine.endpoint):
        label = f"{_VOLUME_LABEL}={service.name}"
        rows = engine.client.volumes(filters={"label": [*identity.filters["label"], label]})["Volumes"] or []
        if not rows:
            return None
        found = _written(Path(rows[0]["Mountpoint"])) if engine.endpoint.is_local else None
        return found or _of_container(engine, identity, service)


def _of_container(engine: Engine, identity: StackIdentity, service: BackingService) -> DataVersion | None:
    filters = {"label": [*identity.filters["label"], f"{SERVICE_LABEL}={service.name}"]}
    for row in engine.client.containers(all=True, filters=filters):
        description: dict[str, Any] = engine.client.inspect_container(row["Id"])
        found = _stated((description.get("Config") or {}).get("Env") or ())
        if found:
            return found
    return None


def _stated(environment: Iterable[str]) -> DataVersion | None:
    values = dict(one.partition("=")[::2] for one in environment)
    return next((_parsed(flavour, values[name]) for name, flavour in _VARIABLES if name in values), None)


def _written(folder: Path) -> DataVersion | None:
    """The version by the files beside the data: only root may read them."""
    for name, flavour in _FILES:
        content = read_regular(folder / name, limit=_LARGEST)
        if content is not None:
            text = content.decode("utf-8", "replace")
            newest = _NEWEST.findall(text)
            return _parsed(flavour, newest[-1] if newest else text)
    return None


def _parsed(flavour: Flavour, text: str) -> DataVersion | None:
    found = _VERSION.match(text.strip())
    if found is None:
        return None
    minor = None if found[2] is None or flavour == "postgresql" else int(found[2])
    return DataVersion(flavour=flavour, major=int(found[1]), minor=minor)


def _is_refused(before: DataVersion, planned: DataVersion) -> bool:
    """PostgreSQL opens its own major version only; MySQL and MariaDB do not go back."""
    if before.flavour == "postgresql":
        return before.major != planned.major
    if planned.minor is None or before.minor is None:
        return planned.major < before.major
    return (planned.major, planned.minor) < (before.major, before.minor)
