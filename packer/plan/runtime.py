"""Rule: the image's runtime configuration."""

from __future__ import annotations

from packer.plan.model import GUNICORN_CONFIG, VENV, HealthCheck, Runtime, ServerPlan, SourcePlan
from packer.plan.settings import Settings
from packer.project.model import AppFacts

__all__ = ["DEFAULT_PORT", "plan_runtime"]

DEFAULT_PORT = 8000

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def plan_runtime(
    server: ServerPlan,
    source: SourcePlan,
    health: HealthCheck,
    settings: Settings,
    *,
    app: AppFacts,
    gunicorn: str | None,
) -> Runtime:
    """The entrypoint is the interpreter with `-m`, the command is gunicorn.

    So `docker run IMAGE flask db upgrade` is a one-off task in an image that has no shell.

    Args:
        server: how the app is served.
        source: import roots.
        health: the health check.
        settings: the user's wishes.
        app: the facts about the app.
        gunicorn: the exact version that the project pins, if it pins one.
    """
    environment = {
        "HOME": "/tmp",  # noqa: S108 - the one folder that is writable under a read-only root
        "LANG": "C.UTF-8",
        "PATH": f"{VENV}/bin:{_SYSTEM_PATH}",
        "PYTHONDONTWRITEBYTECODE": "1",  # the bytecode is in the image and the root is read-only
        "PYTHONFAULTHANDLER": "1",
        "PYTHONPATH": ":".join(dict.fromkeys((server.working_directory, *source.import_roots))),
        "PYTHONUNBUFFERED": "1",
    }
    if app.best and app.best.framework == "flask":
        environment["FLASK_APP"] = server.target
    environment.update(app.process_environment)
    environment.update(settings.environment)
    return Runtime(
        entrypoint=(str(VENV / "bin" / "python"), "-m"),
        command=(_server_module(gunicorn), "--config", str(GUNICORN_CONFIG), server.target),
        environment=tuple(sorted(environment.items())),
        health=health,
        working_directory=server.working_directory,
        port=settings.port or DEFAULT_PORT,
    )


def _server_module(version: str | None) -> str:
    """Gunicorn can be run with `-m` since 20.1; an older one only by the module behind its command.

    >>> _server_module("19.9.0"), _server_module("20.1.0"), _server_module(None)
    ('gunicorn.app.wsgiapp', 'gunicorn', 'gunicorn')
    """
    numbers = tuple(int(part) for part in (version or "").split(".")[:2] if part.isascii() and part.isdigit())
    return "gunicorn.app.wsgiapp" if numbers and numbers < (20, 1) else "gunicorn"
