"""Which distribution, URL scheme and variable name speaks to which kind of service."""

from __future__ import annotations

from types import MappingProxyType

from msgspec import Struct

from packer.regex import regex

__all__ = ["DATABASES", "DRIVERS", "Driver", "kind_of_scheme", "kind_of_variable"]

DATABASES = ("mysql", "postgresql", "mssql", "oracle", "mongodb", "sqlite")
"""Kinds that may be an application's primary store, in the order that decides between equals."""


class Driver(Struct, frozen=True):
    """What a distribution speaks to.

    `name` is the distribution that does the talking when the one at hand only wraps it; `sure` is False where having
    it installed does not mean that the service is used (Flask-Caching can cache in memory).
    """

    kind: str
    name: str
    sure: bool = True


def _same(kind: str, *names: str) -> dict[str, Driver]:
    return {name: Driver(kind, name) for name in names}


DRIVERS = MappingProxyType(
    {
        **_same("mysql", "pymysql", "mysqlclient", "mysql-connector-python", "mysql-connector", "asyncmy", "aiomysql"),
        **_same("mysql", "mariadb", "mysql-connector-python-rf"),
        "flask-mysqldb": Driver("mysql", "mysqlclient"),
        "flask-mysql": Driver("mysql", "pymysql"),
        "flask-mysql-connector": Driver("mysql", "mysql-connector-python"),
        "mysql-python": Driver("mysql", "mysqlclient"),
        **_same("postgresql", "psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000", "aiopg"),
        "psycopg-c": Driver("postgresql", "psycopg"),
        "psycopg-pool": Driver("postgresql", "psycopg"),
        "records": Driver("postgresql", "psycopg2", sure=False),
        **_same("mssql", "pymssql"),
        "pyodbc": Driver("mssql", "pyodbc", sure=False),
        **_same("oracle", "oracledb", "cx-oracle"),
        **_same("mongodb", "pymongo", "motor"),
        "mongoengine": Driver("mongodb", "pymongo"),
        "flask-pymongo": Driver("mongodb", "pymongo"),
        "flask-mongoengine": Driver("mongodb", "pymongo"),
        "pymodm": Driver("mongodb", "pymongo"),
        "aiosqlite": Driver("sqlite", "aiosqlite"),
        **_same("redis", "redis", "hiredis", "valkey"),
        **dict.fromkeys(("flask-redis", "flask-redis-sentinel", "rq", "flask-rq"), Driver("redis", "redis")),
        **dict.fromkeys(("aioredis", "flask-rq2", "redis-om", "walrus"), Driver("redis", "redis")),
        **_same("celery", "celery"),
        "flask-celery-helper": Driver("celery", "celery"),
        **_same("elasticsearch", "elasticsearch", "elasticsearch-dsl", "opensearch-py"),
        **_same("memcached", "pymemcache", "pylibmc", "python-memcached", "python-binary-memcached"),
        **_same("rabbitmq", "pika", "aio-pika", "librabbitmq"),
        "amqp": Driver("rabbitmq", "amqp", sure=False),
        **_same("kafka", "kafka-python", "confluent-kafka", "aiokafka"),
        **_same("neo4j", "neo4j", "py2neo", "neomodel"),
        **_same("cassandra", "cassandra-driver"),
        **_same("influxdb", "influxdb", "influxdb-client"),
        **_same("minio", "minio"),
    }
)  # fmt: skip
"""By normalised distribution name."""

_SCHEMES = MappingProxyType(
    {
        "mysql": "mysql", "mariadb": "mysql", "postgres": "postgresql", "postgresql": "postgresql",
        "cockroachdb": "postgresql", "sqlite": "sqlite", "mssql": "mssql", "oracle": "oracle", "mongodb": "mongodb",
        "redis": "redis", "rediss": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq",
        "memcached": "memcached",
    }
)  # fmt: skip
_SCHEME = regex(r"(?P<dialect>[a-z]+)(?:\+(?P<driver>[a-z0-9_]+))?:/{2,4}")
_DRIVERLESS = regex(r"(?P<dialect>[a-z]+)\+(?P<driver>[a-z0-9_]+)")
_DJANGO = "django.db.backends."
_KINDS_OF_DJANGO: MappingProxyType[str, tuple[str, str | None]] = MappingProxyType(
    {
        "mysql": ("mysql", None),
        "oracle": ("oracle", None),
        "postgresql": ("postgresql", None),
        "postgresql_psycopg2": ("postgresql", None),
        "sqlite3": ("sqlite", None),
    }
)
_DISTRIBUTIONS = MappingProxyType(
    {
        "mysqldb": "mysqlclient",
        "mysqlconnector": "mysql-connector-python",
        "mariadbconnector": "mariadb",
        "srv": "pymongo",
    }
)
_MAX_NAME = 120
_VARIABLES = (
    (regex(r"(.*_)?(MYSQL|MARIADB)(_.+|)"), "mysql"),
    (regex(r"(.*_)?(POSTGRES|POSTGRESQL|PG(HOST|USER|PASSWORD|DATABASE))(_.+|)"), "postgresql"),
    (regex(r"(.*_)?(MONGO|MONGODB)(_.+|)"), "mongodb"),
    (regex(r"(.*_)?REDIS(_.+|)"), "redis"),
    (regex(r"(.*_)?(RABBITMQ|AMQP)(_.+|)"), "rabbitmq"),
    (regex(r"(.*_)?(ELASTICSEARCH|ELASTIC)(_.+|)"), "elasticsearch"),
    (regex(r"(.*_)?MEMCACHED?(_.+|)"), "memcached"),
)


def kind_of_scheme(text: str) -> tuple[str, str | None] | None:
    """The kind of service that a URL or Django's name of an engine means, and the driver's distribution if it says so.

    >>> kind_of_scheme("mysql+pymysql://user@db/app")
    ('mysql', 'pymysql')
    >>> kind_of_scheme("https://example.com") is None
    True
    """
    if text.startswith(_DJANGO):
        return _KINDS_OF_DJANGO.get(text.removeprefix(_DJANGO))
    found = _SCHEME.match(text) or _DRIVERLESS.fullmatch(text)
    kind = _SCHEMES.get(found["dialect"]) if found else None
    if found is None or kind is None:
        return None
    driver = found["driver"]
    return kind, _DISTRIBUTIONS.get(driver, driver) if driver else None


def kind_of_variable(name: str) -> str | None:
    """The kind of service that an environment variable is about, going by its name.

    >>> kind_of_variable("APP_MYSQL_HOST"), kind_of_variable("PGHOST"), kind_of_variable("PREDISPOSED")
    ('mysql', 'postgresql', None)
    """
    if len(name) > _MAX_NAME:
        return None
    return next((kind for pattern, kind in _VARIABLES if pattern.fullmatch(name)), None)
