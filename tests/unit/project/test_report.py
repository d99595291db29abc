"""The document of `pack inspect --json`."""

from __future__ import annotations

import json

import jsonschema

from packer.project.inspect import inspect
from packer.project.model import AppFacts, Decision, DependencyFacts, Evidence, Project, PythonFacts
from packer.project.report import report_schema, to_report
from packer.project.tree import MemoryTree

SCHEMA = json.loads(report_schema())
KEYS = [
    "schema",
    "name",
    "python",
    "dependencies",
    "app",
    "services",
    "static",
    "migrations",
    "environment",
    "writable",
    "system_packages",
    "decisions",
    "cautions",
]


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_an_empty_project_is_reported_too():
    project = Project(
        name="nothing", python=PythonFacts(), dependencies=DependencyFacts(), app=AppFacts(refusal="there is no code")
    )

    report = to_report(project, python_version=None)

    jsonschema.validate(report, SCHEMA)
    assert list(report) == KEYS
    assert report["app"]["refusal"] == "there is no code"
    assert report["migrations"] is None


def test_a_whole_project_is_reported():
    tree = MemoryTree(
        {
            "requirements.txt": "Flask>=3\nFlask-Migrate\nPyMySQL\n",
            "app.py": (
                "import os\nfrom flask import Flask\nfrom flask_migrate import Migrate\napp = Flask(__name__)\n"
                "app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['DATABASE_URL']\nMigrate(app)\n"
                "open('log.txt', 'a')\n"
            ),
            "migrations/env.py": "",
            "static/a.css": "",
        },
        name="Shop",
    )
    project = inspect(tree)

    report = to_report(
        project, python_version="3.13", system_packages={"runtime": ["b", "a"]}, plan_decisions=project.decisions
    )

    jsonschema.validate(report, SCHEMA)
    assert report["python"] == {"requires": None, "version": "3.13"}
    assert report["dependencies"]["direct"] == ["flask", "flask-migrate", "pymysql"]
    assert report["services"] == [{"kind": "mysql", "driver": "pymysql"}]
    assert report["static"] == [{"url": "/static", "path": "static"}]
    assert report["migrations"] == {"tool": "flask-migrate", "path": "migrations"}
    assert report["environment"] == [
        {"name": "DATABASE_URL", "required": True, "role": "database-url", "default": None, "example": None}
    ]
    assert report["writable"] == [{"path": "log.txt", "kind": "file"}]
    assert report["system_packages"] == {"build": [], "runtime": ["a", "b"]}


def test_the_plan_s_decisions_take_the_place_of_the_project_s():
    project = Project(name="x", python=PythonFacts(), dependencies=DependencyFacts(), app=AppFacts())
    decision = Decision(subject="base", choice="debian", reason="it is there", evidence=(Evidence("a.py", 3, "x"),))

    report = to_report(project, python_version="3.13", plan_decisions=(decision,))

    jsonschema.validate(report, SCHEMA)
    assert report["decisions"] == [
        {
            "subject": "base",
            "choice": "debian",
            "reason": "it is there",
            "evidence": [{"path": "a.py", "line": 3, "excerpt": "x"}],
            "override": None,
        }
    ]


def test_the_same_project_gives_the_same_document():
    files = {
        "requirements.txt": "flask\nredis\n",
        "app.py": "import os\nfrom flask import Flask\napp = Flask(__name__)\n",
    }
    documents = {
        json.dumps(to_report(inspect(MemoryTree(order)), python_version="3.13"))
        for order in (files, dict(reversed(files.items())))
    }

    assert len(documents) == 1
