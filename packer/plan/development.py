"""Rule: how the app runs while somebody works on it: from the project's folder, with a server that reloads."""

from __future__ import annotations

from pathlib import PurePosixPath

from msgspec import Struct

from packer.plan.model import APP_ROOT, Plan

__all__ = ["SOURCE_ROOT", "Development", "plan_development"]

SOURCE_ROOT = PurePosixPath("/src")
"""Where the project's folder is mounted. Not at `/app`, where it would hide the image's environment."""


class Development(Struct, frozen=True, kw_only=True):
    """What is different from production.

    Attributes:
        command: serves the app, for the image's entrypoint.
        environment: variables.
        working_directory: the folder it starts in.
        has_debugger: failures show Werkzeug's debugger.
    """

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    working_directory: str
    has_debugger: bool


def plan_development(plan: Plan, *, framework: str | None) -> Development:
    """Flask's own development server with its debugger, for a Flask app; gunicorn that reloads, for any other."""
    server, runtime = plan.server, plan.runtime
    command: tuple[str, ...]
    is_flask = framework == "flask" and server.interface == "wsgi"
    if is_flask:
        command = ("flask", "--app", server.target, "run", "--debug", "--host", "0.0.0.0", "--port", str(runtime.port))  # noqa: S104 - in a container
    else:
        command = (*runtime.command[:-1], "--reload", "--workers", "1", server.target)
    changed: dict[str, str] = {}
    for name, value in runtime.environment:
        if name == "PYTHONPATH":
            changed[name] = ":".join(map(_source_path, value.split(":")))
    return Development(
        command=command,
        environment=tuple(sorted(changed.items())),
        working_directory=_source_path(runtime.working_directory),
        has_debugger=is_flask,
    )


def _source_path(path: str) -> str:
    """Where a folder of the image is in the mounted project.

    >>> _source_path("/app/src"), _source_path("/opt/lib")
    ('/src/src', '/opt/lib')
    """
    place = PurePosixPath(path)
    return str(SOURCE_ROOT / place.relative_to(APP_ROOT)) if place.is_relative_to(APP_ROOT) else path
