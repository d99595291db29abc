"""Rules: memory, in MiB."""

from __future__ import annotations

from packer.plan.arithmetic.figures import StackFigures
from packer.plan.finding import Finding

__all__ = ["WORKER_MEMORY", "buffers_leave_room", "limits_fit_the_machine", "workers_fit"]

WORKER_MEMORY = 128
"""MiB that a worker of a small app takes: what the rendered gunicorn.conf.py reckons with, too."""


def workers_fit(figures: StackFigures) -> Finding | None:
    """The app's processes fit into its container. Workers whose number follows from the limit fit by themselves."""
    app = figures.app
    if app.memory is None:
        return None
    wanted = app.workers.value * WORKER_MEMORY
    sentence = f"{app.workers.of('workers')} x {WORKER_MEMORY} MiB = {wanted:g} MiB of the app's {app.memory.of('MiB')}"
    if app.counted or wanted <= app.memory.value:
        return Finding(area="numbers", subject="memory of the app", state="ok", what=sentence)
    fitting = max(1, app.memory.value // WORKER_MEMORY)
    return Finding(
        area="numbers",
        subject="memory of the app",
        state="warning",
        what=f"{sentence}: the kernel may end a worker in the middle of a request",
        fix=f"give the app more (APP_MEMORY={wanted:g}M), or take {fitting:g} workers",
    )


def buffers_leave_room(figures: StackFigures) -> Finding | None:
    """MySQL's buffer pool takes half of its container at most: connections have buffers of their own."""
    database = figures.database
    if database is None or database.buffers is None or database.memory is None:
        return None
    buffers, memory = database.buffers, database.memory
    sentence = f"the buffer pool takes {buffers.of('MiB')} of the database's {memory.of('MiB')}"
    if buffers.value * 2 <= memory.value:
        return Finding(area="numbers", subject="memory of the database", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="memory of the database",
        state="broken" if buffers.value >= memory.value else "warning",
        what=f"{sentence}, more than half: connections need the rest",
        fix=f"set innodb-buffer-pool-size to {memory.value // 2:g}M in deploy/mysql.cnf, or raise the limit",
    )


def limits_fit_the_machine(figures: StackFigures) -> Finding | None:
    """All containers can have what they are allowed to take."""
    if figures.machine is None or not figures.limits:
        return None
    total = sum(limit for _, limit in figures.limits)
    parts = " + ".join(f"{name} {limit:g}" for name, limit in figures.limits)
    sentence = f"{parts} = {total:g} MiB, the engine's machine has {figures.machine:g} MiB"
    if total <= figures.machine:
        return Finding(area="numbers", subject="memory of the stack", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="memory of the stack",
        state="warning",
        what=f"{sentence}: under load the kernel ends one of them",
        fix="lower the limits in compose.yaml, or take a larger machine",
    )
