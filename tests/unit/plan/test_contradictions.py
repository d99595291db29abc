"""Pins that contradict the code or each other give way aloud."""

from __future__ import annotations

import pytest

from packer.plan.compatibility import compatibility


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        # A part of Flask was raised alone: it goes back.
        ("flask==1.1.2\nwerkzeug==3.0.1", {"werkzeug<2.1"}),
        ("flask==2.2.5\nwerkzeug==3.0.0", {"werkzeug<3"}),
        ("flask==1.1.2\njinja2==3.1.4", {"jinja2<3.1"}),
        # Flask was raised alone: what several others were written for holds.
        ("flask==2.2.5\nflask-restful==0.3.8\nflask-sqlalchemy==2.4.1", {"flask<1.1.3"}),
        # One extension stayed behind: it follows.
        ("flask==3.0.0\nflask-wtf==1.1.1\nwerkzeug==3.0.1", {"flask-wtf>=1.1.2"}),
        ("flask==3.0.3\nflask-login==0.6.2", {"flask-login>=0.6.3"}),
        ("flask==3.0.0\nflask-login==0.6.2\nwerkzeug==3.0.1", {"flask-login>=0.6.3"}),
        # What works together is left alone, above all the last releases of Flask 1.
        ("flask==1.1.4\nflask-restful==0.3.8", set()),
        ("flask==3.0.0\nflask-login==0.6.3\nwerkzeug==3.0.1", set()),
        ("flask==2.0.3\nwerkzeug==2.0.3\njinja2==3.0.3", set()),
    ],
)
def test_the_pin_that_stands_alone_gives_way(project, requirements, expected):
    found = compatibility(project(requirements), python="3.11")

    assert {new for _, new in found.replaced} == expected
    assert bool(expected) == any("contradicts" in caution.what for caution in found.cautions)


def test_the_code_is_believed_before_a_pin_of_flask(project):
    found = compatibility(project("flask==3.0.0", code="from flask import Markup\n"), python="3.13")

    assert dict(found.replaced) == {"flask==3.0.0": "flask<3"}
    assert "flask.Markup" in found.cautions[0].what


def test_an_extension_s_pin_is_not_lowered_for_the_code(project):
    code = "from flask_sqlalchemy import BaseQuery\n"
    found = compatibility(project("flask\nflask-sqlalchemy==3.1.1", code=code), python="3.13")

    assert found.replaced == ()
    assert "flask_sqlalchemy.BaseQuery" in found.cautions[0].what
