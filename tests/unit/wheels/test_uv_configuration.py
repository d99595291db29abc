"""When pack has settings of its own for uv, and what they say."""

import pytest

from packer.wheels.toml import parse_toml
from packer.wheels.uv_configuration import is_configured, lasting_files


def test_the_files_of_the_index_are_kept_and_its_credentials_are_not_written():
    settings = parse_toml(lasting_files("https://me:secret@one.example.test/simple").encode(), where="uv.toml")

    (index,) = settings["index"]
    assert (index["url"], index["default"]) == ("https://one.example.test/simple", True)
    assert index["cache-control"] == {"files": "max-age=31536000, immutable"}


@pytest.mark.parametrize("name", ["home/.config/uv/uv.toml", "shared/uv/uv.toml", "work/uv.toml", "work/shop/uv.toml"])
def test_a_file_of_settings_is_left_alone(tmp_path, name):
    environment = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "shared")}
    assert not is_configured(environment, tmp_path / "work/shop")
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert is_configured(environment, tmp_path / "work/shop")


def test_settings_in_a_pyproject_are_left_alone(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    assert not is_configured({}, tmp_path)
    (tmp_path / "pyproject.toml").write_text("[[tool.uv.index]]\nurl = 'https://one.example.test'\n")
    assert is_configured({}, tmp_path)


@pytest.mark.parametrize("name", ["UV_CONFIG_FILE", "UV_NO_CONFIG"])
def test_a_variable_that_chooses_the_settings_is_left_alone(tmp_path, name):
    assert is_configured({name: "1"}, tmp_path)
