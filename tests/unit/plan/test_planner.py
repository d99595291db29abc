import pytest

from packer.errors import PlanError
from packer.plan.model import DebianBase, ReferenceBase
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

APP = "from flask import Flask\napp = Flask(__name__)\n"


def plan(requires: str, **settings):
    manifest = f'[project]\nname = "shop"\nversion = "1"\nrequires-python = "{requires}"\ndependencies = ["flask"]\n'
    return make_plan(inspect(MemoryTree({"app.py": APP, "pyproject.toml": manifest})), Settings(**settings))


def test_debian_is_the_base_where_one_of_its_pythons_is_allowed() -> None:
    found = plan(">=3.9")

    assert (found.python, type(found.base)) == ("3.13", DebianBase)


@pytest.mark.parametrize(("requires", "python"), [(">=3.14", "3.14"), ("==3.12.*", "3.12"), ("<3.11", "3.10")])
def test_a_registry_has_the_base_where_the_project_allows_none_of_debians_pythons(requires: str, python: str) -> None:
    found = plan(requires)

    assert found.python == python
    assert found.base == ReferenceBase(reference=f"docker.io/library/python:{python}-slim")


def test_debian_by_name_is_not_replaced_by_a_registry() -> None:
    with pytest.raises(PlanError, match="no available Python fits"):
        plan(">=3.14", base="debian")


def test_a_python_that_nobody_has_is_refused() -> None:
    with pytest.raises(PlanError, match="no available Python fits"):
        plan(">=3.99")
