"""What a health check may ask, and the limit of request bodies."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

HEAD = "from flask import Flask, jsonify, render_template, request, session\nimport db\napp = Flask(__name__)\n"


def health(app: str, **files: str) -> list[tuple[str, str]]:
    tree = MemoryTree({"requirements.txt": "flask\n", "app.py": HEAD + app, "db.py": "", **files})
    return [(route.url, route.kind) for route in inspect(tree).app.health]


def view(url: str, body: str = "return 'ok'", *, before: str = "", decorator: str = "route") -> str:
    name = "view_" + "".join(letter for letter in url if letter.isalnum())
    return f"@app.{decorator}('{url}')\n{before}def {name}():\n    {body}\n"


@pytest.mark.parametrize(
    "url", ["/health", "/healthz", "/ping", "/status", "/up", "/_health", "/livez", "/api/v1/health"]
)
def test_a_health_like_route_is_found(url):
    assert health(view(url)) == [(url, "health")]


def test_of_several_the_one_that_speaks_for_the_process_is_first():
    app = view("/readyz") + view("/status") + view("/healthz")

    assert [url for url, _ in health(app)] == ["/healthz", "/status", "/readyz"]


def test_a_health_route_that_asks_the_database_comes_last():
    app = view("/health", "return str(db.session.execute('select 1'))") + view("/about")

    assert health(app) == [("/about", "plain"), ("/health", "health")]


@pytest.mark.parametrize(
    "app",
    [
        view("/", "return render_template('x.html', users=db.users())"),
        view("/", "return str(session.get('user'))"),
        view("/", "return open('page.html').read()"),
        view("/", "import requests; return requests.get('http://example.com').text"),
        view("/", "return 'x'", before="@login_required\n"),
        view("/<name>", "return 'x'"),
        "@app.route('/', methods=['POST'])\ndef post():\n    return 'x'\n",
        "@app.before_request\ndef load():\n    db.connect()\n" + view("/"),
        "def not_a_view():\n    return 'x'\n",
    ],
)
def test_a_view_that_may_need_more_than_the_process_is_not_asked(app):
    assert health(app) == []


@pytest.mark.parametrize(
    "body",
    [
        "return 'ok'",
        "return render_template('index.html')",
        "return jsonify(status='ok'), 200",
        "return {'ok': True}",
        "return 'x'.upper()",
        "from datetime import datetime; return datetime.now().isoformat()",
    ],
)
def test_a_plain_page_is_asked(body):
    assert health(view("/", body)) == [("/", "plain")]


def test_routes_added_by_a_call_and_by_blueprints_are_routes():
    app = (
        "from flask import Blueprint\nbp = Blueprint('bp', __name__, url_prefix='/internal')\n"
        "@bp.get('/ping')\ndef ping():\n    return 'pong'\napp.register_blueprint(bp)\n"
        "def live():\n    return 'ok'\napp.add_url_rule('/livez', 'live', live)\n"
    )

    assert [url for url, _ in health(app)] == ["/livez", "/internal/ping"]


def test_a_small_static_file_that_will_stay_is_asked():
    files = {"static/favicon.ico": "", "static/app.css": "", "static/app.3fa85f64c2.css": "", "static/a b.css": ""}

    assert health("", **files) == [("/static/favicon.ico", "static")]
    del files["static/favicon.ico"]
    assert health("", **files) == [("/static/app.css", "static")]


def test_the_routes_of_another_app_are_not_asked():
    other = "from flask import Flask\nother = Flask('other')\n@other.route('/health')\ndef health():\n    return 'no'\n"

    assert health("import other\n" + view("/x"), **{"other.py": other}) == [("/x", "plain")]


def test_a_hostile_rule_is_not_taken():
    assert health("@app.route('/health\\n')\ndef f():\n    return 'x'\n") == []


@pytest.mark.parametrize(
    ("app", "limit"),
    [
        ("app.config['MAX_CONTENT_LENGTH'] = 16 * 1024 * 1024\n", 16777216),
        ("MB = 1 << 20\nclass Config:\n    MAX_CONTENT_LENGTH = 2 * MB\n", 2097152),
        ("app.config.update(MAX_CONTENT_LENGTH=5e6)\n", 5000000),
        ("class A:\n    MAX_CONTENT_LENGTH = 1\nclass B(A):\n    MAX_CONTENT_LENGTH = 3\n", 3),
        ("app.config['MAX_CONTENT_LENGTH'] = None\n", None),
        ("app.config['MAX_CONTENT_LENGTH'] = -1\n", None),
        ("", None),
    ],
)
def test_the_limit_of_request_bodies_is_folded(app, limit):
    tree = MemoryTree({"requirements.txt": "flask\n", "app.py": HEAD + app, "db.py": ""})

    assert inspect(tree).app.max_content_length == limit
