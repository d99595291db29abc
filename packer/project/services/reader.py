"""From drivers, URLs, extensions and variable names to the services, the primary database first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.environment.examples import ExampleVariable
from packer.project.model import DependencyFacts, EnvironmentVariable, Evidence, ServiceFact
from packer.project.services.drivers import DATABASES, DRIVERS, kind_of_scheme, kind_of_variable

__all__ = ["driver_services", "find_services"]

_URL_KEYS = ("SQLALCHEMY_DATABASE_URI", "DATABASE_URL", "DATABASE_URI", "DB_URL", "DB_URI", "SQLALCHEMY_DATABASE_URL")
_MAX_EVIDENCE = 4


class _Signs(Struct):
    """What speaks for one kind of service. A kind needs at least one sure sign."""

    weight: int = 0
    sure: bool = False
    driver: str | None = None
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, weight: int, evidence: Iterable[Evidence], *, sure: bool = True, driver: str | None = None) -> None:
        self.weight += weight
        self.sure = self.sure or sure
        self.driver = self.driver or driver
        for one in evidence:
            if len(self.evidence) < _MAX_EVIDENCE and one not in self.evidence:
                self.evidence.append(one)


def find_services(
    program: Program,
    configuration: Configuration,
    constants: Constants,
    *,
    dependencies: DependencyFacts,
    environment: Iterable[EnvironmentVariable],
    examples: Iterable[ExampleVariable],
) -> tuple[ServiceFact, ...]:
    """The services of an application: databases first, the one that it most likely keeps its own data in before all."""
    signs = _driver_signs(dependencies)
    for kind, driver_name, weight, evidence in _urls(program, configuration, constants):
        signs[kind].add(weight, (evidence,), driver=driver_name)
    for kind, evidence in _imports(program):
        signs[kind].add(1, (evidence,))
    for variable in environment:
        kind_named = kind_of_variable(variable.name)
        if kind_named is not None:
            signs[kind_named].add(1, variable.evidence, sure=kind_named in ("redis", "mysql", "postgresql", "mongodb"))
    for example in examples:
        found = kind_of_scheme(example.scheme) if example.scheme else None
        if found is not None:
            signs[found[0]].add(3, (example.evidence,), sure=False)
    return _ordered(signs, dependencies)


def driver_services(dependencies: DependencyFacts) -> tuple[ServiceFact, ...]:
    """The services that the drivers among the direct requirements speak for."""
    return _ordered(_driver_signs(dependencies), dependencies)


def _driver_signs(dependencies: DependencyFacts) -> dict[str, _Signs]:
    signs: dict[str, _Signs] = defaultdict(_Signs)
    for requirement in dependencies.direct:
        driver = DRIVERS.get(requirement.name)
        if driver is not None:
            signs[driver.kind].add(2, requirement.evidence, sure=driver.sure, driver=driver.name)
    return signs


def _ordered(signs: dict[str, _Signs], dependencies: DependencyFacts) -> tuple[ServiceFact, ...]:
    installed = {requirement.name for requirement in dependencies.direct} | {name for name, _ in dependencies.locked}
    kinds = [kind for kind, found in signs.items() if found.sure]
    kinds.sort(key=lambda kind: _place(kind, signs[kind]))
    return tuple(
        ServiceFact(
            kind=kind,
            driver=signs[kind].driver or _installed_driver(kind, installed),
            evidence=tuple(signs[kind].evidence),
        )
        for kind in kinds
    )


def _place(kind: str, found: _Signs) -> tuple[int, int, int, str]:
    """SQLite beside a server database is what development or the tests use."""
    if kind not in DATABASES:
        return 2, 0, 0, kind
    return int(kind == "sqlite"), -found.weight, DATABASES.index(kind), kind


def _installed_driver(kind: str, installed: set[str]) -> str | None:
    if kind == "sqlite":
        return "sqlite3"
    return next((name for name in sorted(installed) if name in DRIVERS and DRIVERS[name].kind == kind), None)


def _urls(
    program: Program, configuration: Configuration, constants: Constants
) -> Iterator[tuple[str, str | None, int, Evidence]]:
    """Service URLs in the code: of the database's setting, then anywhere."""
    for key in _URL_KEYS:
        for setting in configuration.settings(key):
            found = kind_of_scheme(constants.text(setting.value, setting.scope) or "")
            if found is not None:
                yield *found, 3, program.evidence(setting.scope, setting.value)
    for module in program.modules:
        for text in module.texts:
            found = kind_of_scheme(text.value)
            if found is not None:
                yield *found, 2, program.line(module.path, text.line)


def _imports(program: Program) -> Iterator[tuple[str, Evidence]]:
    for module in program.modules:
        for statement in module.imports:
            if statement.level == 0 and statement.module.partition(".")[0] == "sqlite3":
                yield "sqlite", program.line(module.path, statement.line)
                break
