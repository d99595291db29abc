"""Commands that start servers are read for the application they start."""

import pytest

from packer.project.app.commands import inside, wishes_in
from packer.project.app.wishes import Wish, parse_target

BASE = Wish(source="Procfile", strength=100, module="")


def _targets(command):
    return [(wish.text, wish.folder) for wish in wishes_in(command, BASE)]


@pytest.mark.parametrize(
    ("command", "target", "folder"),
    [
        ("gunicorn app:app", "app:app", "."),
        ("gunicorn -w 4 -b 0.0.0.0:$PORT --log-file - shop.web:application", "shop.web:application", "."),
        ("gunicorn --worker-class=gthread -b0.0.0.0:80 wsgi", "wsgi", "."),
        ("gunicorn 'app:create_app(\"prod\")' --preload", 'app:create_app("prod")', "."),
        ("gunicorn wsgi --chdir ./src/", "wsgi", "src"),
        ("cd backend && exec gunicorn app:app", "app:app", "backend"),
        ("flask db upgrade; newrelic-admin run-program gunicorn run:app", "run:app", "."),
        ("SECRET=1 poetry run gunicorn -k gevent -w 1 chat:app", "chat:app", "."),
        ("bash -c 'cd web && gunicorn site:app'", "site:app", "web"),
        ("python -m gunicorn main:app", "main:app", "."),
        ("uvicorn api.main:app --host 0.0.0.0 --app-dir src", "api.main:app", "."),
        ("hypercorn app:app -b 0.0.0.0:$PORT", "app:app", "."),
        ("waitress-serve --port=8080 --call shop:create_app", "shop:create_app", "."),
        ("uwsgi --http :8000 --wsgi-file hello.py --callable server", "hello.py:server", "."),
        ("uwsgi --mount /=portal:app", "portal:app", "."),
        ("flask --app shop.boot:make run --debug", "shop.boot:make", "."),
        ("FLASK_APP=market.py flask run", "market.py", "."),
        ("python -u server/app.py", "server/app.py", "."),
        ("/opt/venv/bin/gunicorn --bind unix:/run/app.sock -m 007 api:app", "api:app", "."),
    ],
)
def test_a_server_is_asked_for_its_application(command, target, folder):
    assert _targets(command)[0] == (target, folder)


@pytest.mark.parametrize("command", ["pip install gunicorn", "celery -A app worker", "gunicorn $TARGET", "echo 'a", ""])
def test_other_commands_wish_for_nothing(command):
    assert [text for text, _ in _targets(command) if ":" in text] == []


def test_a_script_that_is_run_is_worth_less_than_a_server():
    (wish,) = wishes_in("python app.py", BASE)

    assert not wish.imported
    assert wish.strength < BASE.strength / 2


def test_the_search_path_is_kept():
    (wish,) = wishes_in("gunicorn --pythonpath lib,src app:app", BASE)

    assert wish.search == ("lib", "src")


def test_folders_never_leave_the_project():
    assert inside("a/b", "../../../../etc") == "etc"
    assert inside("web", "$HOME/../x") == "x"


def test_targets_without_a_name_are_none():
    assert parse_target("0:8000") is None
    assert parse_target("${APP}:app") is None
