"""Rule: the image's runtime configuration."""

from __future__ import annotations

from packer.plan.model import GUNICORN_CONFIG, VENV, HealthCheck, Runtime, ServerPlan, SourcePlan
from packer.plan.settings import Settings

__all__ = ["DEFAULT_PORT", "plan_runtime"]

DEFAULT_PORT = 8000

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def plan_runtime(
    server: ServerPlan, source: SourcePlan, health: HealthCheck, settings: Settings, *, framework: str
) -> Runtime:
    """The entrypoint is the interpreter with `-m`, the command is gunicorn.

    So `docker run IMAGE flask db upgrade` is a one-off task in an image that has no shell.
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
    if framework == "flask":
        environment["FLASK_APP"] = server.target
    environment.update(settings.environment)
    return Runtime(
        entrypoint=(str(VENV / "bin" / "python"), "-m"),
        command=("gunicorn", "--config", str(GUNICORN_CONFIG), server.target),
        environment=tuple(sorted(environment.items())),
        health=health,
        working_directory=server.working_directory,
        port=settings.port or DEFAULT_PORT,
    )
