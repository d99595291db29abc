"""The figures of a stack as pack plans it, before its owner changes a file."""

from __future__ import annotations

import math

from packaging.version import InvalidVersion, Version

from packer.plan.arithmetic.figures import AppFigures, DatabaseFigures, Figure, PoolFigures, StackFigures, WebFigures
from packer.plan.arithmetic.memory import WORKER_MEMORY
from packer.plan.model import Plan, ServerPlan
from packer.plan.stack_model import BackingService, StackPlan
from packer.plan.stack_services import is_mariadb
from packer.plan.supplements import present_names
from packer.project.model import Project

__all__ = ["planned_figures", "workers_for"]

MEMORY = 512
CPUS = 1.0
GRACE = 40
WEB_MEMORY = 128
GRACEFUL = 30
KEEPALIVE = 75
"""What the templates say; a test compares."""

_MOST_WORKERS = 12
_MYSQL_CONNECTIONS = 151
_POSTGRESQL_CONNECTIONS = 100
_MYSQL_PACKET = 64 << 20
_MARIADB_PACKET = 16 << 20
_POOL = PoolFigures(size=5, overflow=10)
"""SQLAlchemy's own defaults: https://docs.sqlalchemy.org/en/20/core/engines.html."""
_SQLALCHEMY = frozenset({"sqlalchemy", "flask-sqlalchemy", "flask-migrate", "flask-appbuilder", "sqlmodel", "alembic"})
_FORM = 500_000
"""Flask's own MAX_FORM_MEMORY_SIZE since 3.1: https://flask.palletsprojects.com/en/stable/config/."""
_FORMS_SINCE = Version("3.1")


def planned_figures(plan: Plan, stack: StackPlan, project: Project) -> StackFigures:
    """Every number as the plan and the templates have it."""
    service = stack.service("mysql") or stack.service("postgresql")
    limits = [("app", MEMORY), ("web", WEB_MEMORY), *((one.name, one.memory) for one in stack.services)]
    if stack.worker:
        limits.append(("worker", MEMORY))
    return StackFigures(
        app=_app(plan.server, stack, project),
        web=WebFigures(patience=Figure(plan.web.read_timeout), idle=None, body=Figure(plan.web.body_limit)),
        database=_database(service) if service else None,
        limits=tuple((name, float(memory)) for name, memory in limits),
    )


def workers_for(cpus: float, memory: float | None) -> int:
    """How many processes the rendered gunicorn.conf.py starts in a container of so many processors and MiB.

    >>> workers_for(1.0, 512), workers_for(4.0, 256), workers_for(8.0, None)
    (3, 2, 12)
    """
    fitting = _MOST_WORKERS if memory is None else min(_MOST_WORKERS, max(1, int(memory // WORKER_MEMORY)))
    return min(fitting, max(2, 2 * math.ceil(cpus) + 1))


def _app(server: ServerPlan, stack: StackPlan, project: Project) -> AppFigures:
    return AppFigures(
        workers=Figure(server.workers or workers_for(CPUS, MEMORY)),
        counted=server.workers is None,
        threads=_threads(server),
        timeout=Figure(server.timeout),
        graceful=Figure(GRACEFUL),
        keepalive=Figure(KEEPALIVE),
        grace=Figure(GRACE),
        memory=Figure(MEMORY),
        pool=_pool(project),
        body=project.app.max_content_length,
        form=_form(project),
        believes=dict(stack.environment).get("FORWARDED_ALLOW_IPS"),
    )


def _threads(server: ServerPlan) -> Figure | None:
    if server.worker_class == "gthread":
        return Figure(server.threads)
    return Figure(1) if server.worker_class == "sync" else None


def _pool(project: Project) -> PoolFigures | None:
    if _SQLALCHEMY.isdisjoint(present_names(project.dependencies)):
        return None
    own = project.app.pool
    if own.size is None and own.overflow is None:
        return _POOL
    return PoolFigures(
        size=_POOL.size if own.size is None else own.size,
        overflow=_POOL.overflow if own.overflow is None else own.overflow,
        stated=True,
    )


def _form(project: Project) -> int | None:
    best = project.app.best
    if best is None or best.framework not in ("flask", "dash") or not _limits_forms(project):
        return None
    return project.app.max_form_memory_size or _FORM


def _limits_forms(project: Project) -> bool:
    """Whether the Flask that will be installed is of 3.1 or later; a free one is."""
    facts = project.dependencies
    pins = {one.name: one.pinned for one in facts.direct if one.pinned}
    pinned = dict(facts.locked).get("flask") or pins.get("flask")
    try:
        return pinned is None or Version(pinned) >= _FORMS_SINCE
    except InvalidVersion:
        return False


def _database(service: BackingService) -> DatabaseFigures:
    if service.kind == "postgresql":
        return DatabaseFigures(
            kind="postgresql", connections=Figure(_POSTGRESQL_CONNECTIONS), memory=Figure(service.memory)
        )
    return DatabaseFigures(
        kind="mysql",
        connections=Figure(_MYSQL_CONNECTIONS),
        memory=Figure(service.memory),
        buffers=Figure(service.memory // 2),
        packet=Figure(_MARIADB_PACKET if is_mariadb(service.image) else _MYSQL_PACKET),
    )
