"""Up: a stack is started, and not called up before everything in it is well."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from packer.build.progress import Progress
from packer.engine.connection import Engine
from packer.errors import EngineError
from packer.stack.causes import Explanation, explain
from packer.stack.compose import Compose, ComposeError, ComposeProject
from packer.stack.identity import StackIdentity
from packer.stack.states import ContainerState
from packer.stack.waiting import log_of, published_port, stack_states, wait_for_stack

__all__ = ["FIRST_PORT", "PORTS", "bring_up", "choose_port", "port_is_free"]

FIRST_PORT = 8080
PORTS = 20


def bring_up(
    engine: Engine,
    compose: Compose,
    project: ComposeProject,
    *,
    variables: Mapping[str, str],
    patience: float,
    line: Callable[[str], None] | None,
    progress: Progress,
) -> None:
    """Start what is not running, replace what has changed, and wait until all of it is well.

    Args:
        engine: where the stack runs.
        compose: starts it.
        project: what it is.
        variables: what the files' own variables are.
        patience: seconds to wait; 0 for not at all.
        line: told of what Compose says; None lets it draw on the terminal.
        progress: told of each service that is well.

    Raises `EngineError` that says which service failed, the likely cause, and its last words.
    """
    identity = StackIdentity(name=project.name, folder=str(project.folder))
    said = ""
    try:
        compose.follow(project, ["up", "--detach", "--no-build", "--remove-orphans"], variables=variables, line=line)
    except ComposeError as error:
        said = error.said
        raise _failure(engine, identity, said) from error
    if not patience:
        return
    with progress.step("waiting until everything is well"):
        outcome = wait_for_stack(
            lambda: stack_states(engine, identity),
            patience=patience,
            told=lambda state: progress.note(f"{state.service} is {'done' if state.verdict == 'done' else 'ready'}"),
        )
    if not outcome.ok:
        raise _failure(engine, identity, said, late=outcome.late)


def _failure(
    engine: Engine, identity: StackIdentity, said: str, *, late: tuple[ContainerState, ...] = ()
) -> EngineError:
    """Which service failed first, and why. What others wait for comes before them."""
    states = stack_states(engine, identity)
    failed = [state for state in states if state.verdict == "failed"] or list(late)
    culprit = min(failed, key=lambda state: state.service in ("app", "web"), default=None)
    if culprit is None:
        found = explain(said, "")
        return EngineError(f"the stack does not come up: {found.cause}{_quoted(said)}", hint=found.hint)
    found = explain(
        said,
        log_of(engine, culprit.id),
        why=culprit.why,
        exit_code=culprit.exit_code,
        out_of_memory=culprit.out_of_memory,
    )
    what = f"{culprit.service} is not well: {culprit.why}"
    if found.cause != culprit.why:
        what += f"; {found.cause}"
    return EngineError(f"{what}{_quoted(_words(found))}", where=f"the service {culprit.service}", hint=found.hint)


def _words(found: Explanation) -> str:
    return found.excerpt


def _quoted(text: str) -> str:
    return f"\n\n{text.strip()}\n" if text.strip() else ""


def choose_port(engine: Engine, identity: StackIdentity, *, wish: int | None) -> int:
    """The port of this machine that the stack is reached at: the one asked for, the one it has, else the next free one.

    Raises `EngineError` when the one asked for is somebody else's.
    """
    own = published_port(engine, identity)
    if wish is not None:
        if wish != own and engine.endpoint.is_local and not port_is_free(wish):
            raise EngineError(
                f"another program uses the port {wish}", hint="choose another with --port, or leave it to pack"
            )
        return wish
    if own is not None:
        return own
    ports = range(FIRST_PORT, FIRST_PORT + PORTS)
    return next((port for port in ports if not engine.endpoint.is_local or port_is_free(port)), FIRST_PORT)


def port_is_free(port: int) -> bool:
    """Whether nobody listens there, on loopback or everywhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
