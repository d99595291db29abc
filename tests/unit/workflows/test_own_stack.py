"""What this folder's stack is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.store.cache import DiskCache
from packer.workflows.own_stack import own_stack


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "My Shop"
    folder.mkdir()
    return folder


def named(folder: Path, environment: dict[str, str] | None = None) -> str:
    return own_stack(folder, environment or {}, DiskCache(folder.parent / "cache")).name


def test_the_name_follows_from_the_project(shop: Path) -> None:
    assert named(shop) == "my-shop"
    (shop / "pyproject.toml").write_text('[project]\nname = "Acme.Shop"\nversion = "1"\n')
    assert named(shop) == "acme-shop"


@pytest.mark.parametrize("line", ["name: store", 'name: "store"  # ours', "name: 'store'\r"])
def test_a_compose_file_names_it(shop: Path, line: str) -> None:
    (shop / "compose.yaml").write_text(f"# name: not\n{line}\nservices:\n  app:\n    name: nor\n")
    assert named(shop) == "store"


def test_a_compose_file_without_a_name_does_not(shop: Path) -> None:
    (shop / "compose.yaml").write_text("services:\nname: ${VARIABLE}\n")
    assert named(shop) == "my-shop"


def test_the_environment_wins_as_with_compose(shop: Path) -> None:
    (shop / "compose.yaml").write_text("name: store\n")
    assert named(shop, {"COMPOSE_PROJECT_NAME": "mine"}) == "mine"
    assert own_stack(shop, {}, DiskCache(shop / "cache")).folder == str(shop.resolve())
