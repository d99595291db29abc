"""Configuration from the environment.

Every variable may be given as a file instead: `SECRET_KEY_FILE=/run/secrets/secret_key` is how containers
hand over secrets. Nothing is required: without a variable the guest book starts and says what is missing.

    SECRET_KEY          signs sessions and forms; the same for all processes
    DATABASE_URL        any SQLAlchemy URL; or its parts, for MySQL:
    DATABASE_HOST, DATABASE_PORT, DATABASE_USER, DATABASE_PASSWORD, DATABASE_NAME
    TRUSTED_PROXIES     how many proxies stand in front and set X-Forwarded-*; 0 by default
    ENTRIES_PER_PAGE    10 by default
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

__all__ = ["ConfigurationError", "engine_options", "settings_from"]

MYSQL_POOL = {
    "pool_size": 4,
    "max_overflow": 2,
    "pool_pre_ping": True,  # MySQL ends idle connections; look before a request leaps
    "pool_recycle": 1800,
    "connect_args": {"connect_timeout": 5},
}


class ConfigurationError(Exception):
    """A variable has a value that the guest book cannot use."""


def settings_from(environ: Mapping[str, str], *, development: bool = False) -> tuple[dict[str, object], list[str]]:
    """Flask's configuration, and remarks worth a line in the log."""
    remarks: list[str] = []
    return {
        "SECRET_KEY": _secret_key(environ, remarks),
        "SQLALCHEMY_DATABASE_URI": _database_url(environ, remarks, development=development),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 64 * 1024,
        "TRUSTED_PROXIES": _number(environ, "TRUSTED_PROXIES", 0, low=0),
        "ENTRIES_PER_PAGE": _number(environ, "ENTRIES_PER_PAGE", 10, low=1),
    }, remarks


def engine_options(url: URL | str) -> dict[str, object]:
    """What the SQLAlchemy engine for `url` needs."""
    return MYSQL_POOL if make_url(url).get_backend_name() == "mysql" else {}


def _database_url(environ: Mapping[str, str], remarks: list[str], *, development: bool) -> URL:
    whole = _text(environ, "DATABASE_URL")
    if whole:
        return _parsed_url(whole)
    host = _text(environ, "DATABASE_HOST")
    if host is None and development:
        return make_url("sqlite:///guestbook.db")  # in Flask's instance folder
    if host is None:
        remarks.append("Neither DATABASE_URL nor DATABASE_HOST is set: trying MySQL on localhost.")
    return URL.create(
        "mysql+pymysql",
        username=_text(environ, "DATABASE_USER") or "guestbook",
        password=_text(environ, "DATABASE_PASSWORD"),
        host=host or "localhost",
        port=_number(environ, "DATABASE_PORT", 3306, low=1),
        database=_text(environ, "DATABASE_NAME") or "guestbook",
        query={"charset": "utf8mb4"},
    )


def _parsed_url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigurationError("DATABASE_URL is not a database URL.") from error  # its text may hold a password
    if url.drivername == "mysql":
        return url.set(drivername="mysql+pymysql")  # the driver that is installed; SQLAlchemy's own default is not
    return url


def _secret_key(environ: Mapping[str, str], remarks: list[str]) -> str:
    key = _text(environ, "SECRET_KEY")
    if key:
        return key
    remarks.append("SECRET_KEY is not set: made one up for this process. Forms fail when another process answers.")
    return secrets.token_hex(32)


def _number(environ: Mapping[str, str], name: str, default: int, *, low: int) -> int:
    text = _text(environ, name)
    if not text:
        return default
    if not text.isdecimal() or int(text) < low:
        raise ConfigurationError(f"{name} is {text!r}: a whole number from {low} is expected.")
    return int(text)


def _text(environ: Mapping[str, str], name: str) -> str | None:
    """The variable, or the text of the file that `NAME_FILE` names, without its last line break."""
    path = environ.get(f"{name}_FILE")
    if not path:
        return environ.get(name)
    if name in environ:
        raise ConfigurationError(f"{name} and {name}_FILE are both set: which one counts?")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}_FILE names {path}, which cannot be read: {error}") from error
