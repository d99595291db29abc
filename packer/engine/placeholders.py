"""Values for the variables that an app wants, good enough to see whether it boots: never for production.

They point at nothing: a SQLite file in the container's memory, ports of its own loopback address that nobody serves.
"""

from __future__ import annotations

from collections.abc import Iterable

from packer.project.model import EnvironmentVariable
from packer.regex import regex

__all__ = ["placeholder_environment"]

_NOBODY = "127.0.0.1:9"
_BY_ROLE = {
    "celery-backend": "cache+memory://",
    "celery-broker": "memory://",
    "database-host": "127.0.0.1",
    "database-name": "pack_check",
    "database-port": "9",
    "database-url": "sqlite:////tmp/pack-check.db",
    "database-user": "pack_check",
    "debug": "0",
    "error-reporting": "",
    "log-level": "INFO",
    "mode": "production",
    "mongodb-url": f"mongodb://{_NOBODY}/pack_check",
    "redis-host": "127.0.0.1",
    "redis-port": "9",
    "redis-url": f"redis://{_NOBODY}/0",
    "workers": "1",
}
_SECRETS = frozenset({"database-password", "mail-password", "password", "secret-key", "token"})
_BOT = regex("TELEGRAM|BOT_TOKEN")
_NOBODYS_BOT = "100000"
"""Clients of Telegram look at the form of a token, a number and a secret, before they ask anybody."""

_BY_SUFFIX = {
    "_URL": f"http://{_NOBODY}",
    "_URI": f"http://{_NOBODY}",
    "_ENDPOINT": f"http://{_NOBODY}",
    "_HOST": "127.0.0.1",
    "_SERVER": "127.0.0.1",
    "_PORT": "9",
    "_DIR": "/tmp",  # noqa: S108  # the container's own, in memory
    "_DIRECTORY": "/tmp",  # noqa: S108
    "_FOLDER": "/tmp",  # noqa: S108
    "_PATH": "/tmp",  # noqa: S108
    "_EMAIL": "nobody@mail.test",
    "_SENDER": "nobody@mail.test",
    "_SSL": "0",
    "_TLS": "0",
    "_TIMEOUT": "30",
    "_SECONDS": "30",
    "_SIZE": "1",
    "_COUNT": "1",
    "_LIMIT": "1",
    "_ID": "1",
    "_ENABLED": "0",
    "_REGION": "us-east-1",
}
_OTHERWISE = "pack-check"
_ADDRESS_PARTS = frozenset({"database-host", "database-name", "database-port", "database-user"})


def placeholder_environment(variables: Iterable[EnvironmentVariable], *, secret: str) -> dict[str, str]:
    """A value for each variable that the app fails without, and for each secret key, in order of name.

    A default that signs sessions is no secret, and apps of some care refuse to run with it. `secret` is what secret
    keys, passwords and tokens get: the caller makes it, anew for each check.

    >>> placeholder_environment([EnvironmentVariable(name="DB", required=True, role="database-url")], secret="x")
    {'DB': 'sqlite:////tmp/pack-check.db'}
    """
    known = sorted(variables, key=lambda variable: variable.name)
    in_parts = any(variable.required and variable.role in _ADDRESS_PARTS for variable in known)
    return {
        variable.name: _value(variable, secret)
        for variable in known
        if variable.role != "port" and (variable.required or _is_better_given(variable, in_parts=in_parts))
    }


def _is_better_given(variable: EnvironmentVariable, *, in_parts: bool) -> bool:
    """A secret key; and a whole address of a database, where one is otherwise put together from parts."""
    return variable.role == "secret-key" or (in_parts and variable.role == "database-url" and variable.default is None)


def _value(variable: EnvironmentVariable, secret: str) -> str:
    if variable.example is not None:
        return variable.example
    name = variable.name.upper()
    if variable.role == "token" and _BOT.search(name):
        return f"{_NOBODYS_BOT}:{secret}"
    if variable.role in _SECRETS:
        return secret
    if variable.role in _BY_ROLE:
        return _BY_ROLE[variable.role]
    return next((value for suffix, value in _BY_SUFFIX.items() if name.endswith(suffix)), _OTHERWISE)
