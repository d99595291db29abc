"""Values for the variables that an app wants, good enough to see whether it boots: never for production.

They point at nothing: a SQLite file in the container's memory, ports of its own loopback address that nobody serves.
"""

from __future__ import annotations

from collections.abc import Iterable

from packer.project.model import EnvironmentVariable

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
}
_OTHERWISE = "pack-check"


def placeholder_environment(variables: Iterable[EnvironmentVariable], *, secret: str) -> dict[str, str]:
    """A value for each variable that the app fails without, in order of name.

    `secret` is what secret keys, passwords and tokens get: the caller makes it, anew for each check.

    >>> placeholder_environment([EnvironmentVariable(name="DB", required=True, role="database-url")], secret="x")
    {'DB': 'sqlite:////tmp/pack-check.db'}
    """
    wanted = sorted((variable for variable in variables if variable.required), key=lambda variable: variable.name)
    return {variable.name: _value(variable, secret) for variable in wanted if variable.role != "port"}


def _value(variable: EnvironmentVariable, secret: str) -> str:
    if variable.example is not None:
        return variable.example
    if variable.role in _SECRETS:
        return secret
    if variable.role in _BY_ROLE:
        return _BY_ROLE[variable.role]
    name = variable.name.upper()
    return next((value for suffix, value in _BY_SUFFIX.items() if name.endswith(suffix)), _OTHERWISE)
