"""The stack around an app: what it is told, under the names that it reads."""

from __future__ import annotations

from packer.plan.planner import make_plan
from packer.plan.settings import MysqlSettings, Settings
from packer.plan.stack import plan_stack
from packer.plan.stack_model import StackPlan
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

HEAD = "import os\nfrom flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\napp = Flask(__name__)\n"


def stack_of(code: str, requirements: str = "flask\nflask-sqlalchemy\npymysql\n", **files: str) -> StackPlan:
    tree = MemoryTree(
        {"requirements.txt": requirements, "app.py": HEAD + code, **{f"{k}.py": v for k, v in files.items()}}, "shop"
    )
    project = inspect(tree)
    return plan_stack(make_plan(project, Settings()), project.environment, Settings())


def told(stack: StackPlan) -> dict[str, str]:
    return {**dict(stack.environment), **{use.variable: use.path for use in stack.app_secrets}}


def test_a_database_is_told_of_by_its_parts_and_the_password_by_a_file() -> None:
    stack = stack_of(
        "app.config['SQLALCHEMY_DATABASE_URI'] = 'mysql+pymysql://%s:%s@%s/%s' % (os.environ['DB_USER'],"
        " os.environ['DB_PASSWORD'], os.environ['DB_HOST'], os.environ.get('DB_NAME', 'crm'))\n"
    )
    service = stack.service("mysql")

    assert told(stack) == {
        "DB_HOST": "database",
        "DB_NAME": "crm",
        "DB_PASSWORD_FILE": "/run/secrets/database_password",
        "DB_USER": "crm",
        "FORWARDED_ALLOW_IPS": "*",
    }
    assert service is not None
    assert dict(service.environment)["MYSQL_DATABASE"] == "crm"
    assert dict(service.environment)["MYSQL_USER"] == "crm"
    assert service.image == "mysql:8.4"


def test_a_url_holds_the_password_so_it_is_a_secret_itself() -> None:
    stack = stack_of("app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['DATABASE_URL']\n")
    secret = next(one for one in stack.secrets if one.name == "database_url")

    assert told(stack)["DATABASE_URL_FILE"] == "/run/secrets/database_url"
    assert secret.address == "mysql+pymysql://shop:{database_password}@database:3306/shop?charset=utf8mb4"


def test_the_superuser_is_no_account_for_an_app() -> None:
    stack = stack_of(
        "A = os.environ.get('MYSQL_USER', 'root'), os.environ['MYSQL_PASSWORD'], os.environ['MYSQL_HOST']\n"
    )

    assert told(stack)["MYSQL_USER"] == "shop"


def test_an_app_that_reads_only_a_secrets_file_finds_it_where_packs_module_does_not_look() -> None:
    stack = stack_of("KEY = open(os.environ['SECRET_KEY_FILE']).read()\n", "flask\nflask-sqlalchemy\n")

    assert told(stack)["SECRET_KEY_FILE"] == "/etc/app-secrets/secret_key_file"


def test_what_only_its_user_knows_is_asked_for() -> None:
    stack = stack_of("A = os.environ['SHOP_NAME'], os.environ['STRIPE_API_KEY']\n", "flask\nflask-sqlalchemy\n")

    assert stack.wanted == ("SHOP_NAME",)
    assert [(one.name, one.kind) for one in stack.secrets] == [("stripe_api_key", "given")]


def test_a_database_that_the_app_cannot_be_told_of_is_said() -> None:
    stack = stack_of("app.config['SQLALCHEMY_DATABASE_URI'] = 'mysql+pymysql://root@localhost/x'\n")

    assert any("reads no variable that says where its mysql is" in one.what for one in stack.cautions)


def test_redis_and_its_databases() -> None:
    stack = stack_of(
        "import redis\nr = redis.from_url(os.environ['REDIS_URL'])\nB = os.environ['CELERY_BROKER_URL']\n",
        "flask\nflask-sqlalchemy\nredis\ncelery\n",
        tasks="from celery import Celery\nqueue = Celery('shop')\n",
    )

    assert told(stack)["REDIS_URL"] == "redis://redis:6379/0"
    assert told(stack)["CELERY_BROKER_URL"] == "redis://redis:6379/1"
    assert stack.worker == ("celery", "--app", "tasks:queue", "worker", "--loglevel", "INFO")


def test_mariadb_has_its_own_client() -> None:
    project = inspect(MemoryTree({"requirements.txt": "flask\npymysql\n", "app.py": HEAD}, "shop"))
    settings = Settings(mysql=MysqlSettings(image="mariadb:11"))
    service = plan_stack(make_plan(project, settings), project.environment, settings).service("mysql")

    assert service is not None
    assert "mariadb --protocol=tcp" in service.probe


def test_a_name_that_compose_would_not_take_is_changed() -> None:
    project = inspect(MemoryTree({"requirements.txt": "flask\n", "app.py": HEAD}, "_My.Shop"))

    assert plan_stack(make_plan(project, Settings()), (), Settings()).name == "my-shop"
