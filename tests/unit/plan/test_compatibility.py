"""Old and unlimited requirements meet the releases of today."""

from __future__ import annotations

import json

import pytest

from packer.plan.compatibility import compatibility
from packer.plan.data.companions import COMPANIONS
from packer.plan.system_packages import runtime_packages
from packer.plan.unneeded import unneeded_distributions
from packer.project.model import AppCandidate, AppFacts, Evidence, ServerFacts, ServiceFact


def rules(made, python="3.11"):
    return compatibility(made, python=python)


def said(found) -> str:
    return "\n".join(caution.what for caution in found.cautions)


def test_requirements_of_today_get_a_server_and_nothing_else(project):
    found = rules(project("flask\nflask-sqlalchemy\n"))

    assert (found.added, found.constraints, found.replaced) == (("gunicorn>=23",), (), ())
    assert found.decisions[0].reason


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ("flask==2.2.5", {"werkzeug<3"}),
        ("flask<2.3", {"werkzeug<3"}),
        ("flask==1.1.2", {"werkzeug<2.1", "jinja2<3.1", "itsdangerous<2.1"}),
        ("flask==1.1.4", {"werkzeug<2.1", "jinja2<3.1", "itsdangerous<2.1", "markupsafe<2.1"}),
        ("flask==2.2.5\nwerkzeug==2.2.3", set()),
        ("flask==2.2.5\nwerkzeug>=2.2", {"werkzeug<3"}),
        ("flask==2.0.3\nflask-sqlalchemy", {"flask-sqlalchemy<3", "sqlalchemy<2", "werkzeug<3"}),
        ("flask-login==0.5.0", {"werkzeug<2.1", "flask<2.3"}),
        ("flask-sqlalchemy==2.5.1", {"sqlalchemy<2", "flask<2.3", "werkzeug<3"}),
        ("flask-sqlalchemy==2.4.4", {"sqlalchemy<1.4", "flask<2.2", "werkzeug<2.1"}),
        ("flask-script", {"flask<1.1.3", "werkzeug<2.1", "jinja2<3.1", "itsdangerous<2.1"}),
        ("pandas==1.5.3\nflask", {"numpy<2"}),
        ("flask\npyyaml<6", {"pyyaml!=5.4,!=5.4.1"}),
        ("flask\npyyaml<5", set()),
    ],
)
def test_an_old_release_keeps_its_partners_old(project, requirements, expected):
    assert set(rules(project(requirements)).constraints) == expected


def test_every_limit_says_why_and_where(project):
    [decision] = [one for one in rules(project("redis\nflask==2.2.5")).decisions if one.choice == "werkzeug<3"]

    assert "flask 2.2.5" in decision.reason
    assert decision.evidence[0].line == 2
    assert decision.override


def test_the_code_s_dated_uses_limit_what_is_unlimited(project):
    found = rules(project("flask", "from flask import Flask\nfrom flask.json import JSONEncoder\n"))

    assert set(found.constraints) == {"flask<2.3", "werkzeug<3"}
    reason = next(one.reason for one in found.decisions if one.choice == "flask<2.3")
    assert reason == "the code uses flask.json.JSONEncoder, which only flask below 2.3 has"


def test_a_pin_that_this_python_cannot_have_becomes_the_nearest_that_it_can(project):
    found = rules(project("flask==0.12.2\nJinja2==2.10\nWerkzeug==0.14.1\nnumpy[x]==1.18.4; python_version > '3'"))

    assert [new for _, new in found.replaced] == [
        "jinja2>=2.10.3,<3.1",
        'numpy[x]>=1.23.2,<2; python_version > "3"',
        "werkzeug>=0.15.6,<1",
    ]
    assert "numpy is pinned to 1.18.4, which has no wheel for Python 3.11" in said(found)


def test_the_family_of_a_pin_that_cannot_be_kept_gets_lower_limits(project):
    found = rules(project("flask\ncelery==4.4.7\nkombu==4.6.11\nclick==6.7\nredis==3.5.3", "import flask, redis"))

    assert [new for _, new in found.replaced] == ["celery>=5.0.5,<6", "click>=6.7", "kombu>=4.6.11"]


def test_pins_that_have_nothing_to_do_with_a_relaxed_one_are_kept(project):
    found = rules(project("flask\nnumpy==1.18.4\nsix==1.11.0\nMako==1.0.7"))

    assert [new for _, new in found.replaced] == ["numpy>=1.23.2,<2"]


def test_requirements_for_other_pythons_and_platforms_do_not_count(project):
    requirements = "flask\nflask-login==0.5.0; python_version < '3'\nnumpy==1.18.4; sys_platform == 'win32'"

    found = rules(project(requirements))

    assert (found.constraints, found.replaced) == ((), ())


def test_a_pin_that_builds_without_a_compiler_is_left_alone(project):
    assert rules(project("flask\nmarkupsafe==1.1.1\nsqlalchemy==1.3.24")).replaced == ()


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("psycopg2==2.9.9", "psycopg2-binary==2.9.9"),
        ("psycopg2==2.8.5", "psycopg2-binary>=2.9.5,<3"),
        ("opencv-python==4.2.0.32", "opencv-python-headless>=4.2,<5"),
        ("sklearn==0.0", "scikit-learn"),
        ("MySQL-python==1.2.5", "mysqlclient"),
    ],
)
def test_what_an_image_cannot_use_is_substituted(project, requirement, expected):
    assert [text for _, text in rules(project(f"flask\n{requirement}")).replaced] == [expected]


def test_what_no_index_offers_any_more_is_left_out(project):
    assert unneeded_distributions(project("flask\nconda\n").dependencies)[0] == ("conda",)


def test_what_another_distribution_asks_for_is_substituted_too(project):
    found = rules(project("flask\nface-recognition==1.3.0\n"))

    assert "dlib-bin" in found.added
    assert found.overrides == ("dlib; sys_platform == 'none'",)


def test_a_lock_is_never_changed_only_warned_of(project):
    pins = {"flask": "2.2.2", "werkzeug": "3.0.1", "psycopg2": "2.9.9"}
    files = {
        "Pipfile": "[packages]\n" + "".join(f"{name} = '*'\n" for name in pins),
        "Pipfile.lock": json.dumps({"default": {name: {"version": f"=={pin}"} for name, pin in pins.items()}}),
    }

    found = rules(project(files=files))

    assert (found.constraints, found.replaced, found.added) == ((), (), ("gunicorn>=23", "setuptools<81"))
    assert "Pipfile.lock pins flask 2.2.2 with werkzeug 3.0.1: it fails with werkzeug 3 and later" in said(found)


def test_a_lock_that_no_python_of_today_can_have_gives_its_pins_as_requirements(project):
    pins = {"flask": "1.0.2", "werkzeug": "0.14.1", "jinja2": "2.10", "click": "7.0", "pywin32": "300"}
    files = {
        "Pipfile": "[packages]\nflask = {version = '*', extras = ['dotenv']}\n",
        "Pipfile.lock": json.dumps({"default": {name: {"version": f"=={pin}"} for name, pin in pins.items()}}),
    }

    found = rules(project(files=files))

    assert found.unlocked is not None
    assert found.unlocked.lock is None
    assert [one.text for one in found.unlocked.direct] == [
        "click==7.0",
        "flask[dotenv]==1.0.2",
        "jinja2==2.10",
        "werkzeug==0.14.1",
    ]
    assert dict(found.replaced)["flask[dotenv]==1.0.2"] == "flask[dotenv]>=1.0.4,<1.1.3"
    assert "Pipfile.lock pins releases that cannot be used on Python 3.11" in said(found)


def test_what_a_distribution_imports_without_asking_for_it_is_added(project):
    assert "setuptools<81" in rules(project("flask\ngunicorn==20.0.4")).added
    assert "setuptools<81" not in rules(project("flask\ngunicorn")).added
    assert "pytz" in rules(project("flask\nflask-babelex")).added


def test_pins_on_a_python_that_had_setuptools_everywhere_get_it(project):
    assert rules(project("flask==2.0.2\ngunicorn==22"), python="3.11").added == ("setuptools<81",)
    assert rules(project("flask==2.0.2\ngunicorn==22\nsetuptools==65"), python="3.11").added == ()
    assert rules(project("flask==3.1.0\ngunicorn==23"), python="3.13").added == ()


def test_code_that_imports_pkg_resources_gets_the_setuptools_that_still_has_it(project):
    assert "setuptools<81" in rules(project("flask", "from pkg_resources import require\nimport flask")).added


def test_pymysql_gets_its_other_half_for_mysql_8(project):
    assert "cryptography" in rules(project("flask\npymysql")).added
    assert "cryptography" not in rules(project("flask\npymysql\ncryptography")).added


@pytest.mark.parametrize(
    ("requirement", "added"),
    [("psycopg==3.2.2", True), ("psycopg[binary]", False), ("psycopg\npsycopg-c", False), ("psycopg2-binary", False)],
)
def test_psycopg_gets_the_part_that_brings_its_library(project, requirement, added):
    found = project(f"flask\n{requirement}")

    assert ("psycopg[binary]" in rules(found).added) is added
    assert runtime_packages(found) == (("libpq5",) if "psycopg-c" in requirement else ())


def test_the_email_validator_of_wtforms_is_added(project):
    assert "email-validator" in rules(project("flask-wtf", "from wtforms.validators import Email\nimport flask")).added


def test_what_the_code_imports_and_nothing_brings_is_added(project):
    assert rules(project("flask", "import flask, yaml")).added == ("pyyaml", "gunicorn>=23")


def test_an_asgi_app_gets_gunicorn_s_uvicorn_worker(project):
    candidate = AppCandidate(target="app:app", path="app.py", framework="quart", interface="asgi")

    found = rules(project("quart\nuvicorn", "import quart", app=AppFacts(candidates=(candidate,))))

    assert found.added == ("gunicorn>=23", "uvicorn-worker")


@pytest.mark.parametrize(
    ("requirements", "interface", "added"),
    [
        ("connexion", "asgi", True),
        ("connexion==3.0.6\nflask", "asgi", True),
        ("connexion==3.0.6\nflask\na2wsgi", "asgi", False),
        ("connexion<3", "wsgi", False),
    ],
)
def test_connexion_3_gets_its_flask(project, requirements, interface, added):
    candidate = AppCandidate(target="app:app", path="app.py", framework="flask", interface=interface)

    found = rules(project(requirements, "import connexion", app=AppFacts(candidates=(candidate,))))

    assert ("connexion[flask]" in found.added) is added


def test_a_worker_class_gets_its_library(project):
    app = AppFacts(server=ServerFacts(worker_class="gevent"))

    assert "gevent>=24.10.1" in rules(project("flask\ngunicorn", app=app)).added


def test_a_database_without_a_driver_is_said(project):
    service = ServiceFact(kind="mysql", driver=None, evidence=(Evidence(".env.example", 1, "mysql://"),))

    found = rules(project("flask\nflask-sqlalchemy", services=(service,)))

    assert "no requirement brings a driver" in said(found)


@pytest.mark.parametrize(
    ("requirements", "address", "driver"),
    [
        ("flask-sqlalchemy", "mysql://", "mysqlclient"),
        ("flask-sqlalchemy\npymysql", "mysql://", None),
        ("flask-sqlalchemy", "mysql+pymysql://", "pymysql"),
        ("sqlalchemy", "postgresql://", "psycopg2-binary"),
        ("sqlalchemy\npsycopg2", "postgres://", None),
        ("sqlalchemy", "postgresql+psycopg://", "psycopg[binary]"),
        ("records", "postgresql://", None),
    ],
)
def test_the_driver_that_an_address_in_the_code_selects_is_added(project, requirements, address, driver):
    kind = "mysql" if "mysql" in address else "postgresql"
    service = ServiceFact(kind=kind, driver=None, evidence=(Evidence("app.py", 1, f"URL = '{address}u@db/x'"),))

    added = set(rules(project(f"flask\n{requirements}", services=(service,))).added)

    assert added - {"gunicorn>=23", "cryptography", "setuptools<81"} == ({driver} if driver else set())


def test_an_address_for_another_driver_than_the_one_that_is_there_is_said(project):
    service = ServiceFact(
        kind="mysql", driver="pymysql", evidence=(Evidence("app.py", 3, "URL = 'mysql://u@db/shop'"),)
    )

    found = rules(project("flask\npymysql", services=(service,)))

    assert "mysql:// address selects the MySQLdb module" in said(found)


@pytest.mark.parametrize(
    ("requirements", "python", "given"),
    [
        ("flask==1.1.2", "3.11", True),
        ("flask-restplus", "3.11", True),
        ("flask<2", "3.13", True),
        ("flask==2.0.3", "3.11", False),
        ("flask", "3.13", False),
        ("flask==1.1.2", "3.9", False),
    ],
)
def test_distributions_of_before_python_3_10_get_the_names_that_it_removed(project, requirements, python, given):
    assert rules(project(requirements), python=python).former_names is given


def test_what_no_limit_can_repair_is_said(project):
    assert "flask-restplus was abandoned" in said(rules(project("flask-restplus")))


def test_no_row_of_the_table_limits_its_own_distribution():
    assert all(row.name != row.partner for row in COMPANIONS)
    assert all(row.lower is None or row.upper is None or row.lower < row.upper for row in COMPANIONS)


@pytest.mark.parametrize("requirements", ["flask-jwt", "flask-jwt==0.3.2\npyjwt==1.4.2"])
def test_a_limit_that_its_distribution_does_not_need_is_set_aside_and_told(project, requirements):
    found = rules(project(requirements))

    assert found.overrides == ("pyjwt>=1.7.1,<2",)
    assert any("works with this one" in one.reason for one in found.decisions)


def test_code_that_uses_names_that_python_lost_gets_them_back(project):
    assert rules(project("flask", "from collections import Mapping\nimport flask"), python="3.13").former_names
    assert not rules(project("flask", "from collections.abc import Mapping\nimport flask"), python="3.13").former_names


def test_what_left_langchain_is_added_where_the_code_imports_it_by_its_old_name(project):
    old = rules(project("flask\nlangchain", "from langchain.vectorstores import FAISS\nimport flask"))
    new = rules(project("flask\nlangchain", "from langchain.agents import create_agent\nimport flask"))

    assert "langchain-community" in old.added
    assert "langchain<1" in old.constraints
    assert "langchain-community" not in new.added
