"""Limits that an application sets for itself."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.model import AppFacts
from packer.project.tree import MemoryTree

HEAD = "from flask import Flask\napp = Flask(__name__)\n"


def facts(code: str) -> AppFacts:
    return inspect(MemoryTree({"app.py": HEAD + code, "requirements.txt": "flask\n"}, "shop")).app


@pytest.mark.parametrize(
    ("code", "size", "overflow"),
    [
        ("OPTIONS = {'pool_size': 4, 'max_overflow': 2}\n", 4, 2),
        ("app.config['SQLALCHEMY_ENGINE_OPTIONS'] = {'pool_size': 2 * 5}\n", 10, None),
        ("from sqlalchemy import create_engine\nengine = create_engine('x://', max_overflow=0)\n", None, 0),
        ("app.config['SQLALCHEMY_POOL_SIZE'] = 20\n", 20, None),
        ("A = {'pool_size': 3}\nB = {'pool_size': 30}\nC = {'pool_size': many()}\n", 30, None),
        ("POOL = 'pool_size'\n", None, None),
    ],
)
def test_the_pool_that_the_code_asks_for(code: str, size: int | None, overflow: int | None) -> None:
    pool = facts(code).pool

    assert (pool.size, pool.overflow) == (size, overflow)
    assert bool(pool.evidence) is (size is not None or overflow is not None)


def test_the_memory_of_forms() -> None:
    assert facts("app.config['MAX_FORM_MEMORY_SIZE'] = 2 * 1024 * 1024\n").max_form_memory_size == 2 << 20
    assert facts("").max_form_memory_size is None
