"""What one types into in a container: its best shell, or its Python where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packer.engine.connection import Engine, engine_errors
from packer.engine.processes import execute
from packer.errors import EngineError

__all__ = ["interpreter_of", "shell_of"]

_SHELLS = (("bash",), ("sh",))


def shell_of(engine: Engine, container: str) -> tuple[str, ...]:
    """The command: bash, sh, `flask shell` for an app of Flask, or Python.

    Raises `EngineError` when the container has none of them.
    """
    for shell in _SHELLS:
        if _runs(engine, container, (*shell, "-c", "exit 0")):
            return shell
    with engine_errors("the container cannot be looked at", engine.endpoint):
        found: Any = engine.client.inspect_container(container)
    python = interpreter_of(found)
    variables = [text.partition("=")[0] for text in (found.get("Config") or {}).get("Env") or ()]
    if "FLASK_APP" in variables and _runs(engine, container, (python, "-m", "flask", "--version")):
        return (python, "-m", "flask", "shell")
    if _runs(engine, container, (python, "-c", "")):
        return (python,)
    raise EngineError(
        "the container has neither a shell nor Python", hint="run what it has: pack exec SERVICE -- COMMAND"
    )


def interpreter_of(description: Mapping[str, Any]) -> str:
    """The container's Python: pack's images start with their own."""
    entrypoint = (description.get("Config") or {}).get("Entrypoint") or ("",)
    return str(entrypoint[0]) if str(entrypoint[0]).rpartition("/")[2].startswith("python") else "python3"


def _runs(engine: Engine, container: str, command: Sequence[str]) -> bool:
    """Whether a command that does nothing ends well. Older engines say of a missing program that they cannot start."""
    try:
        process = execute(engine, container, command)
        for _ in process.wire.outputs():
            continue
        return process.exit_code() == 0
    except EngineError:
        return False
