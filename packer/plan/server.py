"""Rule: how gunicorn serves the app."""

from __future__ import annotations

import itertools
import posixpath

from packer.errors import PlanError
from packer.plan.model import APP_ROOT, FORWARDING_MODULE, ServerPlan
from packer.plan.settings import Settings
from packer.project.model import AppCandidate, AppFacts, Decision, ServerFacts
from packer.regex import regex

__all__ = ["choose_server", "image_path"]

UVICORN_WORKER = "uvicorn_worker.UvicornWorker"
"""The worker class that the `uvicorn-worker` distribution provides (uvicorn's own copy is deprecated)."""

_DOTTED = regex(r":[A-Za-z_]\w*\.")
_DEFAULT_TIMEOUT = 60
_DEFAULT_THREADS = 4
_SINGLE_WORKER_THREADS = 32
"""One process has to carry what several would: threads are cheap where the app mostly waits."""


def image_path(relative: str) -> str:
    """Where a project folder is in the image.

    >>> image_path("."), image_path("src")
    ('/app', '/app/src')

    The folder above the project is one too: a project whose root is itself a package is imported from there.

    >>> image_path("..")
    '/'
    """
    return posixpath.normpath(str(APP_ROOT / relative))


def choose_server(app: AppFacts, settings: Settings) -> tuple[ServerPlan, tuple[Decision, ...]]:
    """The server for the best candidate, with the reasons for what is unusual. Raises `PlanError` without an app."""
    best = app.best
    if best is None:
        raise PlanError(
            app.refusal or "no web application was found in this project",
            hint='name it: pack build --app module:attribute, or app = "module:attribute" under [tool.pack]',
        )
    facts = app.server
    worker_class = _worker_class(best, facts, settings)
    workers = settings.workers or (1 if facts.single_worker else None)
    threads = settings.threads or (_SINGLE_WORKER_THREADS if workers == 1 and facts.single_worker else _DEFAULT_THREADS)
    forwards = best.target if _DOTTED.search(best.target) else None
    server = ServerPlan(
        target=f"{FORWARDING_MODULE}:app" if forwards else best.target,
        forwards=forwards,
        interface=best.interface,
        worker_class=worker_class,
        workers=workers,
        threads=threads,
        timeout=settings.timeout or _timeout(facts.arguments),
        working_directory=image_path(best.working_directory),
    )
    return server, tuple(_decisions(server, facts))


def _worker_class(best: AppCandidate, facts: ServerFacts, settings: Settings) -> str:
    if settings.worker_class:
        return settings.worker_class
    if best.interface == "asgi":
        return UVICORN_WORKER
    return facts.worker_class or "gthread"


def _timeout(arguments: tuple[str, ...]) -> int:
    """The `--timeout` of a Procfile's web line, where it is a sensible number of seconds."""
    for option, value in itertools.pairwise(arguments):
        if option in ("--timeout", "-t") and value.isascii() and value.isdigit():
            return max(1, min(int(value), 3600))
    return _DEFAULT_TIMEOUT


def _decisions(server: ServerPlan, facts: ServerFacts) -> list[Decision]:
    decisions = [
        Decision(
            subject="server.worker_class",
            choice=server.worker_class,
            reason=_worker_reason(server, facts),
            evidence=facts.evidence if facts.worker_class == server.worker_class else (),
            override='worker-class = "…"',
        ),
    ]
    if facts.single_worker and server.workers == 1:
        decisions.append(
            Decision(
                subject="server.workers",
                choice="1",
                reason="the app keeps state in its process, which several workers would not share",
                evidence=facts.evidence,
                override="workers = N",
            )
        )
    return decisions


def _worker_reason(server: ServerPlan, facts: ServerFacts) -> str:
    if server.worker_class == UVICORN_WORKER:
        return "an ASGI app needs an event loop in each worker"
    if server.worker_class == facts.worker_class:
        return "the project asks for it"
    return "threads keep one slow request from blocking the others, and need nothing of the app"
