"""Which lock a Dockerfile follows, and when pack's own resolution takes its place."""

from __future__ import annotations

from typing import Any

import pytest

from packer.plan.installation import lock_tool
from packer.plan.model import DependencyPlan
from packer.project.model import OwnPackage

OWN = OwnPackage(name="My_Shop", version="1")


def plan(**changes: Any) -> DependencyPlan:
    return DependencyPlan(
        **{"lock": "uv.lock", "lock_format": "uv", "files": (), "requirements": ("flask",), **changes}
    )


@pytest.mark.parametrize("kind", ["uv", "poetry", "pdm", "pipenv"])
def test_a_projects_lock_is_followed_by_its_own_tool(kind: str) -> None:
    assert lock_tool(plan(lock_format=kind), OWN) == kind


def test_requirements_are_a_lock_where_they_have_hashes() -> None:
    hashes = (("flask", ("sha256:0",)),)

    assert lock_tool(plan(lock_format="requirements", hashes=hashes), OWN) == "requirements"
    assert lock_tool(plan(lock_format="requirements"), OWN) is None


def test_the_project_itself_is_no_reason_to_leave_its_lock() -> None:
    assert lock_tool(plan(provided=("my-shop",)), OWN) == "uv"


@pytest.mark.parametrize(
    "changes",
    [
        {"lock": None, "lock_format": None},
        {"lock": "pylock.toml", "lock_format": "pylock"},
        {"dropped": ("pywin32",)},
        {"overrides": ("x==1",)},
        {"relaxed": ("flask",)},
        {"wheels_only": ("flask",)},
        {"provided": ("my-shop", "library-beside-it")},
    ],
)
def test_what_the_plan_changes_in_a_lock_its_tool_would_not(changes: dict[str, Any]) -> None:
    assert lock_tool(plan(**changes), OWN) is None
