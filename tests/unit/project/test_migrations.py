"""Database migrations in the tree."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.tree import MemoryTree

APP = "from flask import Flask\nfrom flask_migrate import Migrate\napp = Flask(__name__)\n"
ALEMBIC = "[alembic]\nscript_location = {}\n"


def migrations(**files: str) -> tuple[str, str] | None:
    found = inspect(MemoryTree({"requirements.txt": "flask\n", "app.py": APP, **files})).migrations
    return (found.tool, found.path) if found else None


@pytest.mark.parametrize(
    ("code", "folder"),
    [
        ("Migrate(app, None)", "migrations"),
        ("Migrate(app, None, directory='db/versions')", "db/versions"),
        ("Migrate(app, None, 'db/versions')", "db/versions"),
        ("m = Migrate()\nm.init_app(app, None)", "migrations"),
        ("import os\nMigrate(app, None, directory=os.path.join(app.root_path, 'db'))", "db"),
    ],
)
def test_flask_migrate_s_folder_is_found(code, folder):
    assert migrations(**{"app.py": APP + code, f"{folder}/env.py": ""}) == ("flask-migrate", folder)


def test_a_folder_without_scripts_is_not_one():
    assert migrations(**{"app.py": APP + "Migrate(app, None)", "migrations/README": ""}) is None


@pytest.mark.parametrize("location", ["alembic", "./alembic", "%(here)s/alembic"])
def test_plain_alembic_is_found_by_its_ini_file(location):
    assert migrations(**{"alembic.ini": ALEMBIC.format(location), "alembic/env.py": ""}) == ("alembic", "alembic")


@pytest.mark.parametrize(
    "text", ["not an ini file", "[alembic", ALEMBIC.format("pkg:versions"), ALEMBIC.format("/srv/a")]
)
def test_an_ini_file_that_names_no_folder_of_the_tree_is_passed_over(text):
    assert migrations(**{"alembic.ini": text, "alembic/env.py": ""}) is None
