"""Why a stack does not come up: what Compose, engines and databases say of it, what that means, and what to do.

A row's pattern is searched in what Compose said and in the failing service's log; the first that matches wins. What an
app itself says is explained by `packer.engine.diagnosis`.
"""

from __future__ import annotations

import re

from msgspec import Struct

from packer.engine.diagnosis import diagnose
from packer.engine.excerpt import printable
from packer.engine.throwaway import Exit
from packer.regex import regex

__all__ = ["CAUSES", "Cause", "Explanation", "explain"]

_TAIL = 25


class Cause(Struct, frozen=True):
    """A row: what is searched, the cause and the advice; both may use the pattern's named groups."""

    pattern: str
    cause: str
    hint: str


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a service failed: one sentence without a full stop, what to do, and its last words."""

    cause: str
    hint: str
    excerpt: str


_OTHER_VOLUME = "put the old password into .secrets/database_password, then: pack down, pack up; "
_FRESH = "if its data is worth nothing: pack down --volumes; otherwise change it in the database, too"

CAUSES = (
    Cause(
        r"(?:Bind for|listen tcp\S*) \S*?:(?P<port>\d+)\S* failed: port is already allocated"
        r"|listen tcp\S* \S*?:(?P<other>\d+): bind: address already in use"
        r"|failed to bind (?:host )?port\D+(?:\d+\.\d+\.\d+\.\d+:)?(?P<third>\d+)",
        "another program uses the port {port}{other}{third}",
        "choose another: pack up --port N, or stop that program",
    ),
    Cause(
        r"toomanyrequests|[Tt]oo [Mm]any [Rr]equests|pull rate limit",
        "the registry lets nobody pull any more for now",
        "log in (pack login), or name a mirror in the engine's settings; then try again",
    ),
    Cause(
        r"pull access denied for (?P<image>[^\s,]+)|(?:manifest for|manifest unknown\D*?) ?(?P<other>\S*) ?not found"
        r"|(?P<third>\S+): not found$",
        "the image {image}{other}{third} is not there, or not for everybody",
        "check its name under [tool.pack] (mysql.image, …), or log in: pack login",
    ),
    Cause(
        r"no matching manifest for (?P<platform>\S+)|image with reference \S+ was found but .*platform (?P<other>\S+)",
        "the image is not made for this machine ({platform}{other})",
        "name one that is, under [tool.pack]: mysql.image, postgresql.image or redis.image",
    ),
    Cause(
        r"exec format error",
        "the image is made for another kind of processor",
        "build it for this machine: pack build --platform linux/amd64 (or arm64)",
    ),
    Cause(
        r"no space left on device|ENOSPC|[Ee]rrcode: 28",
        "the disk is full",
        "make room: pack prune, docker system df shows what takes it",
    ),
    Cause(
        r"could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been",
        "the engine has no addresses left for another network",
        "remove networks that nobody uses: docker network prune",
    ),
    Cause(
        r"invalid mount config for type \"bind\": bind source path does not exist: (?P<path>\S+)",
        "{path} is not there, and a container is to see it",
        "make it, or let pack make the secrets: pack generate compose",
    ),
    Cause(
        r"required variable (?P<name>\w+) is missing a value",
        "the app needs {name}, and only you can say it",
        "write {name}=… to the file .env beside compose.yaml",
    ),
    Cause(
        r"Cannot connect to the Docker daemon|permission denied while trying to connect to the Docker daemon",
        "the container engine does not answer",
        "start it (`sudo systemctl start docker`), or join its group: sudo usermod -aG docker $USER",
    ),
    Cause(
        r"unknown variable '(?P<name>default-authentication-plugin|default_authentication_plugin)",
        "this MySQL no longer knows the option {name}",
        "take it out of the database's configuration; MySQL 8.4 and later need none",
    ),
    Cause(
        r"Invalid MySQL server (?:down|up)grade: Cannot (?P<way>\w+) from (?P<old>\d+) to (?P<new>\d+)"
        r"|(?:Downgrade|Upgrade) (?:from|after) .* is not (?:supported|allowed)|unsupported redo log format",
        "the database's files were written by a version of MySQL that this one cannot take over",
        "go back to that version (mysql.image), dump with `pack db dump`, and restore into the new one",
    ),
    Cause(
        r"--initialize specified but the data directory has files in it",
        "the database's volume holds something that is no database",
        "look into the volume; if it is worth nothing: pack down --volumes",
    ),
    Cause(
        r"Access denied for user '(?P<user>[^']+)'",
        "the database does not take the password of {user}: its volume was made with another one",
        _OTHER_VOLUME + _FRESH,
    ),
    Cause(
        r"password authentication failed for user \"(?P<user>[^\"]+)\"",
        "the database does not take the password of {user}: its volume was made with another one",
        _OTHER_VOLUME + _FRESH,
    ),
    Cause(
        r"Unknown database '(?P<name>[^']+)'",
        "the database {name} does not exist: the volume was made under another name",
        "use the old name, or make it: pack db shell; " + _FRESH,
    ),
    Cause(
        r"Authentication plugin '(?P<name>\w+)' (?:cannot be loaded|is not loaded)",
        "the driver cannot log in by {name}, which this MySQL wants",
        "use a newer driver (PyMySQL with cryptography does it), or give the account another plugin",
    ),
    Cause(
        r"cryptography'? package is required",
        "PyMySQL needs cryptography to log in to MySQL 8 and later",
        "add PyMySQL[rsa] to the project's dependencies",
    ),
    Cause(
        r"Can't locate revision identified by '(?P<revision>\w+)'",
        "the database is at the migration {revision}, which this code does not have",
        "bring the code that has it, or set the database to a known one: pack exec app -- flask db stamp REVISION",
    ),
    Cause(
        r"Multiple head revisions are present",
        "the migrations have two ends, so nobody knows which comes last",
        "join them: flask db merge heads, and commit the result",
    ),
    Cause(
        r"Table '(?P<table>[^']+)' doesn't exist"
        r"|relation \"(?P<other>[^\"]+)\" does not exist|no such table: (?P<third>\w+)",
        "the table {table}{other}{third} is not in the database",
        "let the app make its tables when it starts, or keep migrations (flask db init, flask db migrate)",
    ),
    Cause(
        r"Can't connect to (?:local )?(?:MySQL )?server (?:on|through|at) '(?P<host>[^']+)'",
        "the app looks for its database at {host}, where none answers",
        "read its address from the environment; `pack inspect` shows which variables the app reads",
    ),
)
"""The particular before the general."""


def explain(
    said: str, log: str, *, why: str = "", exit_code: int | None = None, out_of_memory: bool = False
) -> Explanation:
    """The likely cause of a failure.

    Args:
        said: what Compose said.
        log: the failing service's last lines.
        why: what is the matter with its container.
        exit_code: how it ended, None while it runs.
        out_of_memory: it was ended for want of memory.
    """
    excerpt = printable("\n".join(log.strip().splitlines()[-_TAIL:]))
    if out_of_memory:
        return Explanation(
            cause="it ran out of memory",
            hint="give it more in compose.yaml, or fewer workers: workers = 1",
            excerpt=excerpt,
        )
    for text in (log, said):
        for row in CAUSES:
            found = regex(row.pattern, re.MULTILINE).search(text)
            if found:
                facts = found.groupdict(default="")
                return Explanation(cause=row.cause.format(**facts), hint=row.hint.format(**facts), excerpt=excerpt)
    if not log.strip():
        cause = why or (said.splitlines() or ["it says nothing"])[-1]
        return Explanation(cause=cause, hint="pack logs shows what it says", excerpt=excerpt)
    ended = Exit(code=exit_code, out_of_memory=False) if exit_code is not None else None
    found_by_app = diagnose(log, ended=ended)
    return Explanation(cause=found_by_app.cause, hint=found_by_app.hint, excerpt=found_by_app.excerpt or excerpt)
