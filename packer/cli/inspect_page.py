"""The page that `pack inspect` shows to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from packer.cli.output import printable
from packer.plan.model import Plan
from packer.project.model import Decision, EnvironmentVariable, Project
from packer.workflows.inspect import Inspection

__all__ = ["page"]

_LABEL_WIDTH = 14
_SUBJECT_WIDTH = 28
_MOST_NAMES = 12
_MOST_EVIDENCE = 2


class Style(Protocol):
    """Puts a text into a named style where the terminal shows styles."""

    def __call__(self, text: str, name: str) -> str:
        """The styled text."""
        ...


def page(found: Inspection, *, folder: Path, style: Style) -> Iterator[str]:
    """The lines of the page: what was found, then what will be built and why."""
    project, plan = found.project, found.plan
    yield style(printable(project.name), "bold") + style(f"  {printable(str(folder.resolve()))}", "dim")
    yield ""
    yield style("found", "cyan")
    yield from _found(project)
    if plan:
        yield ""
        yield style("will build", "cyan")
        yield from _image(plan)
        yield ""
        yield style("why", "cyan")
        for decision in plan.decisions:
            yield from _decision(decision, style)


def _row(label: str, value: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{printable(value)}"


def _found(project: Project) -> Iterator[str]:
    best = project.app.best
    if best:
        yield _row("app", f"{best.target}  ({best.framework}, {best.interface}, {best.path})")
        others = [candidate.target for candidate in project.app.candidates[1:4]]
        if others:
            yield _row("", f"also possible: {', '.join(others)}")
    else:
        yield _row("app", "none")
    yield from _dependencies(project)
    if project.python.requires:
        yield _row("python", f"requires {project.python.requires}")
    if project.services:
        yield _row(
            "services", ", ".join(one.kind + (f" ({one.driver})" if one.driver else "") for one in project.services)
        )
    for folder in project.static:
        yield _row("static", f"{folder.url}/ from {folder.path}/")
    if project.migrations:
        yield _row("migrations", f"{project.migrations.tool} in {project.migrations.path}/")
    if project.environment:
        names = [_variable(variable) for variable in project.environment]
        yield _row("environment", _shortened(names, " "))
        if any(not variable.required for variable in project.environment):
            yield _row("", "(? has a default)")


def _variable(variable: EnvironmentVariable) -> str:
    """Its name; with `?` where it may be left out, and with a value where not any would do."""
    if not variable.required:
        return f"{variable.name}?"
    return variable.name if variable.example is None else f"{variable.name}={variable.example}"


def _dependencies(project: Project) -> Iterator[str]:
    facts = project.dependencies
    if facts.inferred:
        yield _row("dependencies", "no manifest: inferred from the imports")
    elif facts.manifest or facts.lock:
        source = facts.manifest or facts.lock or ""
        locked = f", locked by {facts.lock}" if facts.lock and facts.lock != facts.manifest else ""
        yield _row("dependencies", f"{facts.manager}: {source}{locked}")
    else:
        yield _row("dependencies", "none stated")
    if facts.direct:
        yield _row("", _shortened([requirement.name for requirement in facts.direct], ", "))


def _image(plan: Plan) -> Iterator[str]:
    base = next((one.choice for one in plan.decisions if one.subject == "base"), "")
    yield _row("base", base)
    yield _row("python", plan.python)
    workers = "one worker" if plan.server.workers == 1 else "workers by the container's CPUs"
    yield _row("server", f"gunicorn, {plan.server.worker_class}, {workers}, port {plan.runtime.port}")
    yield _row("starts", " ".join((*plan.runtime.entrypoint, *plan.runtime.command)))
    yield _row("health", plan.runtime.health.path or "the port answers")
    if plan.dependencies.added:
        yield _row("adds", ", ".join(plan.dependencies.added))
    for volume in plan.source.volumes:
        yield _row("writable", volume.path + "".join(f" (for {link})" for link, _ in volume.links))


def _decision(decision: Decision, style: Style) -> Iterator[str]:
    yield f"  {decision.subject:<{_SUBJECT_WIDTH}}{printable(f'{decision.choice}: {decision.reason}')}"
    indent = " " * (_SUBJECT_WIDTH + 4)
    for one in decision.evidence[:_MOST_EVIDENCE]:
        yield style(f"{indent}{printable(f'{one.path}:{one.line}  {one.excerpt}')}", "dim")
    if decision.override:
        yield style(f"{indent}to change it: {printable(decision.override)}", "dim")


def _shortened(names: Sequence[str], separator: str) -> str:
    more = len(names) - _MOST_NAMES
    return separator.join(names[:_MOST_NAMES]) + (f" … {more} more" if more > 0 else "")
