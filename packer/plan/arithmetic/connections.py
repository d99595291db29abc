"""Rules: the app's processes and their connections to the database."""

from __future__ import annotations

from packer.plan.arithmetic.figures import AppFigures, DatabaseFigures, StackFigures
from packer.plan.finding import Finding, State

__all__ = ["RESERVE", "connections_suffice", "threads_find_connections"]

RESERVE = 10
"""Connections for whoever is not the app: the migration, a backup, a person who looks."""


def connections_suffice(figures: StackFigures) -> Finding | None:
    """All connections that the app may open are fewer than the database accepts.

    Broken where the app's threads alone take more: then "Too many connections" comes with the first rush.
    """
    app, database = figures.app, figures.database
    each = _each(app)
    if database is None or each is None:
        return None
    processes = app.replicas.value * app.workers.value
    background = figures.background or 0
    busy = processes * (min(app.threads.value, each) if app.threads else each) + background
    most = processes * each + background
    room = database.connections.value - RESERVE
    state: State = "broken" if busy > room else "warning" if most > room else "ok"
    others = f" + {background} for background tasks" if background else ""
    sentence = (
        f"{_factors(app)}{others} = {most:g} connections at most, "
        f"{database.kind} accepts {database.connections.of('of them')}, {RESERVE} for others than the app"
    )
    if state == "ok":
        return Finding(area="numbers", subject="connections", state="ok", what=sentence)
    return Finding(area="numbers", subject="connections", state=state, what=sentence, fix=_fix(app, database, most))


def threads_find_connections(figures: StackFigures) -> Finding | None:
    """Every thread of a process can have a connection, so that none waits for another's."""
    app = figures.app
    if app.pool is None or app.threads is None or figures.database is None:
        return None
    sentence = (
        f"{app.threads.of('threads')} of a process share a pool of "
        f"{app.pool.size} + {app.pool.overflow} = {app.pool.most} connections"
    )
    if app.threads.value <= app.pool.most:
        return Finding(area="numbers", subject="connection pool", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="connection pool",
        state="warning",
        what=f"{sentence}: the others wait, and fail after 30 s",
        fix=f'SQLALCHEMY_ENGINE_OPTIONS = {{"pool_size": {app.threads.value:g}, "max_overflow": 2}}',
    )


def _each(app: AppFigures) -> float | None:
    """The connections that one process may open."""
    if app.pool is not None:
        return app.pool.most
    return app.threads.value if app.threads else None


def _factors(app: AppFigures) -> str:
    """`1 container x 3 workers x (5 + 10 of the pool)`."""
    container = app.replicas.of("container" if app.replicas.value == 1 else "containers")
    threads = app.threads.of("threads") if app.threads else ""
    each = f"({app.pool.size} + {app.pool.overflow} of the pool)" if app.pool else threads
    return f"{container} x {app.workers.of('workers')} x {each}"


def _fix(app: AppFigures, database: DatabaseFigures, most: float) -> str:
    wanted = most + RESERVE
    where = "max-connections in deploy/mysql.cnf" if database.kind == "mysql" else "the database's max_connections"
    smaller = "make the pool smaller (pool_size, max_overflow)" if app.pool else "take fewer threads (GUNICORN_THREADS)"
    return f"raise {where} to {wanted:g}, or {smaller}, or take fewer workers (WEB_CONCURRENCY)"
