"""The files that Compose reads: those that pack wrote into the project, else rendered beside pack's data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from packer.oci.digest import Digest
from packer.plan.development import SOURCE_ROOT, Development
from packer.plan.stack_model import StackPlan
from packer.regex import regex
from packer.render.compose import render_compose
from packer.render.places import COMPOSE, MYSQL
from packer.stack.compose import ComposeProject
from packer.stack.traits import EngineTraits, without
from packer.system.files import write_atomically
from packer.system.generated import generated_paths

__all__ = ["FOREIGN", "StackFiles", "stack_files"]

FOREIGN = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")


class StackFiles(Struct, frozen=True, kw_only=True):
    """What Compose is given, and the project's own Compose file that it is not given, if there is one."""

    project: ComposeProject
    ignored: str | None


def stack_files(
    folder: Path, stack: StackPlan, *, name: str, data: Path, development: Development | None, traits: EngineTraits
) -> StackFiles:
    """Make the stack's files be there.

    Args:
        folder: the project.
        stack: what runs.
        name: what Compose calls it.
        data: pack's data folder.
        development: how the app runs while somebody works on it, None for as in production.
        traits: what the engine can do.

    Raises:
        BuildError: the disk is full.
        ProjectError: the memory of generated files cannot be used.
    """
    root = folder.resolve()
    place = data / "stacks" / Digest.of(os.fsencode(root)).hex[:32]
    owned = generated_paths(root)
    files: list[Path] = []
    ignored = None
    if COMPOSE in owned and (root / COMPOSE).is_file():
        files.append(root / COMPOSE)
    else:
        ignored = next((name for name in FOREIGN if (root / name).is_file()), None)
        files.append(_rendered(place, stack))
    own = _own(root, place, stack, owned=owned, development=development)
    if own:
        write_atomically(place / "pack.json", (json.dumps(own, indent=1) + "\n").encode())
        files.append(place / "pack.json")
    less = _less(stack, files[0].read_text("utf-8", errors="replace"), traits)
    if less:
        write_atomically(place / "engine.yaml", less.encode())
        files.append(place / "engine.yaml")
    return StackFiles(project=ComposeProject(name=name, folder=root, files=tuple(files)), ignored=ignored)


def _less(stack: StackPlan, text: str, traits: EngineTraits) -> str:
    """What the engine cannot do, of the services that the first file still has."""
    checked = ("app", "web", *(one.name for one in stack.services))
    present = {name for name in (*checked, "migrate", "worker") if regex(rf"(?m)^  {name}:").search(text)}
    return without(traits, checked=sorted(present & set(checked)), unchecked=sorted(present - set(checked)))


def _rendered(place: Path, stack: StackPlan) -> Path:
    texts = {file.path: file.text for file in render_compose(stack)}
    for path in (COMPOSE, MYSQL):
        if path in texts:
            write_atomically(place / path, texts[path].encode())
    return place / COMPOSE


def _own(
    root: Path, place: Path, stack: StackPlan, *, owned: Iterable[str], development: Development | None
) -> dict[str, object]:
    """What is said in a file of pack's that Compose merges over the first."""
    found: dict[str, object] = {}
    if MYSQL not in owned or not (root / MYSQL).is_file():
        configured = [one.name for one in stack.services if one.configuration and one.configuration[0] == MYSQL]
        if configured:
            found["configs"] = {name: {"file": str(place / MYSQL)} for name in configured}
    if development is not None:
        found["services"] = _development(root, stack, development)
    return found


def _owner(root: Path) -> str:
    """Whose files the app may write: its user's; those of the folder's owner where the user is root (`sudo`)."""
    user, group = os.getuid(), os.getgid()
    if not user:
        state = root.stat()
        user, group = state.st_uid, state.st_gid
    return f"{user}:{group}"


def _development(root: Path, stack: StackPlan, development: Development) -> dict[str, object]:
    """The app from the project's folder, as its owner, without nginx, whose copies of static files would be old."""
    source = {"type": "bind", "source": str(root), "target": str(SOURCE_ROOT)}
    environment = dict(development.environment)
    running = {
        "user": _owner(root),
        "working_dir": development.working_directory,
        "environment": environment,
        "volumes": [source],
    }
    app = {
        **running,
        "command": list(development.command),
        "ports": [f"127.0.0.1:${{HTTP_PORT:-8080}}:{stack.app_port}"],
    }
    services: dict[str, object] = {"app": app, "web": {"profiles": ["production"]}}
    if stack.migrate:
        services["migrate"] = running
    if stack.worker:
        services["worker"] = running
    return services
