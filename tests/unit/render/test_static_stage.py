"""The stage of the Dockerfile that collects static files, run by a shell as an engine would."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import StaticFolder
from packer.project.tree import MemoryTree
from packer.render.bundle import render_bundle
from tests.testbed.dockerfiles import instructions
from tests.testbed.generated import context_for

FILES = {
    "app.py": "from flask import Flask\napp = Flask(__name__)\n",
    "requirements.txt": "flask\n",
    "static/shop.css": "a{}\n",
}


def collected(folder: Path, static: StaticFolder, *, more: dict[str, str]) -> set[str]:
    """What the stage puts below the web root, for a project with one static folder."""
    project = inspect(MemoryTree({**FILES, **more}))
    plan = make_plan(project, Settings())
    plan = replace(plan, web=replace(plan.web, static=(static,)))
    texts = {file.path: file.text for file in render_bundle(context_for(project, plan), ("dockerfile", "nginx"))}
    context, served = folder / "context", folder / "www"
    sent = {path: text for path, text in texts.items() if path.startswith("deploy/")}
    for path, text in {**sent, **FILES, **more}.items():
        place = context / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    [step] = [one.rest for one in instructions(texts["Dockerfile"]) if "mkdir -p /srv/www " in one.rest]
    script = step.removeprefix("--mount=type=bind,target=/mnt").replace("/srv/www", str(served))
    subprocess.run(["sh", "-ec", script], cwd=context, check=True)
    return {str(path.relative_to(served)) for path in served.rglob("*") if path.is_file()}


def test_the_project_itself_as_a_static_folder_holds_nothing_of_the_build(tmp_path: Path) -> None:
    found = collected(tmp_path, StaticFolder(url="/files", path="."), more={})

    assert found == {f"files/{path}" for path in FILES}
    assert not (tmp_path / "www" / "files" / "deploy").exists()


def test_what_the_project_keeps_beside_generated_files_is_served(tmp_path: Path) -> None:
    found = collected(tmp_path, StaticFolder(url="", path="."), more={"deploy/map.svg": "<svg/>\n"})

    assert found == {*FILES, "deploy/map.svg"}


@pytest.mark.parametrize("path", ["static", "deploy"])
def test_a_folder_of_its_own_keeps_its_files(path: str, tmp_path: Path) -> None:
    found = collected(tmp_path, StaticFolder(url="/s", path=path), more={"deploy/map.svg": "<svg/>\n"})

    assert found == ({"s/shop.css"} if path == "static" else {"s/map.svg"})
