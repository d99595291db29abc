"""What the search for the application says beside its choice: settings, corrections, rivals, refusals."""

import pytest

from packer.project.app import find_app
from packer.project.tree import MemoryTree

FLASK = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index(): return 'x'\n"
FACTORY = "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n"


def _search(files, **arguments):
    return find_app(MemoryTree(files), distributions=frozenset(), **arguments)


def _best(files, **arguments):
    search = _search(files, **arguments)
    return search.candidates[0].target if search.candidates else None


def test_the_setting_is_final():
    assert _best({"app.py": FLASK, "other.py": FLASK}, setting="other:app") == "other:app"


def test_a_setting_may_be_a_file():
    assert _best({"app.py": FLASK, "tools/web.py": FLASK}, setting="tools/web.py") == "web:app"


def test_a_setting_may_be_a_folder():
    assert _best({"app.py": FLASK, "billing/service.py": FLASK}, setting="billing") == "service:app"


def test_a_setting_that_names_nothing_is_refused_with_what_there_is():
    search = _search({"app.py": FLASK}, setting="shop:server")

    assert search.candidates == ()
    assert "there is no module shop" in search.refusal
    assert "app:app" in search.refusal


def test_a_setting_may_name_an_app_among_examples():
    assert _best({"examples/app.py": FLASK}, setting="examples.app:app") == "examples.app:app"


def test_flask_app_beats_the_projects_files():
    files = {"app.py": FLASK, "second.py": FLASK, "Procfile": "web: gunicorn app:app\n"}

    assert _best(files, flask_app="second") == "second:app"


def test_a_procfile_that_names_what_is_gone_is_corrected_aloud():
    search = _search({"app.py": FLASK, "Procfile": "web: gunicorn hello:application\n"})

    assert search.candidates[0].target == "app:app"
    assert "Procfile names hello:application, but there is no module hello here" in search.cautions[0].what
    assert search.cautions[0].evidence[0].line == 1


def test_a_factory_that_a_procfile_forgets_to_call_is_called():
    search = _search({"app.py": FACTORY, "Procfile": "web: gunicorn app:create_app\n"})

    assert search.candidates[0].target == "app:create_app()"
    assert "is a factory" in search.cautions[0].what


def test_arguments_that_a_procfile_gives_are_kept():
    files = {"app.py": FACTORY.replace("()", "(name)", 1), "Procfile": "web: gunicorn \"app:create_app('prod')\"\n"}

    assert _best(files) == "app:create_app('prod')"


def test_equal_apps_in_two_folders_are_named():
    search = _search({"one/app.py": FLASK, "two/app.py": FLASK})

    assert [candidate.path for candidate in search.candidates] == ["one/app.py", "two/app.py"]
    assert "two/app.py is an application as good as one/app.py" in search.cautions[0].what


def test_a_server_started_at_import_asks_for_flasks_own_guard():
    search = _search({"app.py": FLASK + "app.run()\n"})

    assert search.candidates[0].target == "app:app"
    assert ("FLASK_RUN_FROM_CLI", "true") in search.environment
    assert "starts a server when imported" in search.cautions[0].what


def test_the_choice_has_evidence_and_a_way_to_override_it():
    (decision,) = _search({"app.py": FLASK}).decisions

    assert decision.subject == "app.target"
    assert decision.evidence[0].excerpt == "app = Flask(__name__)"
    assert decision.override


def test_a_framework_that_is_not_required_loses():
    files = {"app.py": FLASK.replace("flask", "quart").replace("Flask", "Quart"), "web.py": FLASK}

    search = find_app(MemoryTree(files), distributions=frozenset({"flask"}))

    assert search.candidates[0].target == "web:app"


def test_an_app_that_a_module_makes_when_it_is_asked_for_is_one_of_its_names():
    lazy = (
        FACTORY
        + "\ndef __getattr__(name):\n    if name == 'app':\n        return create_app()\n    raise AttributeError\n"
    )
    events = "from shop.app import create_app\napp = create_app()\nif __name__ == '__main__':\n    app.run()\n"

    assert _best({"shop/__init__.py": "", "shop/app/__init__.py": lazy, "shop/events.py": events}) == "shop.app:app"


def test_a_folder_named_flask_does_not_hide_flask():
    assert _best({"flask/app.py": FLASK}) == "app:app"


def test_flask_inside_a_factory_class_is_followed():
    code = (
        "from flask import Flask\n"
        "class Site:\n"
        "    def __init__(self):\n"
        "        self.web = Flask('site')\n"
        "    def build(self):\n"
        "        return self.web\n"
        "app = Site().build()\n"
    )
    assert _best({"main.py": code}) == "main:app"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.js": "", "package.json": "{}"}, "JavaScript"),
        ({"a.ipynb": "{}"}, "notebooks"),
        ({"tests/test_app.py": FLASK}, "tests"),
        ({"app.py": "from flask import Flask\nprint 'x'\n"}, "not valid Python 3"),
        ({"lib.py": "def f(): pass\n"}, "no module makes"),
        (
            {
                "dash/run.py": "from flask import Flask\n\nclass Runner:\n    def __init__(self, level):\n"
                "        self.app = self._make(level)\n    def _make(self, level):\n        app = Flask(__name__)\n"
                "        return app\n"
            },
            "dash/run.py line 7 is made inside a class or function",
        ),
        ({"web.py": "if __name__ == '__main__':\n    " + FLASK.replace("\n", "\n    ") + "\n"}, "run as a script"),
        ({"web.py": FACTORY.replace("()", "(a, b)", 1)}, "nothing shows what to give for a, b"),
        ({}, "no Python files"),
    ],
)
def test_a_refusal_says_why(files, reason):
    search = _search(files)

    assert search.candidates == ()
    assert reason in search.refusal


def test_a_module_of_commands_does_not_hide_the_module_that_makes_the_app():
    manage = "from flask_script import Manager\nfrom shop_web import app\nmanager = Manager(app)\n"

    assert _best({"manage.py": manage, "shop_web.py": FLASK}) == "shop_web:app"


def test_a_module_of_commands_that_makes_the_app_is_started():
    manage = (
        "from flask_script import Manager\nfrom shop import create_app\napp = create_app()\nmanager = Manager(app)\n"
    )

    assert _best({"manage.py": manage, "shop/__init__.py": FACTORY}) == "manage:app"


@pytest.mark.parametrize(
    "metadata",
    [
        "setup(name='Flask-Stamps', py_modules=['flask_stamps'])",
        "setup(name='stamps', classifiers=['Topic :: Software Development :: Libraries :: Python Modules'])",
    ],
)
def test_a_library_whose_only_application_is_a_demonstration_is_none(metadata):
    search = _search({"setup.py": metadata, "flask_stamps.py": "class Stamps: pass\n", "example.py": FLASK})

    assert search.candidates == ()
    assert "it is a library" in search.refusal
    assert "example.py" in search.refusal


def test_a_demonstration_without_a_library_is_an_application():
    assert _best({"setup.py": "setup(name='shop')", "demo.py": FLASK}) == "demo:app"


def test_an_application_named_like_an_extension_stays_one():
    assert _best({"setup.py": "setup(name='flask-blog')", "app.py": FLASK, "demo.py": FLASK}) == "app:app"


def test_a_module_that_runs_flask_s_server_on_import_is_better_than_one_without_routes():
    server = "from flask import Flask\nclass Server:\n    def __init__(self):\n        self.app = Flask('a')\n"
    server += "    def run(self):\n        self.app.run()\nserver = Server()\n"
    views = "from server import server\napp = server.app\n@app.route('/')\ndef home(): return 'x'\n"
    main = "from server import server\nfrom views import *\nserver.run()\n"

    search = _search({"server.py": server, "views.py": views, "main.py": main})

    assert search.candidates[0].target in {"main:app", "views:app"}
