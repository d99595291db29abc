"""The numbers of a stack, each with the file that says it. Memory is in MiB, bodies in bytes, times in seconds."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["PLANNED", "AppFigures", "DatabaseFigures", "Figure", "PoolFigures", "StackFigures", "WebFigures"]

PLANNED = "pack"
"""The source of a number that pack itself chose."""


class Figure(Struct, frozen=True):
    """A number, and where it stands: a file, or `pack`."""

    value: float
    source: str = PLANNED

    def of(self, unit: str) -> str:
        """The number of something, with the file that says it where it is not pack's.

        >>> Figure(60).of("s"), Figure(90.0, "deploy/gunicorn.conf.py").of("s")
        ('60 s', '90 s (deploy/gunicorn.conf.py)')
        """
        told = f"{self.value:g} {unit}"
        return told if self.source == PLANNED else f"{told} ({self.source})"


class PoolFigures(Struct, frozen=True, kw_only=True):
    """The connections that one process keeps to its database.

    Attributes:
        size: those that stay open.
        overflow: more that may be opened for a while.
        stated: the code says so; otherwise these are SQLAlchemy's own defaults.
    """

    size: int
    overflow: int
    stated: bool = False

    @property
    def most(self) -> int:
        """How many there can be."""
        return self.size + self.overflow


class AppFigures(Struct, frozen=True, kw_only=True):
    """The app's container.

    Attributes:
        replicas: how many containers there are.
        workers: processes in each.
        counted: the workers follow from the container's limits; otherwise somebody set their number.
        threads: threads in each process; None for a worker with an event loop, which has no such number.
        timeout: when a silent worker is replaced.
        graceful: how long a worker that is to end may work on.
        keepalive: how long an idle connection is kept.
        grace: how long the container gets to stop.
        memory: the container's limit, None for none.
        pool: the connections of a process, None for one a thread.
        body: the largest body that the app itself accepts, None for any.
        form: the most memory that Flask gives a form's fields; None where it has no such limit.
        believes: whose X-Forwarded-* headers gunicorn believes; None for its default, this machine's own.
    """

    replicas: Figure = Figure(1)
    workers: Figure
    counted: bool = True
    threads: Figure | None
    timeout: Figure
    graceful: Figure
    keepalive: Figure
    grace: Figure
    memory: Figure | None
    pool: PoolFigures | None = None
    body: int | None = None
    form: int | None = None
    believes: str | None = None


class WebFigures(Struct, frozen=True, kw_only=True):
    """nginx.

    Attributes:
        patience: how long it waits for the app's answer.
        idle: how long it keeps an idle connection to the app, None where it keeps none.
        body: the largest body that it lets through, 0 for any.
    """

    patience: Figure
    idle: Figure | None
    body: Figure


class DatabaseFigures(Struct, frozen=True, kw_only=True):
    """The database's container.

    Attributes:
        kind: which database.
        connections: the most it accepts.
        memory: the container's limit, None for none.
        buffers: what it keeps in memory of its data; None where that follows from nothing pack knows.
        packet: the largest statement that it takes, in bytes; None for no limit.
    """

    kind: Literal["mysql", "postgresql"]
    connections: Figure
    memory: Figure | None
    buffers: Figure | None = None
    packet: Figure | None = None


class StackFigures(Struct, frozen=True, kw_only=True):
    """All of them.

    Attributes:
        background: processes of the background worker, with a connection each; None where there is none, or nobody
            knows: Celery starts one for each processor of the engine's machine.
        limits: the memory limit of each service, all its containers together; a service without one is not there.
        machine: the memory of the machine that the engine runs on, None where it is not known.
    """

    app: AppFigures
    web: WebFigures
    database: DatabaseFigures | None = None
    background: int | None = None
    limits: tuple[tuple[str, float], ...] = ()
    machine: float | None = None
