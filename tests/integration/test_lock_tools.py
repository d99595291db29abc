"""A generated Dockerfile follows a lock by the lock's own tool, behind a company's authority where there is one.

The lock is real: the tool writes it when the test runs, so that no address of an index is kept.
"""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from packer.plan.installation import LockTool, tool_pins
from tests.testbed.pack_command import PackCommand

pytestmark = [pytest.mark.engine, pytest.mark.network]

UV = Path(sysconfig.get_path("scripts")) / "uv"
APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"
"""
PDM = """
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["flask>=3.1"]

[tool.pdm]
distribution = false
"""
FOLLOWED: dict[LockTool, tuple[str, str, str]] = {
    "pdm": ("pyproject.toml", PDM, "pdm sync"),
}


def lock(tool: LockTool, project: Path) -> None:
    """Let the lock's own tool write it, in the release that the Dockerfile names."""
    _, own, *others = tool_pins(tool)
    more = [word for other in others for word in ("--with", other)]
    command = [UV, "tool", "run", "--quiet", "--no-python-downloads", "--from", own, *more, tool, "lock"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=project, stdin=subprocess.DEVNULL)
    if done.returncode:
        pytest.skip(f"{tool} reaches no index from here: {(done.stdout + done.stderr).strip()[-300:]}")


@pytest.mark.parametrize("tool", ["pdm"])
def test_the_locks_own_tool_installs_and_the_image_boots(
    tool: LockTool, building_pack: PackCommand, tmp_path: Path
) -> None:
    manifest, text, step = FOLLOWED[tool]
    project = tmp_path / "shop"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / manifest).write_text(text)
    lock(tool, project)
    authority = os.environ.get("SSL_CERT_FILE")
    secret = ("--secret", f"id=ca,src={authority}") if authority else ()

    built = building_pack("build", project, "--builder", "engine", "--check", *secret, "-t", f"{tool}:1")

    assert built.returncode == 0, built.stderr
    assert step in built.stderr
    assert "it boots" in built.stderr
