"""Secrets of a stack: made up once, kept ever after."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from packer.errors import ProjectError
from packer.plan.stack_model import SecretPlan
from packer.workflows.secrets import make_secrets

PLANS = (
    SecretPlan(name="database_url", kind="address", address="mysql://shop:{database_password}@database/shop"),
    SecretPlan(name="database_password", kind="password"),
    SecretPlan(name="api_key", kind="given"),
)


def make(root: Path, *plans: SecretPlan, text: str = "made-up") -> tuple[list[str], list[str]]:
    notes: list[str] = []
    cautions = list(make_secrets(root, plans or PLANS, note=notes.append, token=lambda size: f"{text}-{size}"))
    return notes, [one.what for one in cautions]


def content(root: Path, name: str) -> str:
    return (root / ".secrets" / name).read_text(encoding="utf-8")


def test_secrets_are_made_and_an_address_holds_the_password(tmp_path: Path) -> None:
    notes, cautions = make(tmp_path)

    assert content(tmp_path, "database_password") == "made-up-24"
    assert content(tmp_path, "database_url") == "mysql://shop:made-up-24@database/shop"
    assert cautions == [".secrets/api_key is empty"]
    assert len(notes) == 3
    assert "made-up" not in " ".join(notes)


def test_the_folder_is_its_owners_and_no_secret_is_committed(tmp_path: Path) -> None:
    make(tmp_path)

    assert stat.S_IMODE((tmp_path / ".secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / ".secrets/database_password").stat().st_mode) == 0o444
    assert content(tmp_path, ".gitignore") == "*\n"


def test_what_is_there_stays_and_is_quoted_in_an_address(tmp_path: Path) -> None:
    (tmp_path / ".secrets").mkdir()
    (tmp_path / ".secrets/database_password").write_text("p@ss/word\n")
    (tmp_path / ".secrets/api_key").write_text("given")

    assert make(tmp_path)[1] == []
    assert make(tmp_path, text="other") == ([], [])

    assert content(tmp_path, "database_password") == "p@ss/word\n"
    assert content(tmp_path, "database_url") == "mysql://shop:p%40ss%2Fword@database/shop"


def test_nothing_is_made_where_there_is_no_secret(tmp_path: Path) -> None:
    assert list(make_secrets(tmp_path, (), note=print)) == []
    assert not list(tmp_path.iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / ".secrets").symlink_to(tmp_path)

    with pytest.raises(ProjectError, match="symbolic link"):
        make(project)
