"""Locks that the tools themselves wrote, of one project with groups, extras, markers and a source-only distribution.

`installed.txt` beside each is what its tool said it would install for production with Python 3.13 on Linux:
`poetry install --only main --no-root --dry-run`, `pdm sync --prod --no-self --dry-run`, `pipenv requirements`. Of the
files of each distribution the locks keep one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.oci.platform import LINUX_AMD64
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.system.tree import DirectoryTree
from packer.wheels.foreign_locks import read_pdm, read_pipenv, read_poetry
from packer.wheels.target import Target

LOCKS = Path(__file__).parent / "real_locks"
READERS = {"poetry": read_poetry, "pdm": read_pdm, "pipenv": read_pipenv}
TARGET = Target(python="3.13", platform=LINUX_AMD64, glibc=(2, 41))


@pytest.mark.parametrize("name", sorted(path.name for path in LOCKS.iterdir()))
def test_what_the_tool_would_install_is_what_is_chosen(name, tmp_path):
    folder = LOCKS / name
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    plan = make_plan(inspect(DirectoryTree(tmp_path), app=None), Settings(python="3.13")).dependencies

    read = READERS[plan.lock_format]
    pins = read((folder / plan.lock).read_bytes(), plan.requirements, TARGET, where=plan.lock)

    assert [pin.requirement for pin in pins] == (folder / "installed.txt").read_text().splitlines()
    assert all(pin.hashes for pin in pins)
