from __future__ import annotations

import ast
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from packer.errors import PackError
from packer.render.quoting import python_literal
from packer.render.templates import _environment, find_templates, rendered_file

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)


def test_a_checkout_has_its_templates_beside_the_package() -> None:
    assert (find_templates() / "gunicorn" / "gunicorn.conf.py.j2").is_file()


def test_a_wheel_has_its_templates_inside_the_package(tmp_path: Path) -> None:
    (tmp_path / "packer" / "_templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()

    assert find_templates(tmp_path / "packer") == tmp_path / "packer" / "_templates"


def test_templates_are_found_in_a_package_that_is_in_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("packer/_templates/a.j2", "text")

    with zipfile.ZipFile(tmp_path / "app.zip") as archive:
        found = find_templates(zipfile.Path(archive, "packer/"))
        assert found.joinpath("a.j2").read_text(encoding="utf-8") == "text"


def test_an_installation_without_templates_is_named_as_broken(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="templates are missing"):
        find_templates(tmp_path / "packer")


@given(plain)
@settings(deadline=None)
def test_a_literal_is_the_value_and_nothing_else(value: object) -> None:
    literal = python_literal(value)

    assert ast.literal_eval(literal) == value
    assert literal.isascii()
    assert literal.isprintable()


@pytest.mark.parametrize("value", [1.5, [1], {"a": 1}, object(), (object(),)])
def test_a_value_without_a_plain_literal_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no literal"):
        python_literal(value)


def test_a_subclass_cannot_smuggle_its_own_representation() -> None:
    class Hostile(str):
        __slots__ = ()

        def __repr__(self) -> str:
            return "__import__('os')"

    with pytest.raises(TypeError, match="no literal"):
        python_literal(Hostile("x"))


@pytest.mark.parametrize("template", ["{{ value }}", "{{ value | upper }}", "{{ 'text' ~ value }}", "{{ 1 }}"])
def test_a_template_cannot_print_what_no_filter_quoted(template: str) -> None:
    with pytest.raises(TypeError, match="without a quoting filter"):
        _environment().from_string(template).render(value="text")


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises((UndefinedError, TypeError)):
        _environment().from_string("{% if port %}{% endif %}").render()


def test_a_template_cannot_reach_into_python() -> None:
    with pytest.raises(SecurityError):
        _environment().from_string("{{ ''.__class__.__mro__ | py }}").render()


def test_a_key_changes_with_every_value_and_not_with_their_order() -> None:
    def key(**values: object) -> str:
        return rendered_file("/x", template="gunicorn/gunicorn.conf.py.j2", values=values).key

    assert key(a=1, b=2) == key(b=2, a=1)
    assert len({key(a=1, b=2), key(a=1), key(a="1", b=2), key(a=None, b=2)}) == 4
