"""Docker Compose, by its command: the SDK has none."""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.errors import EngineError
from packer.regex import regex
from packer.system.process import follow, run

__all__ = ["Compose", "ComposeError", "ComposeProject", "find_compose"]

_OLDEST = (2, 20)
"""The first that knows `start_interval` and `env_file.required`."""
_VERSION = regex(r"v?(\d+)\.(\d+)\.(\d+)")
_DETAIL = regex(
    r"^ *[0-9a-f]{12} +(?:Pulling fs layer|Waiting|Downloading|Verifying Checksum|Download complete|Extracting"
    r"|Pull complete|Already exists)\b"
    r"|^ *(?:Container|Network|Volume) +\S+ +(?:Creating|Recreate|Starting|Waiting|Running|Stopping|Removing|Created"
    r"|Recreated|Stopped)$"
)
_QUESTION_SECONDS = 30
_TAIL = 60
_INSTALL = (
    "install it: `apt install docker-compose` from Debian 13 or Ubuntu 24.04 and later, or Docker's own package "
    "`docker-compose-plugin`"
)


class ComposeProject(Struct, frozen=True, kw_only=True):
    """What Compose is always told: the stack's name, the folder that paths are relative to, and the files."""

    name: str
    folder: Path
    files: tuple[Path, ...]

    def words(self) -> list[str]:
        """The options that stand before the command."""
        files = [word for file in self.files for word in ("--file", str(file))]
        return ["--project-name", self.name, "--project-directory", str(self.folder), *files]


class ComposeError(EngineError):
    """Compose did not come to a good end. `said` is what it said last."""

    def __init__(self, what: str, *, said: str, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.said = said


class Compose(Struct, frozen=True, kw_only=True):
    """A Compose that answered: its command, environment, and version."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    version: str = ""

    def configuration(self, project: ComposeProject, *, variables: Mapping[str, str]) -> dict[str, Any]:
        """What the files come to: merged, variables and anchors resolved. Needs no engine. Raises `ComposeError`."""
        asked = run(
            [*self.command, *project.words(), "config", "--format", "json"],
            env={**self.environment, **variables},
            cwd=project.folder,
            timeout=_QUESTION_SECONDS,
            error=EngineError,
        )
        try:
            document = json.loads(asked.stdout) if not asked.status else None
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise ComposeError("Compose cannot read the project's files", said=asked.stderr.strip())
        return document

    def follow(
        self,
        project: ComposeProject,
        words: Sequence[str],
        *,
        variables: Mapping[str, str],
        line: Callable[[str], None] | None,
        shown: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Run a command of Compose to its good end.

        Args:
            project: what it is about.
            words: the command and its options.
            variables: what the files' own variables are.
            line: told of each line that Compose says, but for the smallest steps; None leaves it to the terminal.
            shown: what it prints is what the user wants to see.
            meanwhile: called about every second; what it raises ends Compose.

        Raises `ComposeError`.
        """
        last: deque[str] = deque(maxlen=_TAIL)

        def heard(text: str) -> None:
            last.append(text)
            if line is not None and not _DETAIL.search(text):
                line(text)

        status = follow(
            [*self.command, *(["--progress", "plain"] if line else []), *project.words(), *words],
            env={**self.environment, **variables},
            cwd=project.folder,
            line=heard if line else None,
            shown=shown,
            meanwhile=meanwhile,
            error=EngineError,
        )
        if status:
            raise ComposeError(
                f"`docker compose {words[0]}` ended with exit status {status}", said="\n".join(last).strip()
            )


def find_compose(environment: Mapping[str, str]) -> Compose:
    """Compose as a plugin of the docker command, or as a command of its own.

    Raises `EngineError` that says what is missing or too old, and how to get it.
    """
    path = environment.get("PATH")
    docker, alone = shutil.which("docker", path=path), shutil.which("docker-compose", path=path)
    candidates = [(docker, "compose")] if docker else []
    for command in (*candidates, *([(alone,)] if alone else [])):
        asked = run([*command, "version", "--short"], env=environment, timeout=_QUESTION_SECONDS, error=EngineError)
        found = _VERSION.search(asked.stdout.decode(errors="replace"))
        if asked.status or found is None:
            continue
        if (int(found[1]), int(found[2])) < _OLDEST:
            raise EngineError(f"this Docker Compose is too old: {found[0]}", where=command[0], hint=_INSTALL)
        return Compose(command=command, environment=environment, version=found[0])
    raise EngineError("a stack needs Docker Compose, and there is none here", hint=_INSTALL)
