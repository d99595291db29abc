"""Which Python runs the app."""

from __future__ import annotations

import pytest

from packer.errors import PlanError
from packer.plan.python import choose_python

AVAILABLE = ("3.13", "3.11")


def choice(project, **wishes):
    return choose_python(project, available=AVAILABLE, **wishes)


def said(chosen) -> str:
    return "\n".join(caution.what for caution in chosen.cautions)


def test_the_newest_is_taken_when_nothing_speaks_against_it(project):
    chosen = choice(project("flask"))

    assert (chosen.version, chosen.alternatives) == ("3.13", ("3.11",))
    assert chosen.decisions[0].subject == "python.version"


def test_a_promise_is_kept(project):
    assert choice(project("flask", files={"setup.cfg": "[options]\npython_requires = <3.12\n"})).version == "3.11"


def test_a_promise_that_no_version_keeps_is_an_error_with_ways_out(project):
    files = {"pyproject.toml": '[project]\nname = "x"\nrequires-python = "~=3.9.0"\ndependencies = ["flask"]\n'}

    with pytest.raises(PlanError) as caught:
        choice(project(files=files))

    assert "pyproject.toml asks for Python ~=3.9.0" in caught.value.what
    assert caught.value.where == "pyproject.toml:3"
    assert "widen the limit" in caught.value.hint
    assert "python = " in caught.value.hint


@pytest.mark.parametrize(
    ("wish", "expected"), [("3.11.4", "3.11"), ("3.13", "3.13"), ("3.8", "3.11"), ("3.12", "3.13")]
)
def test_a_wish_is_met_by_the_nearest_version(project, wish, expected):
    assert choice(project("flask", files={".python-version": wish})).version == expected


def test_a_wish_that_cannot_be_met_is_said(project):
    chosen = choice(project("flask", files={"runtime.txt": "python-3.8.10"}))

    assert "runtime.txt asks for Python ==3.8.*; 3.11 is used" in said(chosen)


def test_a_patch_level_speaks_against_no_minor_version(project):
    assert choice(project("flask", files={"setup.cfg": "[options]\npython_requires = >=3.13.2\n"})).version == "3.13"


def test_a_pin_without_a_wheel_for_the_newest_python_leads_to_an_older_one(project):
    chosen = choice(project("flask\nnumpy==1.26.4\npandas==2.1.4"))

    assert chosen.version == "3.11"
    assert "3.13 does not suit numpy 1.26.4" in chosen.decisions[0].reason
    assert chosen.decisions[0].evidence[0].line == 2


def test_a_pin_that_no_longer_runs_on_the_newest_python_leads_to_an_older_one(project):
    assert choice(project("flask\nsqlalchemy==2.0.20")).version == "3.11"
    assert choice(project("flask\nsqlalchemy==2.0.31")).version == "3.13"
    assert choice(project("flask\nredis==3.5.3")).version == "3.11"


def test_a_limit_below_the_first_wheel_counts_like_a_pin(project):
    assert choice(project("flask\nsqlalchemy<2")).version == "3.11"
    assert (
        choice(project("flask-sqlalchemy", "from flask_sqlalchemy import SQLAlchemy\ndb.create_all()")).version
        == "3.11"
    )


def test_code_for_releases_that_a_python_does_not_run_counts_like_a_pin(project):
    code = "import flask\nfrom telegram.ext import Filters\n"

    assert choice(project("flask\npython-telegram-bot", code)).version == "3.11"


def test_requirements_for_other_pythons_do_not_count(project):
    assert choice(project("flask\ngreenlet<3; python_version < '3.12'")).version == "3.13"


def test_a_module_of_the_standard_library_that_is_gone_counts_too(project):
    chosen = choice(project("flask", "import flask\nimport telnetlib\n"))

    assert chosen.version == "3.11"
    assert "telnetlib" in chosen.decisions[0].reason


def test_where_every_version_has_obstacles_the_older_one_is_nearer_to_the_pins(project):
    assert choice(project("flask\nmarkupsafe==1.1.1")).version == "3.11"


def test_a_wish_does_not_override_what_cannot_work(project):
    assert choice(project("flask\nnumpy==1.26.4", files={".python-version": "3.13"})).version == "3.11"


LOCK = """
version = 1
[[package]]
name = "shop"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "flask" }}, {{ name = "fast" }}]
[[package]]
name = "flask"
version = "3.0"
source = {{ registry = "https://example.com/simple" }}
[[package]]
name = "fast"
version = "1.0"
source = {{ registry = "https://example.com/simple" }}
sdist = {{ url = "https://example.com/fast-1.0.tar.gz" }}
wheels = [{wheels}]
"""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["cp311-cp311-manylinux_2_17_x86_64"], "3.11"),
        (["cp311-cp311-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_28_aarch64"], "3.13"),
        (["cp38-abi3-manylinux2014_x86_64"], "3.13"),
        (["py3-none-any"], "3.13"),
        (["cp313-cp313-win_amd64", "cp311-cp311-manylinux_2_17_x86_64"], "3.11"),
        (["cp313-cp313-musllinux_1_2_x86_64", "cp311-cp311-manylinux_2_17_x86_64"], "3.11"),
        ([], "3.13"),
    ],
)
def test_the_file_names_of_a_lock_tell_which_python_has_wheels(project, tags, expected):
    wheels = ", ".join(f'{{ url = "https://example.com/fast-1.0-{tag}.whl" }}' for tag in tags)
    files = {
        "uv.lock": LOCK.format(wheels=wheels),
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask", "fast"]\n',
    }

    assert choice(project(files=files)).version == expected


def test_the_user_s_own_choice_is_taken_and_told_what_speaks_against_it(project):
    made = project("flask", "import flask, telnetlib", files={"setup.cfg": "[options]\npython_requires = <3.12\n"})

    chosen = choice(made, wanted="3.13")

    assert (chosen.version, chosen.alternatives) == ("3.13", ())
    assert "setup.cfg asks for <3.12" in said(chosen)
    assert "telnetlib" in said(chosen)
