"""Rule: the driver that an address in the code selects, where no requirement brings it."""

from __future__ import annotations

from collections.abc import Iterator

from packer.plan.supplement import Supplement
from packer.project.model import Project
from packer.regex import regex

__all__ = ["missing_drivers"]

_ADDRESS = regex(r"\b(?P<dialect>mysql|mariadb|postgres|postgresql)(?:\+(?P<driver>[a-z0-9_]+))?://")
_KINDS = {"mysql": "mysql", "mariadb": "mysql", "postgres": "postgresql", "postgresql": "postgresql"}
_USERS = frozenset({"databases", "dataset", "flask-appbuilder", "flask-sqlalchemy", "sqlalchemy", "sqlmodel"})
"""Distributions that choose a driver by the address."""

_MYSQLDB = ("mysqlclient", frozenset({"flask-mysqldb", "mysql-python", "mysqlclient"}))
_PSYCOPG2 = ("psycopg2-binary", frozenset({"psycopg2", "psycopg2-binary"}))
_PROVIDERS = {
    ("mysql", ""): ("mysqlclient", _MYSQLDB[1] | {"pymysql"}),  # pymysql can stand in for it
    ("mysql", "mysqlconnector"): ("mysql-connector-python", frozenset({"mysql-connector", "mysql-connector-python"})),
    ("mysql", "mysqldb"): _MYSQLDB,
    ("mysql", "pymysql"): ("pymysql", frozenset({"flask-mysql", "pymysql"})),
    ("postgresql", ""): _PSYCOPG2,
    ("postgresql", "asyncpg"): ("asyncpg", frozenset({"asyncpg"})),
    ("postgresql", "pg8000"): ("pg8000", frozenset({"pg8000"})),
    ("postgresql", "psycopg"): ("psycopg[binary]", frozenset({"psycopg", "psycopg-binary"})),
    ("postgresql", "psycopg2"): _PSYCOPG2,
}
"""By the two halves of an address's scheme: what to add, and what has it already."""


def missing_drivers(project: Project, names: frozenset[str]) -> Iterator[Supplement]:
    """The drivers to add; `names` are the distributions that are sure to be installed.

    Only an address in the code itself counts: one in an example of an environment is a choice that nobody made yet.
    """
    if not names & _USERS:
        return
    for service in project.services:
        for line in service.evidence:
            found = _ADDRESS.search(line.excerpt) if line.path.endswith(".py") else None
            wanted = _PROVIDERS.get((_KINDS[found["dialect"]], found["driver"] or "")) if found else None
            if found and wanted and not names & wanted[1]:
                yield wanted[0], f"an address in the code selects it: {found[0]}…", (line,)
                break
