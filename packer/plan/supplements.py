"""What an application needs to serve and to reach its database, and no requirement names."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import Requirement

from packer.plan.drivers import missing_drivers
from packer.plan.supplement import Supplement
from packer.project.model import DependencyFacts, Evidence, Project
from packer.regex import regex

__all__ = ["present_names", "supplements"]

GUNICORN = "gunicorn>=23"
GEVENT = "gevent>=24.10.1"
"""The first gevent that today's gunicorn accepts for its gevent worker."""
SETUPTOOLS = "setuptools<81"
_PYTHON_WITHOUT_SETUPTOOLS = 12
"""The first minor version whose fresh environments have no setuptools."""
_BARE = {"uv", "pdm", "pylock"}
"""Managers whose environments never had it."""

_MYSQL_BY_PASSWORD = {"aiomysql", "asyncmy", "flask-mysql", "pymysql"}
"""Pure drivers of MySQL that leave its default authentication to the cryptography distribution."""


_LEFT_LANGCHAIN = regex(
    r"langchain\.(?:(?:document_loaders|llms|utilities|vectorstores)\b|(?:chat_models|embeddings)\.(?:\w*[A-Z]|openai))"
)
"""What moved from langchain to langchain-community, and is still found by its old name where that is installed."""

_PSYCOPG_PARTS = frozenset({"binary", "c", "psycopg-binary", "psycopg-c"})
"""What gives psycopg its libpq: as extras, and as the distributions that these stand for."""


def present_names(facts: DependencyFacts) -> frozenset[str]:
    """Every distribution that is sure to be installed."""
    direct = {one.name for one in (*facts.direct, *facts.implied)}
    return frozenset(direct | {name for name, _ in facts.locked})


def supplements(project: Project, python: str) -> Iterator[Supplement]:
    """Requirements to add: a production server, its worker's library, the missing half of a driver or a validator.

    Pins on a `python`, X.Y, of the time when every environment had setuptools get that as well: what was released then
    imports pkg_resources without asking for it.
    """
    names = present_names(project.dependencies)
    yield from _server(project, names)
    drivers = tuple(missing_drivers(project, names))
    yield from drivers
    names |= {requirement.partition("[")[0] for requirement, *_ in drivers}
    if _MYSQL_BY_PASSWORD & names and "cryptography" not in names:
        driver = min(_MYSQL_BY_PASSWORD & names)
        yield (
            "cryptography",
            f"{driver} needs it for the authentication that MySQL 8 and later have by default",
            _evidence(project, driver),
        )
    if "langchain-community" not in names and any(map(_LEFT_LANGCHAIN.match, project.dependencies.imports)):
        yield "langchain-community", "langchain hands on what the code imports from it, and does not bring it", ()
    if _lacks_flask_for_connexion(project, names):
        yield "connexion[flask]", "connexion 3 alone has no Flask application", _evidence(project, "connexion")
    if _lacks_its_library(project.dependencies):
        yield (
            "psycopg[binary]",
            "psycopg alone looks for the system's libpq, by programs that an image has not; this part brings its own",
            _evidence(project, "psycopg"),
        )
    if _validates_addresses(project.dependencies) and "email-validator" not in names:
        yield "email-validator", "WTForms' Email validator fails without it", ()
    if any(name.partition(".")[0] == "pkg_resources" for name in project.dependencies.imports):
        yield SETUPTOOLS, "the code imports pkg_resources, which newer ones no longer carry", ()
    elif "setuptools" not in names and _counts_on_setuptools(project.dependencies, python):
        yield SETUPTOOLS, f"it was in every environment of Python {python}, and its distributions count on it", ()


def _counts_on_setuptools(facts: DependencyFacts, python: str) -> bool:
    pinned = bool(facts.locked) or any(one.pinned for one in facts.direct)
    return pinned and facts.manager not in _BARE and int(python.split(".")[1]) < _PYTHON_WITHOUT_SETUPTOOLS


def _server(project: Project, names: frozenset[str]) -> Iterator[Supplement]:
    best = project.app.best
    if "gunicorn" not in names:
        yield GUNICORN, "the project names no gunicorn, which serves the app in the image", ()
    if best and best.interface == "asgi":
        for name in ("uvicorn", "uvicorn-worker"):
            if name not in names:
                yield name, "an ASGI app is served by gunicorn's uvicorn worker", best.evidence
    worker = project.app.server.worker_class or ""
    if worker.startswith("gevent") and "gevent" not in names:
        yield GEVENT, f"the worker class {worker} needs it", project.app.server.evidence
    if worker.startswith("geventwebsocket") and "gevent-websocket" not in names:
        yield "gevent-websocket", f"the worker class {worker} needs it", project.app.server.evidence


def _lacks_flask_for_connexion(project: Project, names: frozenset[str]) -> bool:
    best = project.app.best
    serves_flask = best is not None and (best.framework, best.interface) == ("flask", "asgi")
    return serves_flask and "connexion" in names and not {"a2wsgi", "flask"} <= names


def _lacks_its_library(facts: DependencyFacts) -> bool:
    names = present_names(facts)
    return "psycopg" in names and not _PSYCOPG_PARTS & (names | _extras(facts, "psycopg"))


def _extras(facts: DependencyFacts, name: str) -> frozenset[str]:
    """What the project asks for beside a distribution, `binary` of `psycopg[binary]`."""
    return frozenset().union(*(Requirement(one.text).extras for one in facts.direct if one.name == name))


def _evidence(project: Project, name: str) -> tuple[Evidence, ...]:
    return next((one.evidence for one in project.dependencies.direct if one.name == name), ())


def _validates_addresses(facts: DependencyFacts) -> bool:
    wanted = {"wtforms.validators", "wtforms.validators.Email", "wtforms.validators.*", "wtforms.validators.email"}
    return not wanted.isdisjoint(facts.imports)
