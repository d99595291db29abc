"""The modules that pack adds to an environment do what they say when Python starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import OwnPackage
from packer.project.tree import MemoryTree
from packer.render.site_packages import render_site_packages

APP = {"requirements.txt": "flask\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"}
PLAN = make_plan(inspect(MemoryTree(APP)), Settings())


def files() -> dict[str, str]:
    return {file.path: file.text for file in render_site_packages(PLAN)}


def started(folder: Path, **environment: str) -> tuple[dict[str, str], str]:
    """The environment of a Python that starts with pack's module, its secrets in `folder`; and what it complains of."""
    source = files()["pack_secrets.py"].replace('"/run/secrets/"', repr(f"{folder}/"))
    program = f"exec({source!r}); import json; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-ISc", program], env=environment, capture_output=True, text=True, check=True
    )
    found = __import__("json").loads(done.stdout)
    return {name: value for name, value in found.items() if not name.startswith("LC_")}, done.stderr


def test_a_secret_comes_from_its_file_without_the_line_break(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("p@ss word\n")

    assert started(tmp_path, SECRET_KEY_FILE=f"{tmp_path}/key") == ({"SECRET_KEY": "p@ss word"}, "")


def test_a_variable_that_is_set_wins_over_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    given = {"SECRET_KEY": "given", "SECRET_KEY_FILE": f"{tmp_path}/key"}

    assert started(tmp_path, **given)[0] == given


def test_a_file_elsewhere_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "other").write_text("x")
    for path in (f"{tmp_path}/other", f"{tmp_path}/secrets/../other", "other", ""):
        assert started(tmp_path / "secrets", LOG_FILE=path)[0] == {"LOG_FILE": path}


def test_a_secret_that_cannot_be_read_is_told_of_and_python_starts(tmp_path: Path) -> None:
    found, complaint = started(tmp_path, KEY_FILE=f"{tmp_path}/missing")

    assert found == {"KEY_FILE": f"{tmp_path}/missing"}
    assert complaint.startswith(f"pack: KEY_FILE names {tmp_path}/missing, which cannot be read:")


def test_a_secret_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")

    assert "cannot be read" in started(tmp_path, KEY_FILE=f"{tmp_path}/key")[1]


def test_the_module_is_started_by_the_environment() -> None:
    assert files()["pack_secrets.pth"] == "import pack_secrets\n"


def test_an_app_behind_an_attribute_has_a_module_of_its_own() -> None:
    plan = replace(PLAN, server=replace(PLAN.server, forwards="os:path.sep"))
    source = next(file.text for file in render_site_packages(plan) if file.path == "pack_app.py")
    module: dict[str, object] = {}
    exec(source, module)

    assert module["app"] == os.path.sep


@pytest.mark.parametrize("version", ["1.2", None])
def test_the_projects_own_metadata_is_there(version: str | None) -> None:
    own = OwnPackage(name="my-shop", version=version, scripts=("shop = shop:main",))
    plan = replace(PLAN, source=replace(PLAN.source, own_package=own))
    found = {file.path: file.text for file in render_site_packages(plan)}

    folder = f"my_shop-{version or '0'}.dist-info"
    assert found[f"{folder}/METADATA"] == f"Metadata-Version: 2.1\nName: my-shop\nVersion: {version or '0'}\n"
    assert found[f"{folder}/entry_points.txt"] == "[console_scripts]\nshop = shop:main\n"
