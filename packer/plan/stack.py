"""Rule: the stack around the app: web server, backing services, migrations, workers, and what each is told.

The app is told where its services are under the variable names that it reads, going by their roles. A secret reaches it
as `NAME_FILE`, the path of a file that only the stack knows.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from msgspec import Struct

from packer.plan.driver_schemes import DRIVER_SCHEMES
from packer.plan.model import APP_ROOT, Plan
from packer.plan.settings import Settings
from packer.plan.stack_model import AppSecret, BackingService, SecretPlan, StackPlan
from packer.plan.stack_name import stack_name
from packer.plan.stack_services import DATABASE_HOST, REDIS_HOST, database, redis
from packer.project.model import Caution, EnvironmentVariable, MigrationFacts, ServiceFact
from packer.regex import regex

__all__ = ["plan_stack"]

_DATABASES = ("mysql", "postgresql")
_DATABASE_PORTS = {"mysql": 3306, "postgresql": 5432}
_QUERIES = {"mysql": "?charset=utf8mb4"}
_SECRET_ROLES = frozenset({"token", "password", "mail-password"})
_REDIS_NUMBERS = {"redis-url": 0, "celery-broker": 1, "celery-backend": 2}
_UNSAFE = regex(r"[^a-z0-9_]+")
_LONGEST_NAME = 32
_FILE = "_FILE"
_OWN_SECRETS = "/etc/app-secrets"
"""Where the app finds the secrets that it reads from files itself: pack's module leaves that folder alone."""


class _Account(Struct, frozen=True):
    """What the app calls itself in its database."""

    user: str
    name: str


def plan_stack(plan: Plan, environment: Iterable[EnvironmentVariable], settings: Settings) -> StackPlan:
    """The stack for a plan.

    Args:
        plan: the image.
        environment: the variables that the app reads.
        settings: the user's wishes.
    """
    variables = tuple(one for one in environment if one.name not in dict(plan.runtime.environment))
    facts = {service.kind: service for service in plan.services}
    kind = next((kind for kind in _DATABASES if kind in facts), None)
    services: list[BackingService] = []
    settled = _Told(variables)
    account = _account(variables, plan.name)
    if kind:
        services.append(database(kind, user=account.user, name=account.name, settings=settings))
        settled.database(kind, facts[kind], account)
    if "redis" in facts:
        services.append(redis(settings))
        settled.redis()
    settled.keys()
    settled.rest()
    return StackPlan(
        name=stack_name(plan.name),
        image=settings.image or plan.name,
        app_port=plan.runtime.port,
        web_port=plan.web.port,
        environment=tuple(sorted({**settled.plain, "FORWARDED_ALLOW_IPS": "*"}.items())),
        wanted=tuple(sorted(settled.wanted)),
        app_secrets=tuple(sorted(settled.uses, key=lambda use: use.variable)),
        secrets=_secrets(settled.secrets, services),
        volumes=tuple((_volume_name(volume.path), volume.path) for volume in plan.source.volumes),
        services=tuple(services),
        migrate=_migration(plan.migrations) if kind and plan.migrations else None,
        worker=("celery", "--app", plan.celery, "worker", "--loglevel", "INFO") if plan.celery else None,
        rebuilt=plan.dependencies.files,
        cautions=(*settled.cautions, *_unserved(facts)),
    )


class _Told:
    """What the app is told, as it is gathered."""

    def __init__(self, variables: tuple[EnvironmentVariable, ...]) -> None:
        self._variables = variables
        self._names = {one.name for one in variables}
        self.plain: dict[str, str] = {}
        self.wanted: list[str] = []
        self.uses: list[AppSecret] = []
        self.secrets: dict[str, SecretPlan] = {}
        self.cautions: list[Caution] = []

    def database(self, kind: str, service: ServiceFact, account: _Account) -> None:
        """The database's parts, where the app reads them; its URL, which holds the password, otherwise."""
        password = SecretPlan(name="database_password", kind="password")
        parts = {
            "database-host": DATABASE_HOST,
            "database-port": str(_DATABASE_PORTS[kind]),
            "database-user": account.user,
            "database-name": account.name,
        }
        if self._with("database-host") and self._with("database-password"):
            for role, value in parts.items():
                self.plain |= {one.name: value for one in self._with(role)}
            self._hand_over("database-password", password)
        elif self._with("database-url"):
            scheme = DRIVER_SCHEMES.get(service.driver or "", kind)
            place = f"{DATABASE_HOST}:{_DATABASE_PORTS[kind]}/{account.name}{_QUERIES.get(kind, '')}"
            address = f"{scheme}://{account.user}:{{database_password}}@{place}"
            self._hand_over("database-url", SecretPlan(name="database_url", kind="address", address=address))
        else:
            self.cautions.append(
                Caution(
                    what=f"the app reads no variable that says where its {kind} is, so the stack cannot tell it",
                    hint="read DATABASE_URL in the code, or set what it needs in compose.yaml",
                    evidence=service.evidence[:1],
                )
            )

    def redis(self) -> None:
        for role, number in _REDIS_NUMBERS.items():
            self.plain |= {one.name: f"redis://{REDIS_HOST}:6379/{number}" for one in self._with(role)}
        self.plain |= {one.name: REDIS_HOST for one in self._with("redis-host")}
        self.plain |= {one.name: "6379" for one in self._with("redis-port")}

    def keys(self) -> None:
        """Keys that sign sessions: nobody has to know them, but every process needs the same."""
        for one in self._with("secret-key"):
            self._use(one.name, SecretPlan(name=one.name.lower(), kind="key"))

    def rest(self) -> None:
        """Whatever else the app cannot do without: its user has to say it."""
        told = {*self.plain, *(use.variable.removesuffix(_FILE) for use in self.uses)}
        for one in self._variables:
            base = one.name.removesuffix(_FILE)
            if not one.required or {one.name, base} & told:
                continue
            if one.role in _SECRET_ROLES:
                self._use(one.name, SecretPlan(name=one.name.lower(), kind="given"))
            elif one.example is not None or one.default is not None:
                self.plain[one.name] = one.example if one.example is not None else one.default or ""
            else:
                self.wanted.append(one.name)

    def _with(self, role: str) -> list[EnvironmentVariable]:
        """The variables of a role; one that names a file only where the app knows no other."""
        direct = [one for one in self._variables if one.role == role]
        files = [one for one in self._variables if one.role == f"{role}-file"]
        return direct + [one for one in files if one.name.removesuffix(_FILE) not in self._names]

    def _hand_over(self, role: str, secret: SecretPlan) -> None:
        for one in self._with(role):
            self._use(one.name, secret)

    def _use(self, variable: str, secret: SecretPlan) -> None:
        self.secrets[secret.name] = secret
        if variable.endswith(_FILE):  # the app itself reads the file
            self.uses.append(AppSecret(variable=variable, secret=secret.name, target=f"{_OWN_SECRETS}/{secret.name}"))
        else:
            self.uses.append(AppSecret(variable=variable + _FILE, secret=secret.name))


def _secrets(own: dict[str, SecretPlan], services: Iterable[BackingService]) -> tuple[SecretPlan, ...]:
    """Every secret of the stack, sorted: the app's, and passwords that services alone know."""
    named = {name for service in services for name in service.secrets}
    found = {**{name: SecretPlan(name=name, kind="password") for name in named}, **own}
    return tuple(found[name] for name in sorted(found))


def _account(variables: Iterable[EnvironmentVariable], project: str) -> _Account:
    """User and database as the app's own defaults have them, so that what it hard-codes fits."""
    defaults = {one.role: one.default for one in variables if one.default and one.role}
    fallback = _identifier(project)
    user, name = defaults.get("database-user"), defaults.get("database-name")
    user = _identifier(user) if user and user not in ("root", "postgres") else None
    return _Account(user or _identifier(name or fallback), _identifier(name or user or fallback))


def _identifier(text: str) -> str:
    """A name that MySQL and PostgreSQL take without quotes.

    >>> _identifier("My Shop.2"), _identifier("3d")
    ('my_shop_2', 'app_3d')
    """
    found = _UNSAFE.sub("_", text.lower()).strip("_") or "app"
    return (found if found[0].isalpha() else f"app_{found}")[:_LONGEST_NAME]


def _volume_name(path: str) -> str:
    return _UNSAFE.sub("-", path.lower()).strip("-_") or "data"


def _migration(facts: MigrationFacts) -> tuple[str, ...]:
    """The command that brings the database up to date, for the image's entrypoint."""
    if facts.tool == "alembic":
        return ("alembic", "upgrade", "head")
    own_folder = () if facts.path == "migrations" else ("--directory", posixpath.join(str(APP_ROOT), facts.path))
    return ("flask", "db", "upgrade", *own_folder)


def _unserved(facts: dict[str, ServiceFact]) -> Iterable[Caution]:
    """Services that the app uses, and that pack knows no image for."""
    for kind in sorted(facts.keys() - {"mysql", "postgresql", "redis", "sqlite", "celery"}):
        yield Caution(
            what=f"the app talks to {kind}, which the stack does not run",
            hint="add the service to compose.yaml, and tell the app where it is",
            evidence=facts[kind].evidence[:1],
        )
