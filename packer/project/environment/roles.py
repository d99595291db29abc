"""What a variable is for, going by its name and by what its value is used as."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["is_secret", "role_of"]

_SECRET_ROLES = frozenset({"secret-key", "database-password", "mail-password", "password", "token"})
_CREDENTIALS = regex(r"://[^/@\s]*:[^/@\s]*@")

_MAX_NAME = 120
_USES = {
    "SECRET_KEY": "secret-key",
    "SQLALCHEMY_DATABASE_URI": "database-url",
    "CELERY_BROKER_URL": "celery-broker",
    "BROKER_URL": "celery-broker",
    "CELERY_RESULT_BACKEND": "celery-backend",
    "MYSQL_HOST": "database-host",
    "MYSQL_DATABASE_HOST": "database-host",
    "MYSQL_USER": "database-user",
    "MYSQL_DATABASE_USER": "database-user",
    "MYSQL_PASSWORD": "database-password",
    "MYSQL_DATABASE_PASSWORD": "database-password",
    "MYSQL_DB": "database-name",
    "MYSQL_DATABASE_DB": "database-name",
    "MYSQL_PORT": "database-port",
    "MYSQL_DATABASE_PORT": "database-port",
    "REDIS_URL": "redis-url",
    "CACHE_REDIS_URL": "redis-url",
    "RATELIMIT_STORAGE_URI": "redis-url",
    "MONGO_URI": "mongodb-url",
}
"""Configuration keys that give a variable its role."""

_DATABASE = r"(.*_)?(DB|DATABASE|MYSQL|MARIADB|POSTGRES|POSTGRESQL|PG|RDS|SQL|SQLALCHEMY)"
_NAMES = tuple(
    (regex(pattern), role)
    for pattern, role in (
        (r"(.*_)?(SECRET_?KEY|APP_SECRET|SESSION_SECRET|SIGNING_KEY|FLASK_SECRET|CSRF_SECRET_KEY)", "secret-key"),
        (r"(.*_)?(MAIL|SMTP|EMAIL)(_.+)?_(PASSWORD|PASS)", "mail-password"),
        (r"(.*_)?(MAIL|SMTP|EMAIL)(_.*)?", "mail"),
        (r"(.*_)?CELERY_(RESULT_)?BACKEND(_UR[LI])?|RESULT_BACKEND", "celery-backend"),
        (r"(.*_)?(CELERY_BROKER(_UR[LI])?|BROKER_UR[LI]|CLOUDAMQP_URL|AMQP_URL|RABBITMQ_URL)", "celery-broker"),
        (r"(.*_)?REDIS(TOGO|CLOUD)?_?(TLS_)?UR[LI]", "redis-url"),
        (r"(.*_)?REDIS_?HOST(NAME)?", "redis-host"),
        (r"(.*_)?REDIS_?PORT", "redis-port"),
        (r"(.*_)?REDIS_?(PASSWORD|PASS|AUTH)", "password"),
        (r"(.*_)?MONGO(DB)?(_.*)?_?(UR[LI]|DSN)", "mongodb-url"),
        (rf"{_DATABASE}(_DATABASE)?_?(UR[LI]|DSN|CONNECTION_STRING|CONN_STR)|JAWSDB_URL", "database-url"),
        (rf"{_DATABASE}_?(HOST|HOSTNAME|SERVER|ADDRESS|ENDPOINT)|(DB|DATABASE)HOST", "database-host"),
        (rf"{_DATABASE}_?PORT", "database-port"),
        (rf"{_DATABASE}_?(USER|USERNAME|UNAME|LOGIN)", "database-user"),
        (rf"{_DATABASE}(_.*)?_?(PASSWORD|PASS|PASSWD|PWD|PW)", "database-password"),
        (rf"{_DATABASE}_?(NAME|DB|DATABASE|SCHEMA)|DBNAME", "database-name"),
        (r"PORT", "port"),
        (r"(.*_)?DEBUG", "debug"),
        (r"FLASK_ENV|APP_ENV|ENVIRONMENT|ENV|FLASK_CONFIG|APP_SETTINGS|CONFIG_NAME|CONFIG_TYPE", "mode"),
        (r"(.*_)?LOG_?LEVEL", "log-level"),
        (r"(.*_)?(WEB_CONCURRENCY|WORKERS)", "workers"),
        (r"(.*_)?(SENTRY_DSN)", "error-reporting"),
        (r"(.*_)?(PASSWORD|PASSWD|PASS|PWD)", "password"),
        (r"(.*_)?(TOKEN|API_?KEY|ACCESS_KEY(_ID)?|SECRET(_ACCESS_KEY)?|CLIENT_SECRET|PRIVATE_KEY|AUTH_KEY)", "token"),
        (r"(.*_)?(WEBHOOK_URL|ACCOUNT_SID|SALT|CREDENTIALS)", "token"),
    )
)  # fmt: skip


def role_of(name: str, used_as: str | None = None) -> str | None:
    """The role of a variable; `used_as` is the configuration key that gets its value.

    >>> role_of("DATABASE_URL"), role_of("MYSQL_PWD"), role_of("GREETING")
    ('database-url', 'database-password', None)
    >>> role_of("SECRET_KEY_FILE")
    'secret-key-file'
    >>> role_of("WHERE", "SQLALCHEMY_DATABASE_URI")
    'database-url'
    """
    if used_as in _USES:
        return _USES[used_as]
    if len(name) > _MAX_NAME:
        return None
    base = name.removesuffix("_FILE")
    role = next((role for pattern, role in _NAMES if pattern.fullmatch(base)), None)
    return f"{role}-file" if role is not None and base != name else role


def is_secret(role: str | None, value: str) -> bool:
    """Whether a value must not be shown: by what its variable is for, or because it is a URL with a password.

    >>> is_secret("database-url", "mysql://root:hunter2@db/app"), is_secret("database-url", "sqlite:///app.db")
    (True, False)
    """
    return bool(value) and (role in _SECRET_ROLES or _CREDENTIALS.search(value) is not None)
