"""The places that an application writes to at run time."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.model import Project
from packer.project.tree import MemoryTree

HEAD = "import os\nimport sqlite3\nfrom pathlib import Path\nfrom flask import Flask\n"


def project_of(app: str, *, requirements: str = "flask\n", **files: str) -> Project:
    tree = MemoryTree({"requirements.txt": requirements, "app.py": f"{HEAD}app = Flask(__name__)\n{app}", **files})
    return inspect(tree)


def writable(app: str, *, requirements: str = "flask\n", **files: str) -> list[tuple[str, str]]:
    return [(place.path, place.kind) for place in project_of(app, requirements=requirements, **files).writable]


@pytest.mark.parametrize(
    ("code", "path", "kind"),
    [
        ("sqlite3.connect('app.db')", "app.db", "file"),
        ("sqlite3.connect(os.path.join(os.path.dirname(__file__), 'x.db'))", "x.db", "file"),
        ("sqlite3.connect(str(Path(__file__).parent / 'x.db'))", "x.db", "file"),
        ("sqlite3.connect(database='data/x.db')", "data", "directory"),
        ("from peewee import SqliteDatabase\ndb = SqliteDatabase('x.db')", "x.db", "file"),
        ("from sqlalchemy import create_engine\ne = create_engine('sqlite:///x.db?timeout=5')", "x.db", "file"),
        ("import board\nboard.config.database_name = 'sqlite:///x.db'", "x.db", "file"),
        ("from tinydb import TinyDB\ndb = TinyDB('x.json')", "x.json", "file"),
        ("os.makedirs(os.path.join(app.root_path, 'cache'), exist_ok=True)", "cache", "directory"),
        ("Path('exports').mkdir(parents=True)", "exports", "directory"),
        ("Path(app.instance_path).mkdir()", "instance", "directory"),
        ("open('token.txt', 'w').write('x')", "token.txt", "file"),
        ("with open('hits.txt', mode='a+') as f: ...", "hits.txt", "file"),
        ("Path('state.json').write_text('{}')", "state.json", "file"),
        ("(Path('out') / 'x.bin').open('wb')", "out", "directory"),
        ("def f(name):\n    open('reports/' + name, 'wb')", "reports", "directory"),
        ("def f(name):\n    open(f'reports/{name}.pdf', 'wb')", "reports", "directory"),
        ("def f(name):\n    open(os.path.join('reports', name), 'wb')", "reports", "directory"),
        ("app.config['UPLOAD_FOLDER'] = 'static/uploads'", "static/uploads", "directory"),
        ("UPLOADED_PHOTOS_DEST = os.path.abspath('photos')", "photos", "directory"),
        ("def f(file, name):\n    file.save(os.path.join(app.root_path, 'pictures', name))", "pictures", "directory"),
        ("app.config['SESSION_TYPE'] = 'filesystem'", "flask_session", "directory"),
        ("app.config.update(SESSION_TYPE='filesystem', SESSION_FILE_DIR='sessions')", "sessions", "directory"),
        ("cache = {'CACHE_TYPE': 'FileSystemCache', 'CACHE_DIR': 'pages'}", "pages", "directory"),
        ("import logging\nlogging.basicConfig(filename='app.log')", "app.log", "file"),
        ("import logging\nlogging.FileHandler('logs/app.log')", "logs", "directory"),
        ("LOGGING = {'handlers': {'f': {'class': 'logging.FileHandler', 'filename': 'app.log'}}}", "app.log", "file"),
        ("from whoosh.index import create_in\ncreate_in('index', None)", "index", "directory"),
        ("import tempfile\ntempfile.mkdtemp(dir='static/tmp')", "static/tmp", "directory"),
        ("import pandas as pd\ndef f(frame):\n    frame.to_csv('out.csv')", "out.csv", "file"),
        ("db_path = os.getenv('DB_PATH', 'x.db')\nsqlite3.connect(db_path)", "x.db", "file"),
    ],
)
def test_a_place_that_is_written_to_is_found(code, path, kind):
    assert writable(code) == [(path, kind)]


@pytest.mark.parametrize(
    "code",
    [
        "open('words.txt')",
        "open('words.txt', 'rb')",
        "sqlite3.connect(':memory:')",
        "SQLALCHEMY_DATABASE_URI = 'sqlite://'",
        "# open('x', 'w')",
        "open('/tmp/x', 'w')",
        "if __name__ == '__main__':\n    sqlite3.connect('dev.db')",
        "class TestingConfig:\n    SQLALCHEMY_DATABASE_URI = 'sqlite:///test.db'",
        "app.config['SESSION_TYPE'] = 'redis'",
        "cache = {'CACHE_TYPE': 'SimpleCache', 'CACHE_DIR': 'pages'}",
        "def f(model):\n    model.save('fast')\n    model.save()",
        "open('../outside.txt', 'w')",
        "os.makedirs(app.root_path, exist_ok=True)",
    ],
)
def test_what_is_not_written_stays_read_only(code):
    assert writable(code) == []


@pytest.mark.parametrize(
    ("version", "expected"), [("", [("instance", "directory")]), ("==2.5.1", [("site.db", "file")])]
)
def test_flask_sqlalchemy_3_moved_relative_files_to_the_instance_folder(version, expected):
    code = "app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///site.db'\n"

    assert writable(code, requirements=f"flask\nflask-sqlalchemy{version}\n") == expected


def test_bundles_that_are_not_packed_yet_are_packed_at_run_time():
    code = "from flask_assets import Bundle\njs = Bundle('a.js', output='gen/all.js')\n"

    assert writable(code, **{"static/a.js": ""}) == [
        ("static/.webassets-cache", "directory"),
        ("static/gen", "directory"),
    ]
    assert writable(code, **{"static/a.js": "", "static/gen/all.js": ""}) == []


def test_django_s_sqlite_file_is_a_database():
    code = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': Path('d.sqlite3')}}\n"

    assert writable(code) == [("d.sqlite3", "file")]


def test_binds_are_databases_too():
    code = "SQLALCHEMY_BINDS = {'log': 'sqlite:///' + os.path.join(app.root_path, 'log.db')}\n"

    assert writable(code, requirements="flask\nflask-sqlalchemy\n") == [("log.db", "file")]


def test_a_file_among_code_is_a_file_and_one_among_placeholders_makes_the_folder_writable():
    code = "sqlite3.connect('shop/x.db')\nsqlite3.connect('data/y.db')\n"

    found = writable(code, **{"shop/__init__.py": "", "data/.gitkeep": ""})

    assert found == [("data", "directory"), ("shop/x.db", "file")]


def test_a_folder_of_code_is_never_made_writable():
    project = project_of("app.config['UPLOAD_FOLDER'] = os.path.dirname(__file__)\n")

    assert project.writable == ()
    assert any("the project's root" in caution.what for caution in project.cautions)


def test_folders_outside_of_the_project_are_writable_too():
    code = "UPLOAD_FOLDER = '/data/uploads'\nopen('/data/hits.txt', 'a')\nopen('/var/data/x.db', 'w')\n"

    assert writable(code) == [("/data", "directory"), ("/var/data", "directory")]


@pytest.mark.parametrize(
    "path", ["/etc/app.cfg", "/usr/share/x.txt", "/tmp/x.txt", "/x.txt", "/run/app/x", "//host/x", "/root/x.txt"]
)
def test_the_systems_own_folders_are_not(path):
    assert writable(f"open({path!r}, 'w')\n") == []


def test_what_lies_in_a_writable_folder_is_not_named_again():
    code = "os.makedirs('data')\nopen('data/a.txt', 'w')\nos.makedirs('data/b')\n"

    assert writable(code) == [("data", "directory")]


def test_tests_and_scripts_do_not_count():
    files = {"tests/conftest.py": "open('x', 'w')", "seed.py": "import sqlite3\nsqlite3.connect('seed.db')\n"}

    assert writable("", **files) == []


def test_the_instance_folder_of_a_package_stands_beside_it():
    tree = MemoryTree(
        {
            "requirements.txt": "flask\n",
            "backend/shop/__init__.py": (
                "import os\nfrom flask import Flask\n"
                "def create_app():\n    app = Flask(__name__, instance_relative_config=True)\n"
                "    app.config['DATABASE'] = os.path.join(app.instance_path, 'shop.sqlite')\n    return app\n"
            ),
        }
    )

    assert [place.path for place in inspect(tree).writable] == ["backend/instance"]


def test_the_number_of_places_is_bounded():
    code = "".join(f"open('file{number}.txt', 'w')\n" for number in range(300))

    assert len(writable(code)) <= 24


def test_an_address_that_is_another_one_on_windows_is_that_of_linux():
    code = (
        "import os, sys\nfrom flask import Flask\napp = Flask(__name__)\nWIN = sys.platform.startswith('win')\n"
        "if WIN:\n    prefix = 'sqlite:///'\nelse:\n    prefix = 'sqlite:////'\n"
        "app.config['SQLALCHEMY_DATABASE_URI'] = prefix + os.path.join(app.root_path, 'data.db')\n"
    )
    project = inspect(MemoryTree({"requirements.txt": "flask\nflask-sqlalchemy\n", "app.py": code}))

    assert [one.path for one in project.writable] == ["data.db"]


def test_an_instance_path_that_is_only_a_parameter_is_the_usual_one():
    code = (
        "import os\nfrom flask import Flask\n"
        "def create_app(instance_path=None):\n    app = Flask(__name__, instance_path=instance_path)\n"
        "    os.makedirs(app.instance_path)\n    return app\n"
    )
    project = inspect(MemoryTree({"requirements.txt": "flask\n", "app.py": code}))

    assert [one.path for one in project.writable] == ["instance"]
