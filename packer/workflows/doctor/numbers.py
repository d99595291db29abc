"""The stack's numbers: planned, or as the owner of the files has changed them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from packer.engine.facts import EngineFacts
from packer.plan.arithmetic import judge, planned_figures
from packer.plan.arithmetic.compose_document import ComposeService, compose_services
from packer.plan.arithmetic.written import WrittenFile, WrittenFiles, written_figures
from packer.plan.finding import Finding
from packer.plan.model import Plan
from packer.plan.stack_model import StackPlan
from packer.project.model import Project
from packer.render.places import COMPOSE, GUNICORN, MYSQL, NGINX
from packer.stack.compose import Compose, ComposeError, ComposeProject
from packer.system.files import read_regular
from packer.system.generated import Memory, read_memory

__all__ = ["numbers_fit"]

_LARGEST = 4 << 20
_MIB = 1 << 20
_UNKNOWN = "unknown"


def numbers_fit(
    root: Path,
    project: Project,
    plan: Plan,
    stack: StackPlan,
    *,
    compose: Callable[[], Compose | None],
    engine: EngineFacts | None,
    given: Collection[str],
) -> Iterator[Finding]:
    """What the arithmetic says of the stack, with the numbers of changed files.

    Args:
        root: the project.
        project: its facts.
        plan: its image.
        stack: what runs together.
        compose: reads a Compose file, if there is Compose.
        engine: what the engine says of its machine.
        given: variables that have values.

    Raises `ProjectError` for a memory of generated files that cannot be used.
    """
    memory = read_memory(root)
    services: tuple[ComposeService, ...] = ()
    if memory.text(COMPOSE) is not None and (root / COMPOSE).is_file():
        reader = compose()
        if reader is not None:
            missing = {name: _UNKNOWN for name in stack.wanted if name not in given}
            try:
                services = _composed(root, stack, reader, missing)
            except ComposeError as error:
                yield Finding(
                    area="numbers", subject=COMPOSE, state="broken", what=_reason(error), fix=f"mend {COMPOSE}"
                )
        elif _text(root, COMPOSE) != memory.text(COMPOSE):
            what = f"{COMPOSE} was changed, and its numbers are not read: Compose is not here"
            yield Finding(area="numbers", subject=COMPOSE, state="note", what=what)
    figures = written_figures(planned_figures(plan, stack, project), _written(root, memory, services))
    if engine is not None and engine.memory:
        figures = replace(figures, machine=float(engine.memory // _MIB))
    if engine is not None and engine.processors and stack.worker:
        figures = replace(figures, background=engine.processors)
    yield from judge(figures)


def _composed(root: Path, stack: StackPlan, compose: Compose, missing: Mapping[str, str]) -> tuple[ComposeService, ...]:
    project = ComposeProject(name=stack.name, folder=root, files=(root / COMPOSE,))
    return compose_services(compose.configuration(project, variables=missing))


def _reason(error: ComposeError) -> str:
    last = next((line for line in reversed(error.said.splitlines()) if line.strip()), "")
    return f"{error.what}: {last.strip()}" if last else error.what


def _written(root: Path, memory: Memory, services: tuple[ComposeService, ...]) -> WrittenFiles:
    """The files that pack wrote and that are still there."""
    own = [path for path, _ in memory.files]
    nginx = [path for path in own if path.startswith(f"{NGINX}/") and path.endswith(".conf")]
    return WrittenFiles(
        compose=services,
        compose_path=COMPOSE,
        gunicorn=_file(root, GUNICORN) if GUNICORN in own else None,
        nginx=tuple(file for path in nginx if (file := _file(root, path)) is not None),
        mysql=_file(root, MYSQL) if MYSQL in own else None,
    )


def _file(root: Path, path: str) -> WrittenFile | None:
    text = _text(root, path)
    return None if text is None else WrittenFile(path, text)


def _text(root: Path, path: str) -> str | None:
    content = read_regular(root / path, limit=_LARGEST)
    return None if content is None else content.decode("utf-8", "replace")
