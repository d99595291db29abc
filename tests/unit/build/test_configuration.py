"""The small files that pack writes into the environment."""

from __future__ import annotations

import collections
import inspect as standard_inspect
import platform
import sys
from types import ModuleType

from msgspec.structs import replace

from packer.build.configuration import configuration_recipe
from packer.plan.model import FORMER_NAMES_MODULE, Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree
from packer.system.bytecode import Compiler
from packer.system.unpacked_python import running_python


def plan_of(requirements: str) -> Plan:
    tree = MemoryTree({"requirements.txt": requirements, "app.py": "from flask import Flask\napp = Flask(__name__)\n"})
    return make_plan(inspect(tree), Settings())


def files_of(plan: Plan) -> dict[str, bytes]:
    return {
        entry.path.rpartition("/")[2]: entry.content
        for entry in configuration_recipe(plan, (), compiler=None).entries()
    }


def test_the_names_that_python_removed_come_back_when_the_environment_starts():
    files = files_of(plan_of("flask==1.1.2\n"))

    assert files[f"{FORMER_NAMES_MODULE}.pth"] == f"import {FORMER_NAMES_MODULE}\n".encode()
    module = ModuleType(FORMER_NAMES_MODULE)
    try:
        exec(files[f"{FORMER_NAMES_MODULE}.py"], vars(module))
        assert collections.Mapping is collections.abc.Mapping
        assert standard_inspect.getargspec(lambda a, *b, c=1: None)[:2] == (["a"], "b")
    finally:
        for name in set(collections.abc.__all__) & set(vars(collections)):
            delattr(collections, name)


def test_a_project_of_today_gets_none_of_them():
    plan = plan_of("flask\n")

    assert not any(FORMER_NAMES_MODULE in name for name in files_of(plan))
    assert files_of(replace(plan, former_names=True))


def test_modules_that_pack_adds_are_compiled_for_the_images_interpreter():
    own = running_python(platform.python_version(), version=platform.python_version())
    assert own is not None
    compiler = Compiler(own)
    try:
        recipe = configuration_recipe(plan_of("flask\n"), (), compiler=compiler)
        names = [entry.path.rpartition("/")[2] for entry in recipe.entries()]
    finally:
        compiler.close()

    assert f"pack_secrets.{sys.implementation.cache_tag}.pyc" in names
    assert recipe.inputs != configuration_recipe(plan_of("flask\n"), (), compiler=None).inputs
