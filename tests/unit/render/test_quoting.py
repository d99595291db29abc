"""Quoting filters say a value, or refuse it aloud."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from packer.errors import PlanError
from packer.render import dockerignore, quoting
from packer.render.quoting import FILTERS


@pytest.mark.parametrize("module", [quoting, dockerignore])
def test_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    "name", ["word", "sh", "expanded", "option", "requirement", "ignore", "pattern", "plain", "name"]
)
@pytest.mark.parametrize("text", ["a\nUSER root", "a\rb", "a\x00", "a\u2028b", "\ud800"])
def test_a_line_break_or_control_character_is_refused_where_a_line_is_all_there_is(name: str, text: str) -> None:
    with pytest.raises(PlanError, match="cannot be written to a generated file") as caught:
        FILTERS[name](text)
    assert caught.value.what.isprintable()
    assert caught.value.hint


@pytest.mark.parametrize("text", ["-rother.txt", "--index-url=x", "a # b", "a --hash=x", "${TOKEN}", "a\\", ""])
def test_a_requirement_brings_no_option_and_no_variable(text: str) -> None:
    with pytest.raises(PlanError):
        FILTERS["requirement"](text)


@pytest.mark.parametrize("text", ["", "-y", "+x", "a b", "a$b", "a'b", "a;b", "ä", "a\\b"])
def test_a_plain_word_is_nothing_to_any_reader(text: str) -> None:
    with pytest.raises(PlanError):
        FILTERS["plain"](text)


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"py", "yaml", "compose"}))
def test_what_is_no_text_is_a_mistake_of_the_template(name: str) -> None:
    with pytest.raises(TypeError):
        FILTERS[name](object())
