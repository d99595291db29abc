"""What an engine's build is told of this machine."""

from __future__ import annotations

import os
from pathlib import Path

from packer.workflows.build_secrets import build_secrets

NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def test_indexes_and_authorities_are_files_for_their_owner_that_go_when_the_build_ends(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("authorities")
    environment = {**NO_FILES, "PIP_INDEX_URL": "https://a:b@index.test/simple", "PIP_CERT": str(tmp_path / "ca.pem")}

    with build_secrets(environment) as secrets:
        assert secrets["pip_conf"].read_text() == "[global]\nindex-url = https://a:b@index.test/simple\n"
        assert secrets["pip_conf"].parent.stat().st_mode & 0o077 == 0
        assert secrets["ca"] == tmp_path / "ca.pem"
        assert "uv_toml" not in secrets
    assert not secrets["pip_conf"].exists()


def test_uvs_own_settings_are_handed_on(tmp_path: Path) -> None:
    settings = tmp_path / "uv" / "uv.toml"
    settings.parent.mkdir()
    settings.write_text("")

    with build_secrets({**NO_FILES, "XDG_CONFIG_HOME": str(tmp_path)}) as secrets:
        assert secrets["uv_toml"] == settings
        assert "pip_conf" not in secrets
