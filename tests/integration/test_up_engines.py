"""`pack up` on every kind of engine, also on those that know less than the generated files ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.guest import ask
from tests.testbed.pack_command import PackCommand
from tests.testbed.stack import Stack

pytestmark = [pytest.mark.engine, pytest.mark.network]

APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "open"
"""


def test_a_stack_comes_up(any_engine: Daemon, pack: PackCommand, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    stack = Stack.of(folder, any_engine, pack)
    try:
        assert ask(stack.up())[2] == "open"
        assert stack.is_well("app")
        assert stack.is_well("web")
    finally:
        stack.down("--volumes", "--yes")
