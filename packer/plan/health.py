"""Rule: how the container is asked whether it is well."""

from __future__ import annotations

from packer.plan.model import VENV, HealthCheck
from packer.plan.settings import Settings
from packer.project.model import AppFacts, Decision, Evidence

__all__ = ["choose_health", "health_check"]

_HTTP_PROBE = (
    "import http.client,os,sys;"
    "c=http.client.HTTPConnection('127.0.0.1',{port},timeout=4);"
    "c.request('GET',{path!r});"
    "sys.exit(c.getresponse().status>=500)"
)
_PORT_PROBE = "import os,socket;socket.create_connection(('127.0.0.1',{port}),4).close()"


def choose_health(app: AppFacts, settings: Settings, *, port: int) -> tuple[HealthCheck, Decision]:
    """The health check: a path the app has, or the bare port when none is safe to ask.

    An answer below 500 counts as well: a check that follows redirects, or takes a refused host name for a failure,
    would restart a process that works.
    """
    evidence: tuple[Evidence, ...] = ()
    if settings.health:
        check, reason = health_check(settings.health, port), "the setting names it"
    elif app.health:
        route = app.health[0]
        check, evidence = health_check(route.url, port), route.evidence
        reason = {
            "health": "the app has a route for this purpose",
            "static": "a static file is served without touching the database",
            "plain": "a view without parameters that touches neither database nor network",
        }[route.kind]
    else:
        check = health_check(None, port)
        reason = "no path is safe to ask, so the port alone is tried"
    decision = Decision(
        subject="health.path",
        choice=check.path or "port only",
        reason=reason,
        evidence=evidence,
        override='health = "/path"',
    )
    return check, decision


def health_check(path: str | None, port: int, *, settable: bool = True) -> HealthCheck:
    """The check of a path, or of the bare port for None. A `settable` port is the one that `PORT` says, if it does."""
    number = f"int(os.getenv('PORT')or {port})" if settable else str(port)
    program = _PORT_PROBE.format(port=number) if path is None else _HTTP_PROBE.format(port=number, path=path)
    return HealthCheck(command=_command(program), path=path)


def _command(program: str) -> tuple[str, ...]:
    """Exec form on the image's interpreter; isolated and without `site`, it starts in a third of the time."""
    return (str(VENV / "bin" / "python"), "-ISc", program)
