"""What Compose reads when a stack is started: the project's own files, or pack's beside its data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from packer.plan.development import Development
from packer.plan.stack_model import StackPlan
from packer.stack.traits import EngineTraits
from packer.workflows.stack_files import StackFiles, stack_files

STACK = StackPlan(name="shop", image="shop", app_port=8000, web_port=8080, migrate=("flask", "db", "upgrade"))
DEVELOPMENT = Development(
    command=("flask", "run"), environment=(("A", "1"),), working_directory="/src", has_debugger=True
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


def made(folder: Path, development: Development | None = None, traits: EngineTraits | None = None) -> StackFiles:
    traits = traits or EngineTraits()
    return stack_files(folder, STACK, name="shop", data=folder.parent / "data", development=development, traits=traits)


def services(files: StackFiles) -> dict[str, Any]:
    return dict(json.loads(files.project.files[-1].read_text())["services"])


def test_the_projects_folder_is_left_alone(shop: Path) -> None:
    files = made(shop)

    assert list(shop.iterdir()) == []
    assert [path.is_relative_to(shop.parent / "data") for path in files.project.files] == [True]
    assert files.project.folder == shop


def test_a_compose_file_of_the_users_own_is_not_used_and_named(shop: Path) -> None:
    (shop / "docker-compose.yml").write_text("services: {}\n")

    files = made(shop)

    assert files.ignored == "docker-compose.yml"
    assert shop / "docker-compose.yml" not in files.project.files


def test_the_app_is_its_users_while_it_is_written(shop: Path) -> None:
    found = services(made(shop, DEVELOPMENT))

    user = os.getuid() or shop.stat().st_uid
    assert found["app"]["user"] == found["migrate"]["user"] == f"{user}:{os.getgid() or shop.stat().st_gid}"
    assert found["app"]["volumes"] == [{"type": "bind", "source": str(shop), "target": "/src"}]
    assert found["app"]["ports"] == ["127.0.0.1:${HTTP_PORT:-8080}:8000"]
    assert found["web"] == {"profiles": ["production"]}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives folders away")
def test_root_writes_as_the_folders_owner(shop: Path) -> None:
    os.chown(shop, 1234, 5678)

    assert services(made(shop, DEVELOPMENT))["app"]["user"] == "1234:5678"


def test_an_old_engine_is_asked_for_no_more_than_it_can(shop: Path) -> None:
    files = made(shop, traits=EngineTraits(has_start_interval=False))

    assert files.project.files[-1].read_text() == (
        "services:\n"
        "  app:\n    healthcheck: {interval: 5s, start_interval: !reset null}\n"
        "  web:\n    healthcheck: {interval: 5s, start_interval: !reset null}\n"
    )


def test_podman_keeps_logs_as_it_likes(shop: Path) -> None:
    text = made(shop, traits=EngineTraits(has_local_logs=False)).project.files[-1].read_text()

    assert text == "services:\n" + "".join(
        f"  {name}:\n    logging: !reset null\n" for name in ("app", "web", "migrate")
    )
