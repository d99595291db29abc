"""Which of the project's files is believed."""

from __future__ import annotations

import json

import pytest

from packer.project.dependencies import DependencyReader
from packer.project.tree import MemoryTree

APP = {"app.py": "from flask import Flask\nimport redis\napp = Flask(__name__)\n"}


def read(files, **where):
    return DependencyReader(MemoryTree({**APP, **files})).read(**where)


def names(reading) -> list[str]:
    return [fact.name for fact in reading.facts.direct]


def said(reading) -> str:
    return "\n".join(caution.what for caution in reading.cautions)


PIPFILE = "[packages]\nflask = '*'\nredis = '*'\n[dev-packages]\npytest = '*'\n"
PIPFILE_LOCK = json.dumps({"default": {"flask": {"version": "==2.0"}, "redis": {"version": "==4.0"}}})


def test_a_lock_that_fits_its_manifest_wins_over_requirements_and_is_said_to():
    reading = read({"Pipfile": PIPFILE, "Pipfile.lock": PIPFILE_LOCK, "requirements.txt": "flask==0.12\nredis\n"})

    assert (reading.facts.manager, reading.facts.manifest, reading.facts.lock) == ("pipenv", "Pipfile", "Pipfile.lock")
    assert reading.facts.lock_format == "pipenv"
    assert names(reading) == ["flask", "redis"]
    assert "several files state requirements: Pipfile.lock is used, requirements.txt not" in said(reading)
    assert reading.facts.files == ("Pipfile", "Pipfile.lock")


def test_a_lock_that_lacks_a_wish_is_not_used():
    stale = json.dumps({"default": {"flask": {"version": "==2.0"}}})

    reading = read({"Pipfile": PIPFILE, "Pipfile.lock": stale})

    assert (reading.facts.manifest, reading.facts.lock, reading.facts.locked) == ("Pipfile", None, ())
    assert "does not fit Pipfile any more (redis)" in said(reading)


def test_a_lock_whose_pin_breaks_a_limit_is_not_used():
    reading = read({"Pipfile": PIPFILE.replace("redis = '*'", "redis = '>=5'"), "Pipfile.lock": PIPFILE_LOCK})

    assert reading.facts.lock is None


def test_a_broken_lock_costs_a_caution_only():
    reading = read({"Pipfile": PIPFILE, "Pipfile.lock": "<<<<<<< HEAD"})

    assert (reading.facts.manifest, reading.facts.lock) == ("Pipfile", None)
    assert "Pipfile.lock is not valid JSON" in said(reading)


def test_settings_of_tools_in_pyproject_do_not_hide_the_requirements():
    reading = read({"pyproject.toml": "[tool.ruff]\n", "requirements.txt": "flask\nredis\n"})

    assert reading.facts.manifest == "requirements.txt"
    assert reading.cautions == ()


def test_a_broken_pyproject_costs_a_caution_only():
    reading = read({"pyproject.toml": "[project\n", "requirements.txt": "flask\nredis\n"})

    assert reading.facts.manifest == "requirements.txt"
    assert "pyproject.toml is not valid TOML" in said(reading)


def test_a_file_that_lacks_the_framework_of_the_code_comes_last():
    reading = read({"requirements.txt": "sphinx\n", "Pipfile": PIPFILE})

    assert reading.facts.manifest == "Pipfile"


def test_a_compiled_requirements_file_is_a_lock():
    reading = read({"requirements.in": "flask\n", "requirements.txt": "# by pip-compile\nflask==2.0\nredis==4.0\n"})

    assert (reading.facts.lock, reading.facts.lock_format) == ("requirements.txt", "requirements")


def test_pins_by_hand_are_no_lock():
    reading = read({"requirements.txt": "flask==2.0\nredis==4.0\n"})

    assert reading.facts.lock is None
    assert [fact.pinned for fact in reading.facts.direct] == ["2.0", "4.0"]


def test_the_production_file_is_taken_and_the_developers_file_is_not():
    files = {
        "requirements/dev.txt": "-r base.txt\npytest\n",
        "requirements/base.txt": "flask\nredis\n",
        "requirements/prod.txt": "-r base.txt\ngunicorn\n",
        "docs/requirements.txt": "sphinx\n",
    }

    assert names(read(files)) == ["flask", "gunicorn", "redis"]
    assert names(read({**files, "requirements.txt": "-r requirements/dev.txt\n"})) == ["flask", "gunicorn", "redis"]


def test_a_developers_file_alone_is_better_than_none():
    reading = read({"requirements-dev.txt": "flask\nredis\npytest\n"})

    assert reading.facts.manifest == "requirements-dev.txt"
    assert "for developers" in said(reading)


@pytest.mark.parametrize("name", ["requirments.txt", "requeriments.txt", "requirement.txt", "requirements.txt.txt"])
def test_a_misspelt_file_is_used_and_pointed_out(name):
    reading = read({name: "flask\nredis\n"})

    assert reading.facts.manifest == name
    assert f"{name} is read as a requirements file" in said(reading)


def test_the_nearest_manifest_at_or_above_the_app_wins():
    files = {
        "services/api/app.py": APP["app.py"],
        "services/api/requirements.txt": "flask\nredis\n",
        "requirements.txt": "flask\n",
    }

    assert read(files, subfolder="services/api").facts.manifest == "services/api/requirements.txt"
    del files["services/api/requirements.txt"]
    assert read(files, subfolder="services/api").facts.manifest == "requirements.txt"


def test_a_manifest_elsewhere_is_better_than_none():
    reading = read({"backend/app.py": APP["app.py"], "deploy/requirements.txt": "flask\nredis\n"}, subfolder="backend")

    assert reading.facts.manifest == "deploy/requirements.txt"
    assert "those in deploy are used" in said(reading)


def test_an_editable_project_brings_its_own_requirements():
    reading = read(
        {
            "requirements.txt": "-e .[web]\n",
            "setup.cfg": "[options]\ninstall_requires = flask\n",
            "src/shop/__init__.py": "",
            "pyproject.toml": '[project]\nname = "shop"\ndynamic = ["dependencies"]\n'
            '[project.optional-dependencies]\nweb = ["redis"]\n',
        }
    )

    assert names(reading) == ["flask", "redis"]
    [package] = reading.facts.local_packages
    assert (package.path, package.import_root, package.name) == (".", "src", "shop")


def test_a_well_known_import_without_a_requirement_is_implied():
    reading = read({"requirements.txt": "gunicorn\n"})

    assert names(reading) == ["gunicorn"]
    assert [fact.name for fact in reading.facts.implied] == ["flask", "redis"]
    assert [decision.choice for decision in reading.decisions if decision.subject == "dependencies.implied"] == [
        "flask",
        "redis",
    ]


EXTRAS = """
[project]
name = "shop"
dependencies = ["flask"]
[project.optional-dependencies]
all = ["redis>=4", "celery", "pytest"]
dev = ["redis", "pytest"]
queue = ["redis>=5", "hiredis"]
big = ["redis", "celery", "boto3"]
"""
EXTRAS_OF_SETUP = """
from setuptools import setup
setup(name="shop", install_requires=["flask"], extras_require={"test": ["redis"], "queue": ["redis>=5", "hiredis"]})
"""


@pytest.mark.parametrize(("path", "text"), [("pyproject.toml", EXTRAS), ("setup.py", EXTRAS_OF_SETUP)])
def test_the_extra_that_brings_what_the_code_imports_is_chosen_and_said(path, text):
    reading = read({path: text})

    assert [fact.text for fact in reading.facts.implied] == ["hiredis", "redis>=5"]
    [decision] = [
        one for one in reading.decisions if one.subject.startswith("dependencies.") and "part of" in one.reason
    ]
    assert (decision.subject, decision.choice) == ("dependencies.extra", "queue")
    assert decision.evidence[0].path == path


@pytest.mark.parametrize(
    "code", ["import flask\n", "import flask\ntry:\n    import redis\nexcept ImportError:\n    redis = 0\n"]
)
def test_no_extra_is_chosen_for_what_the_code_does_without(code):
    assert read({"pyproject.toml": EXTRAS, "app.py": code}).facts.implied == ()


def test_no_extra_is_chosen_for_what_a_factory_imports_or_what_its_distributions_only_need():
    extras = '[project]\nname = "shop"\ndependencies = ["flask"]\n[project.optional-dependencies]\n'
    code = "import flask, typing_extensions\ndef create_app():\n    import redis\n    return flask.Flask('shop')\n"
    reading = read({"pyproject.toml": f'{extras}sql = ["sqlalchemy"]\nqueue = ["redis", "rq"]\n', "app.py": code})

    assert {"sqlalchemy", "rq"}.isdisjoint(fact.name for fact in reading.facts.implied)


def test_another_make_of_a_distribution_brings_its_modules():
    extras = '[project]\nname = "shop"\ndependencies = ["flask"]\n[project.optional-dependencies]\n'
    reading = read({"pyproject.toml": f'{extras}db = ["psycopg2-binary"]\n', "app.py": "import flask, psycopg2\n"})

    assert [fact.name for fact in reading.facts.implied] == ["psycopg2-binary"]


def test_an_import_that_a_requirement_brings_along_is_not_implied():
    reading = read(
        {"app.py": "import flask, werkzeug, jinja2, bs4, yaml\n", "requirements.txt": "flask\nbeautifulsoup4\nPyYAML\n"}
    )

    assert reading.facts.implied == ()
    assert reading.cautions == ()


def test_without_a_manifest_the_imports_are_all_there_is():
    reading = read(
        {"app.py": "import flask_sqlalchemy, cv2, yaml, os, helper, oddly_named\n", "helper.py": "import jwt"}
    )

    assert reading.facts.inferred
    assert names(reading) == ["flask-sqlalchemy", "opencv-python-headless", "pyjwt", "pyyaml"]
    assert "oddly_named" in said(reading)
    assert "helper" not in said(reading)


def test_a_name_that_is_not_well_known_is_never_installed():
    reading = read({"app.py": "import flask, reqeusts\n"})

    assert names(reading) == ["flask"]
    assert "reqeusts" in said(reading)


def test_uv_workspaces_lock_above_the_member():
    lock = """
version = 1
[[package]]
name = "api"
version = "0.1"
source = { virtual = "services/api" }
dependencies = [{ name = "flask" }, { name = "redis" }]
[[package]]
name = "flask"
version = "3.0"
source = { registry = "https://example.com/simple" }
[[package]]
name = "redis"
version = "5.0"
source = { registry = "https://example.com/simple" }
"""
    reading = read(
        {
            "uv.lock": lock,
            "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*"]\n',
            "services/api/app.py": APP["app.py"],
            "services/api/pyproject.toml": '[project]\nname = "api"\ndependencies = ["flask", "redis"]\n',
        },
        subfolder="services/api",
    )

    assert (reading.facts.manager, reading.facts.lock) == ("uv", "uv.lock")
    assert reading.facts.locked == (("flask", "3.0"), ("redis", "5.0"))
