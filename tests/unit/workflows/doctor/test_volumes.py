"""Data of earlier stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.plan.settings import Settings
from packer.plan.stack_services import database
from packer.workflows.doctor.volumes import DataVersion, _stated, _written, data_can_be_opened, image_version


def version(text: str) -> DataVersion:
    flavour, _, number = text.partition(" ")
    major, _, minor = number.partition(".")
    return DataVersion(flavour=flavour, major=int(major), minor=int(minor) if minor else None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "planned", "state"),
    [
        ("mysql 8.4", "mysql 8.4", "ok"),
        ("mysql 8.4", "mysql 9.7", "warning"),
        ("mysql 9.7", "mysql 8.4", "broken"),
        ("mysql 8.4", "mysql 8.0", "broken"),
        ("mysql 9.7", "mysql 8", "broken"),
        ("mysql 8.4", "mysql 8", "ok"),
        ("mariadb 11.4", "mysql 8.4", "broken"),
        ("postgresql 17", "postgresql 17", "ok"),
        ("postgresql 16", "postgresql 17", "broken"),
    ],
)
def test_what_a_database_opens(before: str, planned: str, state: str) -> None:
    found = data_can_be_opened(version(before), version(planned))

    assert found is not None
    assert found.state == state


def test_the_way_out_names_the_image_of_the_data() -> None:
    found = data_can_be_opened(version("mysql 9.7"), version("mysql 8.4"))

    assert found is not None
    assert found.what == "it holds data of mysql 9.7, which mysql 8.4 cannot open"
    assert found.fix is not None
    assert '"mysql:9.7"' in found.fix


def test_what_nobody_knows_is_nothing_to_speak_of() -> None:
    assert data_can_be_opened(None, version("mysql 8.4")) is None
    assert data_can_be_opened(version("mysql 8.4"), None) is None


def test_versions_are_read_from_images_containers_and_files(tmp_path: Path) -> None:
    service = database("mysql", user="shop", name="shop", settings=Settings())
    history = '{"upgrade_history":[{"version":"8.0.36"},{"version":"8.4.3"}]}'
    (tmp_path / "mysql_upgrade_history").write_text(history)

    assert image_version(service) == version("mysql 8.4")
    assert _stated(["PATH=/bin", "MYSQL_MAJOR=9.7"]) == version("mysql 9.7")
    assert _stated(["PG_MAJOR=17"]) == version("postgresql 17")
    assert _stated([]) is None
    assert _written(tmp_path) == version("mysql 8.4")
    assert _written(tmp_path / "none") is None
