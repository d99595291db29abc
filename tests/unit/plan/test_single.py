"""Everything in one container: what is added to the plan, and what the app is told."""

from __future__ import annotations

import pytest

from packer.errors import PlanError
from packer.plan.model import Plan
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

APP = "import os\nfrom flask import Flask\napp = Flask(__name__)\n"
URL = 'app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]\n'
KEY = 'app.secret_key = os.environ["SECRET_KEY"]\n'


def plan(source: str, requirements: str = "flask\nflask-sqlalchemy\npymysql\n", **settings: str) -> Plan:
    tree = MemoryTree({"app.py": source, "requirements.txt": requirements})
    return make_plan(inspect(tree), Settings(**{"layout": "single", **settings}))


def test_an_app_on_mysql_gets_a_database_and_is_told_where() -> None:
    single = plan(APP + URL + KEY).single

    assert single is not None
    assert single.database is not None
    assert single.database.scheme == "mysql+pymysql"
    assert {one.name: one.value for one in single.variables} == {"DATABASE_URL": "url", "SECRET_KEY": "secret"}


def test_an_app_without_mysql_gets_none() -> None:
    made = plan(APP + KEY, "flask\n")

    assert made.single is not None
    assert made.single.database is None
    assert not any("mariadb" in package for package in made.base.packages)


def test_the_health_check_asks_through_nginx() -> None:
    made = plan(APP + '@app.get("/healthz")\ndef healthz(): return "ok"\n')

    assert f"'127.0.0.1',{made.web.port}," in made.runtime.health.command[-1]
    assert made.runtime.port == made.web.port
    assert made.web.upstream == "127.0.0.1:8000"


def test_a_database_keeps_the_name_that_the_app_would_use() -> None:
    source = (
        APP
        + 'import pymysql\npymysql.connect(database=os.getenv("DB_NAME", "shop"), user=os.getenv("DB_USER", "root"))\n'
    )
    single = plan(source).single

    assert single is not None
    assert single.database is not None
    assert (single.database.name, single.database.user) == ("shop", "app")


def test_an_app_that_reads_no_address_is_warned_of() -> None:
    assert any("where its database is" in caution.what for caution in plan(APP + "import pymysql\n").cautions)


def test_a_base_that_takes_no_packages_is_refused() -> None:
    with pytest.raises(PlanError, match="single"):
        plan(APP, "flask\n", base="docker.io/library/python:3.12-slim")


def test_without_the_setting_the_image_holds_the_app_alone() -> None:
    assert plan(APP, "flask\n", layout="app").single is None
