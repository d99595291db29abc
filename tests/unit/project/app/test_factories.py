"""A factory is called with what the project itself shows, in literals that a server's command line can carry."""

import pytest

from packer.project.app import find_app
from packer.project.tree import MemoryTree

BODY = "    app = Flask(__name__)\n    app.config.from_object({})\n    return app\n"


def _target(files):
    search = find_app(MemoryTree(files), distributions=frozenset())
    return search.candidates[0].target if search.candidates else None


def _factory(parameters, configuration):
    return (
        f"from flask import Flask\nimport config\nfrom config import config as table\ndef create_app({parameters}):\n"
        + (BODY.format(configuration))
    )


@pytest.mark.parametrize(
    ("parameters", "call"),
    [
        ("", "()"),
        ("config=None, *, testing=False", "()"),
        ("*args, **kwargs", "()"),
        ("name", "('production')"),
        ("*, name", "(name='production')"),
    ],
)
def test_required_arguments_come_from_the_table_of_configurations(parameters, call):
    files = {"web.py": _factory(parameters, "table[name]"), "config.py": "config = {'testing': 1, 'production': 2}\n"}

    assert _target(files) == f"web:create_app{call}"


def test_a_call_under_main_shows_the_argument():
    files = {
        "web.py": _factory("name", "load(name)"),
        "manage.py": "import os\nfrom web import create_app\n"
        "if __name__ == '__main__':\n    create_app(os.getenv('CONFIG') or 'live').run()\n",
    }

    assert _target(files) == "web:create_app('live')"


def test_a_configuration_class_is_given_by_its_import_name():
    files = {
        "web.py": _factory("settings", "settings").replace("from_object(settings)", "from_object(settings)"),
        "config.py": "class ProductionConfig: pass\nclass TestingConfig: pass\n",
    }

    assert _target(files) == "web:create_app('config.ProductionConfig')"


def test_a_development_name_gives_way_to_the_production_one():
    files = {
        "web.py": _factory("name", "table[name]"),
        "config.py": "config = {'development': 1, 'production': 2}\n",
        "run.py": "from web import create_app\nif __name__ == '__main__':\n    create_app('development').run()\n",
    }

    assert _target(files).endswith(":create_app('production')")


def test_views_commands_and_fixtures_are_no_factories():
    code = "from flask import Flask\nimport pytest\n@pytest.fixture\ndef create_app():\n    return Flask('x')\n"

    assert _target({"helpers.py": code}) is None
