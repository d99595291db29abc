"""How an app runs while somebody works on it."""

from __future__ import annotations

from packer.plan.development import plan_development
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree


def plan(files: dict[str, str]) -> Plan:
    return make_plan(inspect(MemoryTree(files)), Settings())


def test_a_flask_app_gets_the_debugger_from_its_folder() -> None:
    files = {
        "src/shop/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n",
        "requirements.txt": "flask\n",
    }
    found = plan_development(plan(files), framework="flask")

    assert found.has_debugger
    assert "--debug" in found.command
    assert dict(found.environment)["PYTHONPATH"].startswith("/src")
    assert "/app" not in dict(found.environment)["PYTHONPATH"]


def test_any_other_app_gets_a_server_that_reloads() -> None:
    files = {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n", "requirements.txt": "fastapi\n"}
    found = plan_development(plan(files), framework="fastapi")

    assert "--reload" in found.command
    assert found.working_directory == "/src"
