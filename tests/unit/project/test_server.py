"""What the project says about its own server."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.model import Project, ServerFacts
from packer.project.server.workers import choose_worker
from packer.project.tree import MemoryTree

APP = "from flask import Flask\napp = Flask(__name__)\n"


def project_of(app: str = "", *, requirements: str = "flask\ngunicorn\n", **files: str) -> Project:
    return inspect(MemoryTree({"requirements.txt": requirements, "app.py": APP + app, **files}))


def server(app: str = "", *, requirements: str = "flask\ngunicorn\n", **files: str) -> ServerFacts:
    return project_of(app, requirements=requirements, **files).app.server


@pytest.mark.parametrize(
    ("wished", "installed", "chosen"),
    [
        (None, {}, None),
        ("gthread", {}, "gthread"),
        ("gunicorn.workers.gthread.ThreadWorker", {}, "gthread"),
        ("sync", {}, "sync"),
        ("eventlet", {"gunicorn": None, "eventlet": "0.40.4"}, "gthread"),
        ("eventlet", {"gunicorn": "27.0.1", "eventlet": "0.40.4"}, "gthread"),
        ("eventlet", {"gunicorn": "25.3.0", "eventlet": "0.40.4"}, "eventlet"),
        ("eventlet", {"gunicorn": "25.3.0", "eventlet": "0.36.1"}, "gthread"),
        ("eventlet", {"gunicorn": "20.1.0", "eventlet": "0.30.2"}, "eventlet"),
        ("eventlet", {"gunicorn": "20.1.0"}, "gthread"),
        ("gevent", {"gunicorn": None, "gevent": None}, "gevent"),
        ("gevent", {"gunicorn": None, "gevent": "24.11.1"}, "gevent"),
        ("gevent", {"gunicorn": None, "gevent": "23.9.1"}, "gthread"),
        ("gevent", {"gunicorn": "23.0.0", "gevent": "23.9.1"}, "gevent"),
        ("gevent", {"gunicorn": None}, "gthread"),
        ("uvicorn_worker.UvicornWorker", {"uvicorn-worker": None}, "uvicorn_worker.UvicornWorker"),
        ("meinheld.gmeinheld.MeinheldWorker", {}, None),
    ],
)
def test_the_worker_class_is_one_that_the_gunicorn_has(wished, installed, chosen):
    assert choose_worker(wished, installed).worker_class == chosen


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("web: gunicorn app:app --timeout 120 --keep-alive=5", ("--keep-alive", "5", "--timeout", "120")),
        ("web: cd src && PORT=1 exec gunicorn -t90 -w 3 -b :$PORT app:app", ("--timeout", "90", "--workers", "3")),
        ("web: flask db upgrade; gunicorn app:app -t 30", ("--timeout", "30")),
        ("web: newrelic-admin run-program gunicorn -t 60 app:app", ("--timeout", "60")),
        ("web: bash -c 'gunicorn app:app -t 45'", ("--timeout", "45")),
        ("web: gunicorn app:app --timeout $TIMEOUT", ()),
        ("worker: gunicorn app:app --timeout 9", ()),
        ("# web: gunicorn app:app --timeout 9", ()),
        ("web: python app.py", ()),
    ],
)
def test_options_of_the_web_process_are_kept(line, arguments):
    assert server(Procfile=f"release: echo\n{line}\n").arguments == arguments


def test_the_procfile_s_server_wins_over_the_requirements():
    facts = server(requirements="flask\ngunicorn\nwaitress\n", Procfile="web: waitress-serve app:app\n")

    assert facts.kind == "waitress"


@pytest.mark.parametrize(
    ("requirements", "kind"),
    [
        ("flask\ngunicorn\nuvicorn\n", "gunicorn"),
        ("flask\nwaitress\n", "waitress"),
        ("flask\ngevent\n", None),
        ("flask\n", None),
    ],
)
def test_a_server_among_the_requirements_is_the_server(requirements, kind):
    assert server(requirements=requirements).kind == kind


def test_a_gunicorn_configuration_is_read_for_what_breaks_a_container():
    config = "bind = '0.0.0.0:80'\ndaemon = True\nreload = False\npidfile = None\nuser = 'www'\ntimeout = 2 * 60\n"

    project = project_of(**{"gunicorn.conf.py": config})

    facts = project.app.server
    assert facts.config_path == "gunicorn.conf.py"
    assert facts.config_issues == ("bind", "daemon", "user")
    assert facts.arguments == ("--timeout", "120")
    assert any("bind, daemon, user" in caution.what for caution in project.cautions)


def test_the_configuration_that_the_command_names_is_the_one_that_counts():
    facts = server(
        Procfile="web: gunicorn -c deploy/production.py app:app\n",
        **{"deploy/production.py": "worker_class = 'gevent'\n", "gunicorn.conf.py": "daemon = True\n"},
        requirements="flask\ngunicorn\ngevent\n",
    )

    assert (facts.config_path, facts.worker_class, facts.config_issues) == ("deploy/production.py", "gevent", ())


@pytest.mark.parametrize(
    ("requirements", "socket", "worker_class"),
    [
        ("simple-websocket\n", "SocketIO(app)", "gthread"),
        ("gevent\n", "SocketIO(app)", "gevent"),
        ("gevent\ngevent-websocket\n", "SocketIO(app)", "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"),
        ("gevent\n", "SocketIO(app, async_mode='threading')", "gthread"),
        ("eventlet\n", "SocketIO()", "gthread"),
        ("eventlet==0.33.3\ngunicorn==20.1.0\n", "SocketIO()", "eventlet"),
    ],
)
def test_flask_socketio_gets_one_worker_of_a_class_that_fits(requirements, socket, worker_class):
    facts = server(
        f"from flask_socketio import SocketIO\nsocketio = {socket}\n",
        requirements=f"flask\nflask-socketio\n{requirements}",
    )

    assert (facts.single_worker, facts.worker_class) == (True, worker_class)


@pytest.mark.parametrize(
    ("code", "single"),
    [
        ("from apscheduler.schedulers.background import BackgroundScheduler\ns = BackgroundScheduler()\n", True),
        ("from flask_apscheduler import APScheduler\ns = APScheduler()\n", True),
        ("def never():\n    from apscheduler.schedulers.background import BackgroundScheduler as B\n    B()\n", False),
        ("import threading\nthreading.Thread(target=print).start()\n", False),
        ("from apscheduler.schedulers.blocking import BlockingScheduler\nB = BlockingScheduler\n", False),
    ],
)
def test_a_scheduler_in_the_web_process_wants_one_worker(code, single):
    assert server(code).single_worker is single


def test_authors_who_run_one_worker_with_threads_mean_it():
    assert server(Procfile="web: gunicorn --workers 1 --threads 8 app:app\n").single_worker
    assert not server(Procfile="web: gunicorn --workers 1 app:app\n").single_worker


def test_a_broken_configuration_is_no_configuration():
    assert server(**{"gunicorn.conf.py": "daemon = (\n", "Procfile": "web: gunicorn 'app:app\n"}).config_path is None
