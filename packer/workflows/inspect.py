"""Inspect: read a project, decide, and show both; nothing is written, imported or run."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from packer.errors import PlanError
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import Project
from packer.system.tree import DirectoryTree

__all__ = ["Inspection", "inspect_folder"]


class Inspection(Struct, frozen=True, kw_only=True):
    """A project with its plan, or with the reason why there is none."""

    project: Project
    plan: Plan | None
    refusal: PlanError | None


def inspect_folder(folder: Path, settings: Settings) -> Inspection:
    """Read the project in `folder` and plan its image.

    Raises:
        ProjectError: the folder cannot be read as a project.
        UsageError: a setting contradicts the project.
    """
    project = inspect(DirectoryTree(folder), app=settings.app)
    try:
        return Inspection(project=project, plan=make_plan(project, settings), refusal=None)
    except PlanError as error:
        return Inspection(project=project, plan=None, refusal=error)
