"""Up: a stack is started, and not called up before everything in it is well."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from packer.build.progress import Progress
from packer.engine.connection import Engine
from packer.errors import EngineError
from packer.stack.causes import explain
from packer.stack.compose import Compose, ComposeError, ComposeProject
from packer.stack.identity import StackIdentity
from packer.stack.ports import port_is_free
from packer.stack.states import ContainerState
from packer.stack.waiting import log_of, published_port, stack_states, wait_for_stack

__all__ = ["FIRST_PORT", "PORTS", "bring_up", "choose_port", "find_culprit"]

FIRST_PORT = 8080
PORTS = 20


def bring_up(
    engine: Engine,
    compose: Compose,
    project: ComposeProject,
    *,
    variables: Mapping[str, str],
    patience: float,
    line: Callable[[str], None],
    progress: Progress,
) -> None:
    """Start what is not running, replace what has changed, and wait until all of it is well.

    Args:
        engine: where the stack runs.
        compose: starts it.
        project: what it is.
        variables: what the files' own variables are.
        patience: seconds to wait; 0 for not at all.
        line: told of what Compose says.
        progress: told of each service that is well.

    Raises `EngineError` that says which service failed, the likely cause, and its last words.
    """
    identity = StackIdentity(name=project.name, folder=str(project.folder))
    started = time.monotonic()

    def look() -> None:
        states = stack_states(engine, identity)
        late = tuple(state for state in states if state.verdict == "waiting") if patience else ()
        if any(state.is_denied for state in states):
            raise _failure(engine, "", states)
        if late and time.monotonic() - started > patience:
            raise _failure(engine, "", late)

    words = ["up", "--detach", "--no-build", "--remove-orphans"]
    try:
        compose.follow(project, words, variables=variables, line=line, meanwhile=look)
    except ComposeError as error:
        failed = [state for state in stack_states(engine, identity) if state.verdict == "failed"]
        raise _failure(engine, error.said, failed) from error
    if not patience:
        return
    with progress.step("waiting until everything is well"):
        outcome = wait_for_stack(
            lambda: stack_states(engine, identity),
            patience=patience - (time.monotonic() - started),
            told=lambda state: progress.note(f"{state.service} is {'done' if state.verdict == 'done' else 'ready'}"),
        )
    if not outcome.ok:
        raise _failure(engine, "", (*outcome.failed, *outcome.late))


def find_culprit(states: Iterable[ContainerState]) -> ContainerState | None:
    """Which container to speak of: one that failed before one that is late, and what others wait for before them."""
    suspects = [state for state in states if state.verdict in ("failed", "waiting")]
    return min(
        suspects,
        key=lambda state: (not state.is_denied, state.verdict != "failed", state.service in ("app", "web")),
        default=None,
    )


def _failure(engine: Engine, said: str, states: Iterable[ContainerState]) -> EngineError:
    """Why the stack does not come up, by what Compose said, and by how its containers were at that moment.

    They are not asked anew: one that ends again and again looks well in between.
    """
    culprit = find_culprit(states)
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
    return EngineError(f"{what}{_quoted(found.excerpt)}", where=f"the service {culprit.service}", hint=found.hint)


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
