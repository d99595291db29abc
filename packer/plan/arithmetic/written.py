"""The figures of a stack whose owner has files of their own."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from packer.plan.arithmetic.compose_document import ComposeService
from packer.plan.arithmetic.figures import AppFigures, Figure, StackFigures
from packer.plan.arithmetic.gunicorn_text import gunicorn_numbers
from packer.plan.arithmetic.mysql_text import mysql_figures
from packer.plan.arithmetic.nginx_text import web_figures
from packer.plan.arithmetic.planned import CPUS, workers_for

__all__ = ["WrittenFile", "WrittenFiles", "written_figures"]

_APP = "app"
_DATABASE = "database"


class WrittenFile(Struct, frozen=True):
    """A file of the project's: its path and its text."""

    path: str
    text: str


class WrittenFiles(Struct, frozen=True, kw_only=True):
    """What there is; None and empty for what there is not.

    Attributes:
        compose: the services of the Compose file at `compose_path`.
        gunicorn: gunicorn.conf.py.
        nginx: nginx's files.
        mysql: MySQL's option file.
    """

    compose: tuple[ComposeService, ...] = ()
    compose_path: str = "compose.yaml"
    gunicorn: WrittenFile | None = None
    nginx: tuple[WrittenFile, ...] = ()
    mysql: WrittenFile | None = None


def written_figures(planned: StackFigures, files: WrittenFiles) -> StackFigures:
    """The planned figures with what the files say instead."""
    services = {one.name: one for one in files.compose}
    app = _composed(planned.app, services[_APP], files.compose_path) if _APP in services else planned.app
    environment = dict(services[_APP].environment) if _APP in services else {}
    cpus = services[_APP].cpus if _APP in services else CPUS
    database = planned.database
    if database and _DATABASE in services:
        memory = services[_DATABASE].memory
        database = replace(database, memory=_kept(database.memory, memory, files.compose_path) if memory else None)
    if database and files.mysql:
        database = mysql_figures(database, files.mysql.text, files.mysql.path)
    limits = tuple((one.name, one.memory * one.replicas) for one in files.compose if one.memory and one.stays)
    return replace(
        planned,
        app=_served(app, files.gunicorn, environment, cpus or CPUS, files.compose_path),
        web=web_figures(planned.web, ((file.path, file.text) for file in files.nginx)),
        database=database,
        limits=limits if files.compose else planned.limits,
    )


def _composed(planned: AppFigures, service: ComposeService, path: str) -> AppFigures:
    environment = dict(service.environment)
    return replace(
        planned,
        replicas=_kept(planned.replicas, service.replicas, path),
        memory=_kept(planned.memory, service.memory, path) if service.memory else None,
        grace=_kept(planned.grace, service.grace, path),
        believes=environment.get("FORWARDED_ALLOW_IPS"),
    )


def _served(
    app: AppFigures, file: WrittenFile | None, environment: dict[str, str], cpus: float, compose: str
) -> AppFigures:
    """The app's figures by gunicorn's file and the container's variables and limits."""
    numbers = gunicorn_numbers(file.text, environment) if file else {}
    source = file.path if file else compose

    def figure(planned: Figure, name: str, variable: str = "") -> Figure:
        stated = environment.get(variable, "")
        if stated.isdigit() and stated.isascii():
            return _kept(planned, float(stated), compose)
        return _kept(planned, numbers[name], source) if name in numbers else planned

    workers = app.workers
    if app.counted:
        workers = _kept(workers, workers_for(cpus, app.memory.value if app.memory else None), compose)
    stated = figure(workers, "workers", "WEB_CONCURRENCY")
    return replace(
        app,
        workers=stated,
        counted=app.counted and stated == workers,
        threads=figure(app.threads, "threads", "GUNICORN_THREADS") if app.threads else None,
        timeout=figure(app.timeout, "timeout", "GUNICORN_TIMEOUT"),
        graceful=figure(app.graceful, "graceful_timeout"),
        keepalive=figure(app.keepalive, "keepalive"),
    )


def _kept(planned: Figure | None, value: float, source: str) -> Figure:
    """The planned figure where the file says the same: only what somebody changed is shown with its file."""
    return planned if planned is not None and planned.value == value else Figure(value, source)
