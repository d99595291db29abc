"""What failing apps write, what it means, and what to do: the table behind `packer.engine.diagnosis`.

A row's pattern is searched in the text of the failure; its named groups fill the cause and the hint. The first row
that matches wins, so the particular stands before the general. Every row was read in a log of a real failure.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import PurePosixPath

from msgspec import Struct

from packer.project.dependencies.import_names import known_providers

__all__ = ["SYMPTOMS", "Symptom"]

Facts = dict[str, str]


class Symptom(Struct, frozen=True):
    """A row of the table.

    `enrich` adds facts to what the pattern's groups found, for the sentences to use. `away` is there where the image is
    not to blame: what an app that runs, and answers, lacks around it.
    """

    pattern: re.Pattern[str]
    cause: str
    hint: str
    enrich: Callable[[Facts], Facts] = dict
    away: str = ""


def _row(pattern: str, cause: str, hint: str, enrich: Callable[[Facts], Facts] = dict, *, away: str = "") -> Symptom:
    return Symptom(re.compile(pattern, re.MULTILINE), cause, hint, enrich, away)


def _service(pattern: str, service: str) -> Symptom:
    return _row(
        pattern,
        f"the app connects to {service} when it starts, and there is none at the address that it uses",
        f"start {service} where the container can reach it and tell the app its address;"
        " an app that can wait should connect at the first request, not on import",
        away=f"there is no {service} at the address that the app uses",
    )


_SET_VARIABLE = (
    "give {name} to the container (`docker run -e {name}=…`, or an environment file);"
    " if it is no secret, set it under [tool.pack.environment]"
)
_GONE_FROM_PYTHON = "this Python no longer has `{module}.{name}`"
_OLDER_PYTHON = "choose an older Python (`pack build --python 3.11`), or update what uses it"
_VERSIONS = "pin the version of {distribution} that the app was written for, or change the import"
_NAME_APP = 'name the application: `pack build --app module:attribute`, or app = "module:attribute" under [tool.pack]'
_STANDARD_MODULES = "|".join(sorted(sys.stdlib_module_names))
_CONNECTION = r"(?:refused|No such file|No route|[Tt]imed? ?out|Name or service|name resolution|nodename|not known)"

_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0t64",
    "libglib-2.0.so.0": "libglib2.0-0t64",
    "libgobject-2.0-0": "libpango-1.0-0",
    "gobject-2.0-0": "libpango-1.0-0",
    "libmagic.so.1": "libmagic1t64",
    "libodbc.so.2": "libodbc2",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libxslt.so.1": "libxslt1.1",
    "libzbar.so.0": "libzbar0t64",
}
_LEFT_PYTHON = {
    "distutils": "3.12", "imp": "3.12", "asyncore": "3.12", "asynchat": "3.12", "smtpd": "3.12",
    "cgi": "3.13", "crypt": "3.13", "imghdr": "3.13", "telnetlib": "3.13", "pipes": "3.13", "sndhdr": "3.13",
}  # fmt: skip


def _with_distribution(facts: Facts) -> Facts:
    """Which distribution provides `module`, and what to do about a module that is not there."""
    module = facts["module"]
    providers = known_providers(module)
    top = module.split(".")[0]
    if top in _LEFT_PYTHON:
        advice = f"Python {_LEFT_PYTHON[top]} dropped it: choose an older Python (`--python 3.11`), or replace its use"
    elif top == "pkg_resources":
        advice = "add setuptools<81 to the project's dependencies: newer ones no longer carry it"
    elif providers:
        advice = f"add {providers[0]} to the project's dependencies"
    else:
        advice = (
            f"if {top} is a distribution, add it to the project's dependencies; if it is the project's own,"
            " name the app by its importable path (`--app package.module:attribute`)"
        )
    return {**facts, "distribution": providers[0] if providers else top, "advice": advice}


def _with_folder(facts: Facts) -> Facts:
    """How to make `path` writable. A name without a suffix is taken for a folder that the app makes."""
    path = PurePosixPath(facts["path"])
    folder = path.parent if path.suffix else path
    if folder in (PurePosixPath("/app"), PurePosixPath("/")):
        advice = "let it write to a folder of its own, and declare that under volumes; the code stays read-only"
    else:
        advice = f'declare the folder that it writes to: volumes = ["{folder}"] under [tool.pack]'
    return {**facts, "advice": advice}


def _with_package(facts: Facts) -> Facts:
    """Debian names a library's package after its soname, with few exceptions."""
    library = facts["library"]
    name, _, version = library.partition(".so.")
    hyphen = "-" if name[-1:].isdigit() else ""
    return {**facts, "package": _PACKAGES.get(library, f"{name.lower()}{hyphen}{version}")}


_IMPORTS = (
    _row(
        r"cannot import name '(?P<name>\w+)' from partially initialized module '(?P<module>[\w.]+)'",
        "{module} imports itself in a circle: `{name}` is not there yet when it is asked for",
        "start the app from the module that its authors start it from (`--app`), or break the circle",
    ),
    _row(
        r"cannot import name '(?P<name>\w+)' from 'werkzeug",
        "this Flask is too old for the installed Werkzeug, which no longer has `{name}`",
        "pin Werkzeug<3 (or the version that the Flask of the project asks for), or take Flask 2.3 or newer",
    ),
    _row(
        r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)' \(\S*/lib/python3\.\d+/(?!site-|dist-)",
        _GONE_FROM_PYTHON,
        _OLDER_PYTHON,
    ),
    _row(
        r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
        "the installed {distribution} has no `{name}`: its version does not fit the code",
        _VERSIONS,
        _with_distribution,
    ),
    _row(
        r"ModuleNotFoundError: No module named '(?P<module>[^']+)'",
        "the module {module} is not in the image",
        "{advice}",
        _with_distribution,
    ),
    _row(
        r"attempted relative import with no known parent package",
        "the app's module is part of a package, but it is started as if it stood alone",
        "name it with its package: `pack build --app package.module:attribute`",
    ),
    _row(
        rf"AttributeError: module '(?P<module>{_STANDARD_MODULES})' has no attribute '(?P<name>\w+)'",
        _GONE_FROM_PYTHON,
        _OLDER_PYTHON,
    ),
    _row(
        r"AttributeError: module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'",
        "the installed {distribution} has no `{module}.{name}`: its version does not fit the code",
        _VERSIONS,
        _with_distribution,
    ),
    _row(
        r"pip install [\"']?(?P<distribution>[A-Za-z][\w.-]*(?:\[[\w,-]+\])?)",
        "the app misses a distribution and says which",
        "add {distribution} to the project's dependencies",
    ),
    _row(
        r"numpy\.dtype size changed|compiled using NumPy 1\.x",
        "a compiled module was made for another major version of NumPy",
        "pin numpy<2, or update the distribution that was compiled against it",
    ),
)

_APP = (
    _row(
        r"Failed to find attribute '(?P<name>[^']*)' in '(?P<module>[^']*)'",
        "{module} has no attribute `{name}`",
        _NAME_APP,
    ),
    _row(
        r"TypeError: (?P<name>\w+)\(\) missing \d+ required (?:positional|keyword-only) argument",
        "the application factory {name}() needs arguments that nobody gives",
        'give them in the target: `pack build --app "module:{name}(...)"`, or name a module that calls it',
    ),
    _row(
        r"Failed to find application object: '(?P<name>[^']*)'",
        "the application factory {name} returns nothing",
        "let it return the application, or name another target with `--app`",
    ),
    _row(
        r"Application object must be callable",
        "what the target names is not an application",
        _NAME_APP,
    ),
    _row(
        r"__call__\(\) missing 1 required positional argument: 'send'",
        "this is an ASGI application, and it is served as a WSGI one",
        'add uvicorn-worker to the dependencies; worker-class = "uvicorn_worker.UvicornWorker" under [tool.pack]',
    ),
    _row(
        r"(?P<kind>gevent|eventlet|tornado) worker requires|class uri '(?P<uri>[^']*)' invalid",
        "the server's worker class is not in the image",
        "add its distribution to the dependencies (gevent>=24.10.1), or change worker-class under [tool.pack]",
    ),
    _row(
        r"'\w+' object has no attribute '__code__'|__call__\(\) missing 2 required positional arguments",
        "the target calls what is already an application",
        "name it without parentheses: `pack build --app module:attribute`",
    ),
    _row(
        r"Missing parentheses in call to 'print'|^SyntaxError: .*|^IndentationError: .*|^TabError: .*",
        "the code is not valid for this Python",
        "choose the Python that it was written for (`--python X.Y`); Python 2 code has to be converted",
    ),
    _row(
        r"\* Serving Flask app|Press CTRL\+C to quit",
        "the module starts a server of its own when it is imported",
        'put its `app.run(…)` under `if __name__ == "__main__":`, or name another module with `--app`',
    ),
    _row(
        r"error: (?:the following arguments are required|unrecognized arguments|argument )",
        "the module reads a command line when it is imported, and ends the process",
        'read it under `if __name__ == "__main__":`, or name another module with `--app`',
    ),
    _row(
        r"Working outside of (?P<context>application|request) context",
        "the module uses Flask's {context} context when it is imported",
        "wrap that code in `with app.app_context():`, or name a module that does (`--app`)",
    ),
    _row(
        r"jinja2\.exceptions\.TemplateNotFound: (?P<path>(?:\S+/)?index\.html)$",
        "the page {path} is not in the image: most likely the front end that it belongs to is not built",
        "if a front end's build makes it (`npm run build`), run that first, where the app looks for the page;"
        ' if it is left out, take it in with include = ["…"] under [tool.pack]',
    ),
    _row(
        r"jinja2\.exceptions\.TemplateNotFound: (?P<path>\S+)",
        "the template {path} is not in the image, or not where the app looks for it",
        'see what was left out with `pack inspect`; take files in with include = ["…"] under [tool.pack]',
    ),
)

_ENVIRONMENT = (
    _row(r"KeyError: '(?P<name>[A-Z][A-Z0-9_]+)'", "the environment variable {name} is not set", _SET_VARIABLE),
    _row(
        r"[Ee]nvironment variable ['\"](?P<name>\w+)['\"] (?:is )?not set",
        "the environment variable {name} is not set",
        _SET_VARIABLE,
    ),
    _row(
        r"UndefinedValueError: (?P<name>\w+) not found",
        "the environment variable {name} is not set",
        _SET_VARIABLE,
    ),
    _row(
        r"^(?P<name>\w+)\n  Field required \[type=missing",
        "the setting {name} is required and not set",
        "give the container the variable of that name; if it is no secret, set it under [tool.pack.environment]",
    ),
    _row(
        r"Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set",
        "the app got no database address",
        "give the container the variable that the app reads it from (`pack inspect` lists them), e.g. DATABASE_URL",
    ),
    _row(
        r"\b(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b.{0,60}\b(?:not (?:set|defined|found)|missing|required|must be set)"
        r"|(?i:no|missing|set|configure|define|provide|specify)\b.{0,30}?\b(?P<other>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b"
        r"(?!=[01]\b)",  # what is to be set to 0 or 1 is a switch that a library offers
        "the app wants the variable {name}",
        _SET_VARIABLE,
        lambda facts: {**facts, "name": facts["name"] or facts["other"]},
    ),
    _row(
        r"TypeError: .*(?:not 'NoneType'|not NoneType)",
        "a value that the app reads is missing, most likely an environment variable",
        "see `pack inspect` for the variables that it reads, and give them to the container",
    ),
)

_FILES = (
    _row(
        r"Bad git executable",
        "the program git is not in the image",
        'add its Debian package: packages = ["git"] under [tool.pack]',
    ),
    _row(
        r"\[Errno (?:30|13)\] (?:Read-only file system|Permission denied): '(?P<path>[^']+)'",
        "the app may not write to {path}: the image is read-only there",
        "{advice}",
        _with_folder,
    ),
    _row(
        r"unable to open database file|attempt to write a readonly database",
        "the SQLite database is in a place that is read-only in the image",
        'declare its folder: volumes = ["/app/…"] under [tool.pack], or put the file under /tmp for a trial',
    ),
    _row(
        r"Unable to load configuration file .*: '(?P<path>[^']+)'",
        "the configuration file {path} is not in the image",
        'take it in with include = ["…"] under [tool.pack] if it holds no secret, else mount it into the container',
    ),
    _row(
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<path>/run/secrets/[^']+)'",
        "the secret {path} is not there",
        "mount it into the container (`docker run -v …:{path}:ro`; under Compose, Swarm and Kubernetes: secrets)",
        away="nobody mounted the secret {path}",
    ),
    _row(
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<program>[\w.+-]+)'",
        "the file or program `{program}` is not in the image",
        'for a program, add its Debian package: packages = ["…"] under [tool.pack]; for a file, see include there',
    ),
    _row(
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<path>[^']+)'",
        "{path} is not in the image",
        'take it in with include = ["…"] under [tool.pack]; or, if the app makes it, declare its folder under volumes',
    ),
    _row(
        r"(?P<library>lib[\w.+-]+\.so[\w.]*): cannot open shared object file",
        "the shared library {library} is not in the image",
        'add its Debian package: packages = ["{package}"] under [tool.pack]',
        _with_package,
    ),
    _row(
        r"cannot load library '(?P<library>[^']+)'",
        "the shared library {library} is not in the image",
        'add its Debian package: packages = ["{package}"] under [tool.pack]',
        _with_package,
    ),
    _row(
        r"CalledProcessError: Command (?P<command>.*) returned non-zero exit status",
        "a command that the app runs failed: {command}",
        "it may want a program or file that the image lacks: see packages and include under [tool.pack]",
    ),
    _row(
        r"failed to find libmagic",
        "the shared library libmagic is not in the image",
        'add its Debian package: packages = ["libmagic1t64"] under [tool.pack] (libmagic1 for bookworm)',
    ),
    _row(
        r"getpwuid\(\): uid not found: (?P<uid>\d+)",
        "the image's user {uid} has no name",
        "use a base that has it in /etc/passwd, as pack's own has, or do not ask for the user's name",
    ),
)

_REFUSALS = (
    _row(
        r"cryptography' package is required for sha256_password or caching_sha2_password",
        "PyMySQL needs the distribution cryptography to log in to MySQL 8 and newer",
        "add PyMySQL[rsa] to the project's dependencies",
    ),
    _row(
        r"Can't load plugin: sqlalchemy\.dialects:postgres\b",
        "SQLAlchemy no longer knows addresses that begin with postgres://",
        "write the address as postgresql://…",
    ),
    _row(
        r"Can't load plugin: sqlalchemy\.dialects:(?P<name>[\w.]+)",
        "no installed distribution gives SQLAlchemy the dialect {name}",
        "add the driver to the project's dependencies, or correct the database address",
    ),
    _row(
        r"\(1045, |Access denied for user|password authentication failed|NOAUTH |WRONGPASS ",
        "the database refused the user or the password",
        "check what the container is given to log in with",
    ),
    _row(
        r"no such table: (?P<name>\S+)|relation \"(?P<second>[^\"]+)\" does not exist|Table '(?P<third>[^']+)' doesn't",
        "the database has no table {name}: it was not migrated",
        "run the project's migrations against it (for Flask-Migrate: `flask db upgrade`)",
        lambda facts: {**facts, "name": facts["name"] or facts["second"] or facts["third"]},
        away="the database has no table {name} yet",
    ),
)

_UNREACHABLE = (
    _service(
        r"(?:Can't connect to|Lost connection to|Unknown) (?:local )?(?:MySQL )?server"
        rf" (?:.*{_CONNECTION}|through socket)",
        "MySQL",
    ),
    _service(
        rf"(?:connection to server at|could not connect to server|could not translate host name).*{_CONNECTION}",
        "PostgreSQL",
    ),
    _service(r"redis\.exceptions\.(?:ConnectionError|TimeoutError)|Error -?\d+ connecting to \S+:\d+", "Redis"),
    _service(r"ServerSelectionTimeoutError", "MongoDB"),
    _service(r"(?:kombu|amqp|pika)\.exceptions\.\w+", "a message broker"),
    _row(
        rf"(?:Error|urlopen error|Failed to establish a new connection).*{_CONNECTION}",
        "the app talks to another server when it starts, and cannot reach it",
        "give the container that server and its address, or let the app talk to it at the first request",
    ),
)

_PROCESS = (
    _row(
        r"exec format error|cannot execute binary file",
        "the image is for another kind of processor than this machine's",
        "build it for this one: `pack build --platform linux/amd64` or linux/arm64",
    ),
    _row(
        r"was sent SIGKILL! Perhaps out of memory\?|^MemoryError",
        "a server process was killed, most likely because memory ran out",
        "give the container more memory, or run fewer workers (workers = 1 under [tool.pack])",
    ),
    _row(
        r"WORKER TIMEOUT|gunicorn/workers/base\.py.*handle_abort",
        "the app took longer than the server waits for an answer",
        'raise timeout under [tool.pack], or ask a faster path with health = "/…"',
    ),
    _row(
        r"Address already in use|Connection in use",
        "the port is taken inside the container: the app starts a server of its own",
        'put its `app.run(…)` under `if __name__ == "__main__":`, or name another module with `--app`',
    ),
)

SYMPTOMS = (*_REFUSALS, *_IMPORTS, *_APP, *_FILES, *_UNREACHABLE, *_ENVIRONMENT, *_PROCESS)
"""All rows, in the order in which they are tried."""
