from __future__ import annotations

import os
from pathlib import Path

import pytest

from packer.errors import UsageError
from packer.plan.settings import Settings, Source
from packer.system.configuration import load_settings


def load(folder: Path) -> Settings:
    return load_settings(folder, {}, flags={})


def test_a_folder_without_settings_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_settings_stand_in_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.pack]\nport = 80\n', encoding="utf-8")

    settings = load(tmp_path)

    assert (settings.port, settings.source("port")) == (80, Source("file", "pyproject.toml:5"))


def test_settings_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(b"\xef\xbb\xbfport = 80\r\nthreads = 2\r\n")

    settings = load(tmp_path)

    assert (settings.port, settings.source("threads")) == (80, Source("file", "pack.toml:2"))


def test_flags_and_the_environment_win(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text('port = 80\nthreads = 2\napp = "a:b"\n', encoding="utf-8")

    settings = load_settings(tmp_path, {"PACK_PORT": "81", "PACK_THREADS": "3"}, flags={"threads": 4})

    assert (settings.app, settings.port, settings.threads) == ("a:b", 81, 4)


def test_both_files_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pack]\n", encoding="utf-8")
    (tmp_path / "pack.toml").write_text("", encoding="utf-8")

    with pytest.raises(UsageError, match=r"both pyproject\.toml and pack\.toml"):
        load(tmp_path)


@pytest.mark.parametrize(
    "text", ["[tool.packer]\nx = 1\n", "[tool.black]\n", "{{ unrendered }}", '[tool]\nx = "pack"\n']
)
def test_a_pyproject_without_our_table_is_somebody_elses_business(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    assert load(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"port = ", "not valid TOML"),
        (b"port = 80\nport = 81\n", "not valid TOML"),
        (b"port = " + b"9" * 5000, "not valid TOML"),
        (b"port = 0x" + b"f" * 5000, "the number is not a whole number from 1 to 65535"),
        (b"x = " + b"[" * 100_000, "nested too deeply"),
        (b"app = '\xff'", "not UTF-8 at byte 7"),
        (b"#" * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "pack.toml").write_bytes(content)

    with pytest.raises(UsageError, match=message) as caught:
        load(tmp_path)

    assert "pack.toml" in str(caught.value.where)


@pytest.mark.parametrize("text", ["tool.pack = 3\n", "[tool]\npack = [1]\n"])
def test_tool_pack_is_a_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=r"tool\.pack is not a table"):
        load(tmp_path)


def test_a_pipe_does_not_stop_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pack.toml")

    with pytest.raises(UsageError, match="not a regular file"):
        load(tmp_path)


def test_a_folder_of_that_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").mkdir()

    with pytest.raises(UsageError):
        load(tmp_path)


def test_a_link_that_leaves_the_project_is_not_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("port = 80", encoding="utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pack.toml").symlink_to(tmp_path / "elsewhere.toml")

    assert load(tmp_path / "project") == Settings()


def test_a_link_within_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "deploy.toml").write_text("port = 80", encoding="utf-8")
    (tmp_path / "pack.toml").symlink_to("deploy.toml")

    assert load(tmp_path).port == 80


def test_links_in_a_circle_are_named(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").symlink_to("pack.toml")

    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)
