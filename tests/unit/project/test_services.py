"""The backing services of an application."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

APP = "import os\nfrom flask import Flask\napp = Flask(__name__)\n"


def services(requirements: str, app: str = "", **files: str) -> list[tuple[str, str | None]]:
    tree = MemoryTree({"requirements.txt": f"flask\n{requirements}", "app.py": APP + app, **files})
    return [(service.kind, service.driver) for service in inspect(tree).services]


@pytest.mark.parametrize(
    ("requirement", "kind", "driver"),
    [
        ("PyMySQL[rsa]>=1.1", "mysql", "pymysql"),
        ("mysqlclient", "mysql", "mysqlclient"),
        ("mysql-connector-python", "mysql", "mysql-connector-python"),
        ("asyncmy", "mysql", "asyncmy"),
        ("aiomysql", "mysql", "aiomysql"),
        ("Flask-MySQLdb", "mysql", "mysqlclient"),
        ("Flask_MySQL", "mysql", "pymysql"),
        ("mariadb", "mysql", "mariadb"),
        ("psycopg[binary]", "postgresql", "psycopg"),
        ("psycopg2-binary", "postgresql", "psycopg2-binary"),
        ("asyncpg", "postgresql", "asyncpg"),
        ("pg8000", "postgresql", "pg8000"),
        ("redis", "redis", "redis"),
        ("Flask-Redis", "redis", "redis"),
        ("rq", "redis", "redis"),
        ("celery", "celery", "celery"),
        ("pymongo", "mongodb", "pymongo"),
        ("mongoengine", "mongodb", "pymongo"),
        ("Flask-PyMongo", "mongodb", "pymongo"),
        ("elasticsearch", "elasticsearch", "elasticsearch"),
        ("pymemcache", "memcached", "pymemcache"),
        ("pika", "rabbitmq", "pika"),
    ],
)
def test_a_driver_among_the_requirements_is_a_service(requirement, kind, driver):
    assert services(requirement) == [(kind, driver)]


@pytest.mark.parametrize(
    ("requirement", "app"),
    [
        ("# psycopg2 one day", ""),
        ("mysql-to-sqlite-names", ""),
        ("flask-caching", "cache = {'CACHE_TYPE': 'SimpleCache'}"),
        ("", "# mysql://localhost/app"),
        ("", "title = 'We love redis and mongodb'"),
        ("", "hint = 'write mysql:host here'"),
        ("", "if __name__ == '__main__':\n    import sqlite3"),
    ],
)
def test_a_word_is_not_a_service(requirement, app):
    assert services(requirement, app) == []


def test_urls_in_the_code_name_services():
    found = services(
        "sqlalchemy\n", "app.config['SQLALCHEMY_DATABASE_URI'] = os.getenv('DB') or 'postgresql+psycopg://db/app'\n"
    )

    assert found == [("postgresql", "psycopg")]


def test_a_cache_in_redis_is_a_service_and_one_in_memory_is_not():
    assert services("flask-caching\n", "app.config['CACHE_REDIS_URL'] = 'redis://cache:6379/0'\n") == [("redis", None)]


def test_django_s_engines_are_services():
    settings = "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'NAME': 'x'}}\n"
    wsgi = (
        "import os\nfrom django.core.wsgi import get_wsgi_application\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_wsgi_application()\n"
    )
    files = {"manage.py": "", "site1/__init__.py": "", "site1/settings.py": settings, "site1/wsgi.py": wsgi}

    found = inspect(MemoryTree({"requirements.txt": "django\nmysqlclient\n", **files})).services

    assert [(service.kind, service.driver) for service in found] == [("mysql", "mysqlclient")]


def test_sqlite_is_a_service_when_it_is_all_there_is_and_last_when_not():
    lite = "app.config['SQLALCHEMY_DATABASE_URI'] = os.environ.get('DATABASE_URL', 'sqlite:///app.db')\n"

    assert services("flask-sqlalchemy\n", lite) == [("sqlite", "sqlite3")]
    assert services("flask-sqlalchemy\npsycopg2\nredis\n", lite) == [
        ("postgresql", "psycopg2"),
        ("sqlite", "sqlite3"),
        ("redis", "redis"),
    ]


def test_of_two_databases_the_one_that_the_settings_name_comes_first():
    found = services("psycopg2\npymysql\n", "SQLALCHEMY_DATABASE_URI = 'mysql+pymysql://localhost/app'\n")

    assert [kind for kind, _ in found] == ["mysql", "postgresql"]


def test_an_example_file_decides_between_drivers_but_is_no_proof_by_itself():
    example = {".env.example": "DATABASE_URL=postgres://user:hunter2@localhost/app\n"}

    assert [kind for kind, _ in services("psycopg2\npymysql\n", **example)] == ["postgresql", "mysql"]
    assert services("", **example) == []


def test_a_project_without_an_app_still_has_its_drivers():
    tree = MemoryTree({"requirements.txt": "pymysql\n", "tool.py": "print(1)\n"})

    assert [service.kind for service in inspect(tree).services] == ["mysql"]


def test_evidence_of_an_example_file_holds_no_value():
    tree = MemoryTree(
        {
            "requirements.txt": "flask\npsycopg2\n",
            "app.py": APP,
            ".env.example": "DATABASE_URL=postgres://user:hunter2@localhost/app\n",
        }
    )

    (service,) = inspect(tree).services
    assert ".env.example" in {evidence.path for evidence in service.evidence}
    assert "hunter2" not in repr(service)
