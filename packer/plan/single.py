"""Rule: everything in one container, where the settings ask for it."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from packer.errors import PlanError
from packer.plan.driver_schemes import DRIVER_SCHEMES
from packer.plan.health import health_check
from packer.plan.model import (
    STATE_ROOT,
    VENV,
    DatabasePlan,
    DebianBase,
    Plan,
    SinglePlan,
    SuppliedVariable,
    Volume,
)
from packer.project.model import Caution, Decision, EnvironmentVariable, Project
from packer.regex import regex

__all__ = ["single_layout"]

_START = "/usr/lib/pack/start.py"
_PACKAGES = ("nginx", "s6")
_DATABASE_PACKAGES = ("mariadb-server-core",)
_SUPPLIED = MappingProxyType(
    {
        "database-url": "url",
        "database-host": "host",
        "database-port": "port",
        "database-user": "user",
        "database-password": "password",
        "database-name": "name",
        "secret-key": "secret",
    }
)
"""What a variable of each role is given."""
_OWN_SCHEME = regex(r"((?:mysql|mariadb)(?:\+[a-z]+)?)://.*")
_NAME = regex(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_FIRST_START = 90
"""Seconds in which a database is made and the migrations run, before a health check may count as failed."""


def single_layout(plan: Plan, project: Project) -> Plan:
    """The plan of one image that holds the app, nginx in front of it, and the database that it needs, supervised.

    Raises `PlanError` for a base that packages cannot be added to.
    """
    if not isinstance(plan.base, DebianBase):
        raise PlanError(
            "the layout `single` adds nginx and a database to the base, which must be made of Debian packages",
            where="layout",
            hint='set base = "debian", or leave `layout` out and let `pack up` run one container for each',
        )
    database = _database(project)
    packages = {*plan.base.packages, *_PACKAGES, *(_DATABASE_PACKAGES if database else ())}
    variables = tuple(_supplied(project, database=database is not None))
    single = SinglePlan(
        server=(*plan.runtime.entrypoint, *plan.runtime.command),
        app_port=plan.runtime.port,
        database=database,
        variables=variables,
        migrate=_migrate(plan),
    )
    health = health_check(plan.runtime.health.path, plan.web.port, settable=False)
    return replace(
        plan,
        base=replace(plan.base, packages=tuple(sorted(packages))),
        web=replace(plan.web, upstream=f"127.0.0.1:{plan.runtime.port}"),
        source=replace(plan.source, volumes=_volumes(plan)),
        runtime=replace(
            plan.runtime,
            entrypoint=(str(VENV / "bin" / "python"), "-I", _START),
            command=(),
            port=plan.web.port,
            health=replace(health, start_period=_FIRST_START),
        ),
        single=single,
        decisions=(*plan.decisions, *_decisions(database)),
        cautions=(*plan.cautions, *_cautions(database, variables)),
    )


def _database(project: Project) -> DatabasePlan | None:
    """A database for an app that talks to MySQL, called what the app itself would call it."""
    services = [service for service in project.services if service.kind == "mysql"]
    if not services:
        return None
    driver = next((service.driver for service in services if service.driver), None)
    return DatabasePlan(
        name=_default(project, "database-name", "app"),
        user=_default(project, "database-user", "app"),
        scheme=_scheme(project, driver),
    )


def _scheme(project: Project, driver: str | None) -> str:
    for variable in project.environment:
        found = _OWN_SCHEME.fullmatch(variable.default or "") if variable.role == "database-url" else None
        if found:
            return found[1]
    return DRIVER_SCHEMES.get(driver or "", "mysql+pymysql")


def _default(project: Project, role: str, otherwise: str) -> str:
    """The app's own default for a name; root is nobody that an app should be."""
    defaults = (variable.default or "" for variable in project.environment if variable.role == role)
    return next((text for text in defaults if _NAME.fullmatch(text) and text != "root"), otherwise)


def _supplied(project: Project, *, database: bool) -> list[SuppliedVariable]:
    supplied = (_supply(variable) for variable in project.environment)
    return [one for one in supplied if one is not None and (database or one.value == "secret")]


def _supply(variable: EnvironmentVariable) -> SuppliedVariable | None:
    value = _SUPPLIED.get(variable.role or "")
    return SuppliedVariable(name=variable.name, value=value) if value else None  # type: ignore[arg-type] # of the table


def _migrate(plan: Plan) -> tuple[str, ...]:
    python = (str(VENV / "bin" / "python"), "-m")
    if plan.migrations is None:
        return ()
    if plan.migrations.tool == "flask-migrate":
        return (*python, "flask", "db", "upgrade", "--directory", f"/app/{plan.migrations.path}")
    return (*python, "alembic", "upgrade", "head")


def _volumes(plan: Plan) -> tuple[Volume, ...]:
    return tuple(sorted((*plan.source.volumes, Volume(path=str(STATE_ROOT))), key=lambda volume: volume.path))


def _decisions(database: DatabasePlan | None) -> tuple[Decision, ...]:
    inside = "the app, nginx and MariaDB" if database else "the app and nginx"
    return (
        Decision(
            subject="image.layout",
            choice="single",
            reason=f"the settings ask for one container, which holds {inside}",
            override="layout",
        ),
    )


def _cautions(database: DatabasePlan | None, variables: tuple[SuppliedVariable, ...]) -> tuple[Caution, ...]:
    if database is None or any(one.value in ("url", "host", "password") for one in variables):
        return ()
    return (
        Caution(
            what="the app reads no variable that says where its database is",
            hint=f"it must look at 127.0.0.1:3306, for the database {database.name!r}, and read the password from one",
        ),
    )
