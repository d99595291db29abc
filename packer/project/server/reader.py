"""From dependencies, Procfile, gunicorn's configuration and extensions to the facts about the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from msgspec import Struct

from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.startup import Startup
from packer.project.model import Caution, DependencyFacts, Evidence, ServerFacts, ServerKind
from packer.project.server.command import ServerCommand, find_command
from packer.project.server.gunicorn_config import GunicornConfig, read_gunicorn_config
from packer.project.server.state import ProcessState, find_state
from packer.project.server.workers import choose_worker

__all__ = ["ServerReading", "read_server"]

_KINDS: tuple[ServerKind, ...] = get_args(ServerKind)


class ServerReading(Struct, frozen=True, kw_only=True):
    """The facts, and what in the project's own files will not be followed."""

    facts: ServerFacts
    cautions: tuple[Caution, ...] = ()


def read_server(
    program: Program, constants: Constants, startup: Startup, dependencies: DependencyFacts
) -> ServerReading:
    """What the project says about its server, corrected by what the gunicorn of its lock can do."""
    installed = _installed(dependencies)
    command = find_command(program.tree, program.working_directory)
    config = read_gunicorn_config(program, constants, command.option("--config") if command else None)
    states = tuple(find_state(program, constants, startup, installed))
    wished, wish_evidence = _wish(command, config, states)
    choice = choose_worker(wished, installed)
    evidence = (*wish_evidence, *(state.evidence for state in states), *(config.evidence if config else ()))
    facts = ServerFacts(
        kind=_kind(command, dependencies),
        worker_class=choice.worker_class,
        single_worker=bool(states) or _asks_for_one(command, config),
        config_path=config.path if config else None,
        config_issues=config.issues if config else (),
        arguments=_arguments(command, config),
        evidence=tuple(dict.fromkeys(evidence)),
    )
    return ServerReading(facts=facts, cautions=tuple(_cautions(choice.remark, wish_evidence, config, states)))


def _installed(dependencies: DependencyFacts) -> dict[str, str | None]:
    installed: dict[str, str | None] = {requirement.name: requirement.pinned for requirement in dependencies.direct}
    installed.update(dependencies.locked)
    return installed


def _kind(command: ServerCommand | None, dependencies: DependencyFacts) -> ServerKind | None:
    """The server that the Procfile starts, else the first direct requirement that is nothing but a server."""
    named = command.program if command else None
    direct = {requirement.name for requirement in dependencies.direct}
    return next((kind for kind in _KINDS if kind == named), None) or next(
        (kind for kind in _KINDS if kind in direct and kind != "gevent"), None
    )


def _wish(
    command: ServerCommand | None, config: GunicornConfig | None, states: tuple[ProcessState, ...]
) -> tuple[str | None, tuple[Evidence, ...]]:
    """The worker class that is asked for: by Flask-SocketIO's needs, the command, the configuration file."""
    for state in states:
        if state.worker_class is not None:
            return state.worker_class, (state.evidence,)
    stated = command.option("--worker-class") if command else None
    if command is not None and stated is not None:
        return stated, (command.evidence,)
    if config is not None and config.worker_class is not None:
        return config.worker_class, config.evidence[-1:]
    return None, ()


def _asks_for_one(command: ServerCommand | None, config: GunicornConfig | None) -> bool:
    """Whether the authors run one worker on purpose: they give it threads of its own."""
    if command is not None and command.option("--workers") == "1":
        return command.option("--threads") is not None
    return config is not None and config.workers == 1 and config.threads is not None


def _arguments(command: ServerCommand | None, config: GunicornConfig | None) -> tuple[str, ...]:
    kept = dict(command.options) if command else {}
    if config is not None and config.timeout:
        kept.setdefault("--timeout", str(config.timeout))
    for decided in ("--config", "--worker-class"):
        kept.pop(decided, None)
    return tuple(word for option in sorted(kept) for word in (option, kept[option]))


def _cautions(
    remark: str | None,
    evidence: tuple[Evidence, ...],
    config: GunicornConfig | None,
    states: tuple[ProcessState, ...],
) -> Iterator[Caution]:
    if remark is not None:
        eventlet = any(state.worker_class == "eventlet" for state in states)
        hint = (
            'SocketIO(async_mode="threading") says so in the code too' if eventlet else 'worker-class = "…" overrides'
        )
        yield Caution(what=remark, hint=hint, evidence=evidence)
    if config is not None and config.issues:
        yield Caution(
            what=f"{config.path} sets {', '.join(config.issues)}, which a container cannot have",
            hint="pack's own settings win",
            evidence=config.evidence,
        )
