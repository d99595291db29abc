"""Logs in `logs/` were written by gunicorn 27 (one by 22) serving broken apps in a container, five of them applications
from the package index; paths were shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.engine.diagnosis import diagnose
from packer.engine.throwaway import Exit

LOGS = Path(__file__).parent / "logs"

EXPECTED = {
    "asgi-app-served-as-wsgi": ("ASGI application", "uvicorn_worker.UvicornWorker"),
    "attribute-gone-from-distribution": ("no `flask.json.JSONEncoder`", "pin the version of flask"),
    "attribute-gone-from-python": ("no longer has `collections.Mapping`", "--python"),
    "attribute-missing": ("app has no attribute `app`", "--app module:attribute"),
    "broker-unreachable": ("message broker", "start a message broker"),
    "circular-import": ("imports itself in a circle", "--app"),
    "command-failed": ("'git', 'rev-parse', 'HEAD'", "packages"),
    "command-line-read-on-import": ("reads a command line", "__main__"),
    "configuration-file-missing": ("configuration file /app/config.cfg", "include"),
    "database-address-missing": ("no database address", "DATABASE_URL"),
    "distribution-missing": ("module flask_cors", "add flask-cors to"),
    "ends-itself": ("wants the variable SECRET_KEY", "-e SECRET_KEY="),
    "factory-returns-nothing": ("create_app() returns nothing", "return the application"),
    "factory-wants-arguments": ("create_app() needs arguments", "create_app(...)"),
    "gevent-missing": ("worker class", "gevent>=24.10.1"),
    "git-missing": ("program git", 'packages = ["git"]'),
    "instance-called-as-factory": ("already an application", "without parentheses"),
    "mongodb-unreachable": ("MongoDB", "start MongoDB"),
    "mysql-driver-missing": ("module MySQLdb", "add mysqlclient"),
    "mysql-login-needs-cryptography": ("cryptography", "PyMySQL[rsa]"),
    "mysql-refuses": ("MySQL when it starts", "start MySQL"),
    "mysql-unknown-host": ("MySQL when it starts", "start MySQL"),
    "name-gone-from-distribution": ("flask has no `escape`", "pin the version of flask"),
    "name-gone-from-python": ("no longer has `collections.Mapping`", "--python"),
    "not-callable": ("not an application", "--app"),
    "other-server-unreachable": ("another server", "first request"),
    "outside-of-context": ("application context", "app.app_context()"),
    "own-module-missing": ("module wsgi", "--app package.module:attribute"),
    "own-server-on-import": ("starts a server of its own", "__main__"),
    "pkg-resources-missing": ("module pkg_resources", "setuptools<81"),
    "port-taken-by-own-server": ("starts a server of its own", "__main__"),
    "postgres-scheme": ("postgres://", "postgresql://"),
    "postgresql-refuses": ("PostgreSQL when it starts", "start PostgreSQL"),
    "postgresql-unknown-host": ("PostgreSQL when it starts", "start PostgreSQL"),
    "program-missing": ("`ffmpeg`", "packages"),
    "python2-syntax": ("not valid for this Python", "--python"),
    "read-only-file-beside-code": ("/app/data.json", "a folder of its own"),
    "read-only-folder": ("/app/uploads", 'volumes = ["/app/uploads"]'),
    "read-only-home": ("/home/app", 'volumes = ["/home/app"]'),
    "redis-refuses": ("Redis when it starts", "start Redis"),
    "relative-import": ("part of a package", "--app package.module:attribute"),
    "says-what-to-install": ("misses a distribution", "add sqlite-web[wsgi] to"),
    "several-workers": ("/app/count.txt", "a folder of its own"),
    "shared-library-missing": ("libGL.so.1", 'packages = ["libgl1"]'),
    "sqlite-read-only": ("SQLite database", "volumes"),
    "table-missing": ("no table user", "flask db upgrade"),
    "template-missing": ("template x.html", "include"),
    "user-without-name": ("65532 has no name", "/etc/passwd"),
    "variable-asked-for": ("variable SECRET_KEY", "-e SECRET_KEY="),
    "variable-decouple": ("variable SECRET_KEY is not set", "-e SECRET_KEY="),
    "variable-environs": ("variable SECRET_KEY is not set", "-e SECRET_KEY="),
    "variable-from-envvar": ("variable APP_SETTINGS is not set", "-e APP_SETTINGS="),
    "variable-none-to-int": ("missing, most likely an environment variable", "pack inspect"),
    "variable-pydantic": ("setting secret_key is required", "environment"),
    "variable-subscript": ("variable SECRET_KEY is not set", "-e SECRET_KEY="),
    "variable-validated": ("variable OPENAI_API_KEY", "-e OPENAI_API_KEY="),
    "werkzeug-too-new": ("too old for the installed Werkzeug", "Werkzeug<3"),
    "worker-timeout": ("longer than the server waits", "timeout"),
    "workers-killed": ("memory ran out", "workers = 1"),
}


def test_every_log_is_expected():
    assert sorted(path.stem for path in LOGS.glob("*.log")) == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_failure_is_explained_with_what_to_do(name):
    cause, hint = EXPECTED[name]

    diagnosis = diagnose((LOGS / f"{name}.log").read_text())

    assert cause in diagnosis.cause
    assert hint in diagnosis.hint
    assert diagnosis.excerpt


def test_a_switch_that_a_library_offers_is_no_variable_that_the_app_wants():
    logs = "oneDNN operations are on. To turn them off, set the environment variable `TF_ENABLE_ONEDNN_OPTS=0`."

    assert diagnose(logs).cause == "the app did not answer in time"


def test_a_page_of_a_front_end_that_is_not_built_is_told_as_such():
    diagnosis = diagnose("jinja2.exceptions.TemplateNotFound: index.html\n", status=500)

    assert "front end that it belongs to is not built" in diagnosis.cause
    assert "npm run build" in diagnosis.hint
    assert not diagnosis.away


@pytest.mark.parametrize("name", EXPECTED)
def test_sentences_have_no_hole_left(name):
    diagnosis = diagnose((LOGS / f"{name}.log").read_text())

    assert not any(text.strip() == "" or "{" in text for text in (diagnosis.cause, diagnosis.hint))


@pytest.mark.parametrize(
    ("library", "package"),
    [("libGL.so.1", "libgl1"), ("libpq.so.5", "libpq5"), ("libfoo2.so.3", "libfoo2-3"), ("libgomp.so.1", "libgomp1")],
)
def test_a_missing_library_names_its_debian_package(library, package):
    log = f"OSError: {library}: cannot open shared object file: No such file or directory"

    assert f'packages = ["{package}"]' in diagnose(log).hint


def test_a_kill_for_memory_is_believed_before_any_text():
    assert (
        diagnose("KeyError: 'X'", ended=Exit(code=137, out_of_memory=True)).cause == "the container ran out of memory"
    )


def test_an_unknown_end_tells_its_exit_code():
    assert "exit code 42" in diagnose("nothing to see", ended=Exit(code=42, out_of_memory=False)).cause


def test_a_server_error_without_a_traceback_tells_its_status():
    assert "HTTP status 503" in diagnose("", status=503).cause


def test_silence_is_said_to_be_silence():
    assert diagnose("").cause == "the app did not answer in time"


@pytest.mark.parametrize(
    ("name", "away"),
    [
        ("redis-refuses", "there is no Redis at the address that the app uses"),
        ("table-missing", "the database has no table user yet"),
    ],
)
def test_what_an_answering_app_lacks_around_it_is_not_the_images_fault(name, away):
    assert diagnose((LOGS / f"{name}.log").read_text(), status=500).away == away


@pytest.mark.parametrize("ended", [None, Exit(code=3, out_of_memory=False)])
def test_an_app_that_never_answered_or_ended_did_not_boot_whatever_is_away(ended):
    assert diagnose((LOGS / "redis-refuses.log").read_text(), ended=ended).away == ""


def test_an_error_of_the_apps_own_is_not_taken_for_a_service_that_is_away():
    assert diagnose((LOGS / "template-missing.log").read_text(), status=500).away == ""


@pytest.mark.parametrize(
    "message",
    [
        "(2002, \"Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\")",
        "(2002, \"Can't connect to server on 'db' (115)\") [Errno 111] Connection refused",
    ],
)
def test_a_mysql_that_is_away_is_known_in_the_words_of_either_client(message):
    assert "MySQL" in diagnose(f"MySQLdb.OperationalError: {message}", status=500).away


def test_a_mounted_secret_is_the_operators_to_give():
    log = "FileNotFoundError: [Errno 2] No such file or directory: '/run/secrets/db-password'"

    diagnosis = diagnose(log, status=500)

    assert diagnosis.away == "nobody mounted the secret /run/secrets/db-password"
    assert "/run/secrets/db-password:ro" in diagnosis.hint
