"""Rule: the backing services of a stack, each with what proves that it can be used."""

from __future__ import annotations

from packer.plan.settings import Settings
from packer.plan.stack_model import BackingService

__all__ = ["DATABASE_HOST", "DATABASE_MEMORY", "REDIS_HOST", "database", "is_mariadb", "redis"]

DATABASE_HOST = "database"
REDIS_HOST = "redis"
DATABASE_MEMORY = 1024
"""MiB. Half of it is MySQL's buffer pool."""

_MYSQL_IMAGE = "mysql:8.4"
_POSTGRESQL_IMAGE = "postgres:17"
_REDIS_IMAGE = "redis:8"
_MYSQL_CONFIGURATION = ("deploy/mysql.cnf", "/etc/mysql/conf.d/app.cnf")
_PASSWORD = "/run/secrets/database_password"  # noqa: S105 - a file's name
_ROOT_PASSWORD = "/run/secrets/database_root_password"  # noqa: S105


def is_mariadb(image: str) -> bool:
    """Whether an image is MariaDB's, whose programs and collations have other names."""
    return "mariadb" in image.rpartition("/")[2]


def database(kind: str, *, user: str, name: str, settings: Settings) -> BackingService:
    """The app's database, with an account of its own."""
    if kind == "mysql":
        return _mysql(settings.mysql.image or _MYSQL_IMAGE, user, name)
    return _postgresql(settings.postgresql.image or _POSTGRESQL_IMAGE, user, name)


def redis(settings: Settings) -> BackingService:
    """Redis, which keeps what it is told when it restarts."""
    return BackingService(
        name=REDIS_HOST,
        kind="redis",
        image=settings.redis.image or _REDIS_IMAGE,
        command=("redis-server", "--appendonly", "yes"),
        volume="/data",
        probe="redis-cli ping | grep -q PONG",
        memory=256,
        grace=30,
    )


def _mysql(image: str, user: str, name: str) -> BackingService:
    """MySQL. While it initialises, the image runs it without TCP, so only a query over TCP proves that it is ready."""
    client = "mariadb" if is_mariadb(image) else "mysql"
    ask = f'{client} --protocol=tcp --host=127.0.0.1 --user="$MYSQL_USER" --execute="SELECT 1" "$MYSQL_DATABASE"'
    return BackingService(
        name=DATABASE_HOST,
        kind="mysql",
        image=image,
        environment=(
            ("MYSQL_DATABASE", name),
            ("MYSQL_PASSWORD_FILE", _PASSWORD),
            ("MYSQL_ROOT_PASSWORD_FILE", _ROOT_PASSWORD),
            ("MYSQL_USER", user),
        ),
        secrets=("database_password", "database_root_password"),
        volume="/var/lib/mysql",
        configuration=_MYSQL_CONFIGURATION,
        probe=f'MYSQL_PWD="$(cat {_PASSWORD})" {ask}',
        memory=DATABASE_MEMORY,
        grace=60,
    )


def _postgresql(image: str, user: str, name: str) -> BackingService:
    return BackingService(
        name=DATABASE_HOST,
        kind="postgresql",
        image=image,
        environment=(("POSTGRES_DB", name), ("POSTGRES_PASSWORD_FILE", _PASSWORD), ("POSTGRES_USER", user)),
        secrets=("database_password",),
        volume="/var/lib/postgresql/data",
        probe='pg_isready --host=127.0.0.1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB"',
        memory=DATABASE_MEMORY,
        grace=60,
    )
