"""Rule: the web server in front of the app."""

from __future__ import annotations

from packer.plan.model import DebianBase, ServerPlan, WebPlan
from packer.plan.settings import Settings
from packer.project.model import Decision, Project

__all__ = ["APP_HOST", "plan_web"]

APP_HOST = "app"
"""What the app is called in the network that it shares with the web server."""

_PACKAGES = ("busybox", "nginx")
"""Busybox asks nginx whether it is well: an image without a shell has no other program that speaks HTTP."""
_DEFAULT_PORT = 8080
_DEFAULT_BODY_LIMIT = 16 * 1024 * 1024
_PATIENCE = 5
"""Seconds that nginx waits longer than the app's server does, so that the app's own answer to a timeout is seen."""


def plan_web(
    project: Project, settings: Settings, *, server: ServerPlan, app_port: int
) -> tuple[WebPlan, tuple[Decision, ...]]:
    """The web server for an app that listens on `app_port`, with the reason for the limit of request bodies."""
    limit, decision = _body_limit(project.app.max_content_length, settings)
    web = WebPlan(
        base=DebianBase(release="trixie", packages=_PACKAGES, with_python=False),
        static=project.static,
        upstream=f"{APP_HOST}:{app_port}",
        body_limit=limit,
        read_timeout=server.timeout + _PATIENCE,
        port=settings.web.port or _DEFAULT_PORT,
        proxies=settings.web.proxies or 0,
    )
    return web, (decision,)


def _body_limit(own: int | None, settings: Settings) -> tuple[int, Decision]:
    """What nginx lets through: what the app itself accepts, where it says so."""
    if settings.web.body_limit:
        limit, reason = settings.web.body_limit, "the setting says so"
    elif own:
        limit, reason = own, "it is the app's own MAX_CONTENT_LENGTH"
    else:
        limit, reason = _DEFAULT_BODY_LIMIT, "the app sets no MAX_CONTENT_LENGTH, and nginx must have a limit"
    decision = Decision(
        subject="web.body_limit", choice=f"{limit} bytes", reason=reason, override="[tool.pack.web] body-limit = N"
    )
    return limit, decision
