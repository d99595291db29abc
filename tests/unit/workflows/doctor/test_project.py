"""What is said of the project's folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from msgspec.structs import replace

from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.plan.stack import plan_stack
from packer.plan.stack_model import SecretPlan, StackPlan
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree
from packer.render.bundle import render_surroundings
from packer.stack.compose import Compose
from packer.system.generated import Memory, write_memory
from packer.workflows.doctor.numbers import numbers_fit
from packer.workflows.doctor.project import (
    files_are_current,
    given_variables,
    passwords_work,
    secrets_are_kept,
    stack_can_be_told,
    variables_are_given,
)
from packer.workflows.secrets import make_secrets

CODE = """
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['DATABASE_URL']
NAME = os.environ['SHOP_NAME']
"""
PROJECT = inspect(MemoryTree({"app.py": CODE, "requirements.txt": "flask\nflask-sqlalchemy\npymysql\n"}, "shop"))
PLAN = make_plan(PROJECT, Settings())
STACK = plan_stack(PLAN, PROJECT.environment, Settings())


def without_compose() -> Compose | None:
    return None


def states(root: Path, stack: StackPlan = STACK) -> list[tuple[str, str]]:
    return [(one.state, one.what) for one in secrets_are_kept(root, stack)]


def with_secrets(root: Path) -> Path:
    list(make_secrets(root, STACK.secrets, note=lambda _: None))
    return root


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", root, *words], check=True, capture_output=True)


def test_a_variable_that_only_its_user_knows_is_missed_until_it_is_given(tmp_path: Path) -> None:
    missing = variables_are_given(STACK, given_variables(tmp_path, {}))
    (tmp_path / ".env").write_text("# SHOP_NAME=no\nexport SHOP_NAME = 'Corner'\nEMPTY=\n")
    given = given_variables(tmp_path, {"A": "b", "C": ""})

    assert missing is not None
    assert (missing.state, missing.fix) == ("broken", "write SHOP_NAME=… to .env")
    assert given == {"A", "SHOP_NAME"}
    found = variables_are_given(STACK, given)
    assert found is not None
    assert found.state == "ok"


def test_secrets_that_are_not_there_yet_are_made(tmp_path: Path) -> None:
    assert states(tmp_path) == [("ok", f"pack up makes {len(STACK.secrets)} of them in .secrets/")]
    assert states(tmp_path, StackPlan(name="x", image="x", app_port=1, web_port=2)) == []


def test_secrets_as_pack_makes_them_are_kept(tmp_path: Path) -> None:
    git(tmp_path, "init")
    with_secrets(tmp_path)

    assert states(tmp_path) == [("ok", ".secrets/ is for its owner alone, and git ignores it")]


def test_secrets_that_others_can_read_or_git_may_take(tmp_path: Path) -> None:
    git(tmp_path, "init")
    with_secrets(tmp_path)
    (tmp_path / ".secrets").chmod(0o755)
    (tmp_path / ".secrets/.gitignore").unlink()

    assert states(tmp_path) == [
        ("warning", ".secrets/ can be entered by others (mode 0755)"),
        ("warning", "git does not ignore .secrets/"),
    ]
    (tmp_path / ".gitignore").write_text(".secrets/\n")
    assert [state for state, _ in states(tmp_path)] == ["warning"]


def test_a_secret_in_version_control_is_broken(tmp_path: Path) -> None:
    git(tmp_path, "init")
    with_secrets(tmp_path)
    git(tmp_path, "add", "--force", ".secrets/database_password")

    assert states(tmp_path) == [("broken", ".secrets/database_password is in version control")]


def test_a_secret_that_somebody_has_to_give_is_missed(tmp_path: Path) -> None:
    stack = StackPlan(
        name="x", image="x", app_port=1, web_port=2, secrets=(SecretPlan(name="stripe_key", kind="given"),)
    )
    list(make_secrets(tmp_path, stack.secrets, note=lambda _: None))

    assert ("warning", ".secrets/stripe_key is empty, and the app needs it") in states(tmp_path, stack)


def test_a_compose_file_of_somebody_elses_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: {}\n")

    assert [one.state for one in stack_can_be_told(tmp_path, STACK)] == ["note"]


def test_a_driver_without_cryptography_is_told_of() -> None:
    bare = replace(PLAN, dependencies=replace(PLAN.dependencies, added=()))
    found, without = passwords_work(PROJECT, PLAN), passwords_work(PROJECT, bare)

    assert found is not None
    assert found.state == "ok"
    assert without is not None
    assert without.state == "warning"


def generated(root: Path) -> Path:
    """The files that pack generate writes."""
    files = render_surroundings(PLAN, STACK)
    for file in files:
        (root / file.path).parent.mkdir(parents=True, exist_ok=True)
        (root / file.path).write_text(file.text)
    write_memory(root, Memory(files=tuple((file.path, file.text) for file in files)))
    return root


def test_generated_files_are_current_changed_or_old(tmp_path: Path) -> None:
    assert files_are_current(tmp_path, PLAN, STACK, search_path="") is None
    generated(tmp_path)
    current = files_are_current(tmp_path, PLAN, STACK, search_path="")
    (tmp_path / "deploy/mysql.cnf").write_text("[mysqld]\nmax-connections = 20\n")
    changed = files_are_current(tmp_path, PLAN, STACK, search_path="")
    other = plan_stack(PLAN, PROJECT.environment, Settings(image="registry.example.test/shop"))
    old = files_are_current(tmp_path, PLAN, other, search_path="")

    assert current is not None
    assert current.state == "ok"
    assert changed is not None
    assert "1 with changes of yours" in changed.what
    assert old is not None
    assert (old.state, old.fix) == ("warning", "pack generate")
    assert "compose.yaml" in old.what


def test_numbers_are_those_of_the_files_that_are_there(tmp_path: Path) -> None:
    generated(tmp_path)
    (tmp_path / "deploy/mysql.cnf").write_text("[mysqld]\nmax-connections = 20\n")
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    found = {
        one.subject: one
        for one in numbers_fit(tmp_path, PROJECT, PLAN, STACK, compose=without_compose, engine=None, given=frozenset())
    }

    assert "20 of them (deploy/mysql.cnf)" in found["connections"].what
    assert found["compose.yaml"].state == "note"
