"""What supervises an all-in-one container: the program that starts it, its services, and how it stops."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from packer.plan.model import STATE_ROOT, VENV, Plan, SinglePlan
from packer.render.nginx import render_nginx
from packer.render.rendered import RenderedFile, written_file
from packer.render.templates import rendered_file

__all__ = ["render_single"]

_SERVICES = "/etc/pack/services"
_PROGRAMS = "/usr/lib/pack"
_SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM")


def render_single(plan: Plan, single: SinglePlan) -> tuple[RenderedFile, ...]:
    """The files, at their places in the image."""
    database = asdict(single.database) if single.database else None
    services = ("web", "app", "database") if database else ("web", "app")
    common: dict[str, object] = {"state": str(STATE_ROOT), "database": database}
    python = str(VENV / "bin" / "python")
    bind = ("--bind", f"127.0.0.1:{single.app_port}")
    values: dict[str, dict[str, object]] = {
        "start": {
            **common,
            "python": python,
            "services": _SERVICES,
            "variables": tuple((one.name, one.value) for one in single.variables),
        },
        "app": {
            "server": (*single.server, *bind),
            "migrate": single.migrate,
            "has_database": database is not None,
            "working_directory": plan.runtime.working_directory,
        },
        "web": {},
        "database": common,
        "run": {"python": python},
        "stop": {"order": services},
    }
    programs = [_script(f"{_PROGRAMS}/{name}.py", name, values) for name in ("start", *services)]
    supervised = [_script(f"{_SERVICES}/{service}/run", "run", values) for service in services]
    supervised += [_script(f"{_SERVICES}/.s6-svscan/{signal}", "stop", values) for signal in _SIGNALS]
    return (
        *programs,
        *(replace(file, executable=True) for file in supervised),
        written_file(f"{_SERVICES}/web/down-signal", "SIGQUIT\n"),
        *render_nginx(plan.web, discovery="static"),
    )


def _script(path: str, name: str, values: dict[str, dict[str, object]]) -> RenderedFile:
    return rendered_file(path, template=f"single/{name}.py.j2", values=values[name])
