"""What generated files are made from, without a network: a resolution that is made up from the requirements' names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from packer.plan.installation import Installation, PinnedDistribution, lock_tool
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.plan.stack import plan_stack
from packer.plan.system_packages import build_packages_of, runtime_packages
from packer.project.inspect import inspect
from packer.project.model import Project
from packer.render.bundle import Context
from packer.system.tree import DirectoryTree

__all__ = ["context_for", "context_of"]

_SOURCE_ONLY = frozenset({"mysqlclient", "psycopg2", "python-ldap", "uwsgi"})
"""Distributions without a wheel for Linux."""


def context_of(folder: Path, settings: Settings | None = None) -> Context:
    """The context for a project on disk, always the same for the same files."""
    settings = settings or Settings()
    tree = DirectoryTree(folder)
    project = inspect(tree, app=settings.app)
    ignores = tuple(
        (path.rpartition("/")[0], tree.read(path) or "")
        for path in tree.paths
        if path.rpartition("/")[2] == ".gitignore"
    )
    return context_for(project, make_plan(project, settings), settings=settings, git_ignores=ignores)


def context_for(
    project: Project, plan: Plan, *, settings: Settings | None = None, git_ignores: tuple[tuple[str, str], ...] = ()
) -> Context:
    """The context for a plan."""
    settings = settings or Settings()
    return Context(
        plan=plan,
        installation=_installation(project, plan),
        stack=plan_stack(plan, project.environment, settings),
        git_ignores=git_ignores,
        syntax=settings.dockerfile.syntax,
        web_image=settings.web.image,
    )


def _installation(project: Project, plan: Plan) -> Installation:
    wishes = plan.dependencies
    tool = lock_tool(wishes, plan.source.own_package)
    own = {name for name, _ in project.dependencies.locked}
    wanted = wishes.added if tool else (*wishes.requirements, *wishes.added)
    names = sorted({_name(text) for text in wanted} - (own if tool else set()))
    compiled = tuple(name for name in names if name in _SOURCE_ONLY)
    return Installation(
        tool=tool,
        lock=wishes.lock if tool else None,
        files=wishes.files if tool else (),
        pinned=tuple(PinnedDistribution(name=name, version="1.0", hashes=_hashes(name)) for name in names),
        compiled=compiled,
        build_packages=tuple(sorted({package for name in compiled for package in build_packages_of(name) or ()})),
        runtime_packages=runtime_packages(project),
    )


def _name(requirement: str) -> str:
    from packaging.requirements import Requirement  # noqa: PLC0415 - slow to import
    from packaging.utils import canonicalize_name  # noqa: PLC0415

    return canonicalize_name(Requirement(requirement).name)


def _hashes(name: str) -> tuple[str, ...]:
    texts = (f"{name}.whl", f"{name}.tar.gz")
    return tuple(sorted(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts))
