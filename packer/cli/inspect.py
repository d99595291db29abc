"""`pack inspect`: what pack found, what it will do, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import AppOption, BaseOption, JsonOption, PathArgument, PythonOption

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.plan.settings import Settings

__all__ = ["command"]

_EXAMPLES = """
Examples:

  pack inspect                       the project in this folder
  pack inspect ../shop --json        for scripts
  pack inspect --tree                the dependency tree
  pack inspect --app shop.web:site   what would change with another app
"""


def command(
    path: PathArgument = Path(),
    *,
    json: JsonOption = False,
    tree: Annotated[bool, typer.Option("--tree", help="Show the dependency tree, from the lock.")] = False,
    app: AppOption = None,
    python: PythonOption = None,
    base: BaseOption = None,
) -> None:
    """Show what was found, what will be built, why, and what to set to change it."""
    from packer.cli.inspect_page import page  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.plan.system_packages import build_packages, runtime_packages  # noqa: PLC0415
    from packer.project.report import to_report  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.inspect import inspect_folder  # noqa: PLC0415

    output = Output()
    settings = load_settings(path, os.environ, flags={"app": app, "python": python, "base": base})
    if tree:
        _show_tree(path, settings, output)
        return
    found = inspect_folder(path, settings)
    project, plan = found.project, found.plan
    if json:
        output.document(
            to_report(
                project,
                python_version=plan.python if plan else None,
                system_packages={"build": build_packages(project), "runtime": runtime_packages(project)},
                plan_decisions=plan.decisions if plan else project.decisions,
            )
        )
    else:
        output.page(page(found, folder=path, style=output.style))
        for caution in plan.cautions if plan else project.cautions:
            output.caution(caution)
    if found.refusal:
        raise found.refusal


def _show_tree(path: Path, settings: Settings, output: Output) -> None:
    from packer.cli.wiring import blob_cache, workshop  # noqa: PLC0415 - only the tree needs the builder
    from packer.workflows.dependency_tree import dependency_tree  # noqa: PLC0415
    from packer.workflows.preparation import prepare  # noqa: PLC0415
    from packer.workflows.provenance import Provenance  # noqa: PLC0415

    prepared = prepare(path, settings, Provenance(), progress=output)
    tools = workshop(os.environ, blob_cache(os.environ), settings=settings, offline=False, note=output.note)
    output.page(dependency_tree(prepared, environment=os.environ, workshop=tools, progress=output))


command.__doc__ = f"{command.__doc__}\n{_EXAMPLES}"
