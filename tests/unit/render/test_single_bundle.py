"""The files of an all-in-one image that a Dockerfile makes."""

from __future__ import annotations

from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree
from packer.render.bundle import render_bundle
from packer.render.single import render_single
from tests.testbed.generated import context_for

APP = "from flask import Flask\napp = Flask(__name__)\n"


def test_the_dockerfile_lays_what_supervises_over_the_root() -> None:
    settings = Settings(layout="single")
    project = inspect(MemoryTree({"requirements.txt": "flask\n", "app.py": APP}))
    plan = make_plan(project, settings)
    assert plan.single is not None
    files = {file.path: file.text for file in render_bundle(context_for(project, plan), ("dockerfile", "nginx"))}
    dockerfile = files["Dockerfile"]

    native = {f"deploy/single{file.path}": file.text for file in render_single(plan, plan.single)}
    assert {path: text for path, text in files.items() if path.startswith("deploy/single/")} == native
    assert "COPY deploy/single/ /\n" in dockerfile
    assert "nginx -e stderr -t" in dockerfile
    assert "AS web" not in dockerfile
    assert dockerfile.index("COPY --from=static") < dockerfile.index("/mnt/. /app")
    assert not any(path.startswith("deploy/nginx/") for path in files)


def test_nothing_but_metadata_stands_behind_the_source() -> None:
    project = inspect(MemoryTree({"requirements.txt": "flask\n", "app.py": APP}))
    files = render_bundle(context_for(project, make_plan(project, Settings())), ("dockerfile",))
    [dockerfile] = [file.text for file in files if file.path == "Dockerfile"]

    behind = dockerfile.partition("/mnt/. /app")[2]
    keywords = {line.split()[0] for line in behind.splitlines() if line and not line[0].isspace()}
    assert keywords == {"ENV", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
