"""Questions that are asked at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from packer.errors import EngineError, PlanError
from packer.plan.finding import Finding, broken_code
from packer.workflows.doctor import Diagnosis
from packer.workflows.doctor.asking import Check, Once, ask_all

WELL = Finding(area="machine", subject="git", state="ok", what="here")


def broken(area: str) -> Finding:
    return Finding(area=area, subject="x", state="broken", what="y")  # type: ignore[arg-type]


def test_findings_come_in_the_order_of_the_checks_whoever_answers_first() -> None:
    second_is_done = threading.Event()

    def first() -> Iterator[Finding]:
        second_is_done.wait()
        yield WELL
        yield broken("machine")

    def second() -> tuple[Finding, ...]:
        second_is_done.set()
        return (broken("engine"),)

    found = ask_all([Check("machine", "a", first), Check("engine", "b", second)], patience=60)

    assert [one.area for one in found] == ["machine", "machine", "engine"]


def test_what_a_check_raises_is_what_it_found() -> None:
    def fails() -> tuple[Finding, ...]:
        raise EngineError("it is away", where="unix:///x", hint="start it")

    (found,) = ask_all([Check("engine", "engine", fails)], patience=60)

    assert (found.state, found.what, found.fix) == ("broken", "it is away (unix:///x)", "start it")


def test_a_check_that_does_not_come_back_keeps_nobody() -> None:
    never = threading.Event()

    def waits() -> tuple[Finding, ...]:
        never.wait()
        return ()

    (found,) = ask_all([Check("network", "mirror", waits)], patience=0)
    never.set()

    assert (found.subject, found.state, found.what) == ("mirror", "warning", "no answer within 0 s")


def test_a_bug_is_raised_as_what_it_is() -> None:
    def fails() -> tuple[Finding, ...]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_all([Check("engine", "engine", fails)], patience=60)


def test_what_several_want_is_made_once_and_its_error_is_everybodys() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        raise EngineError("it is away")

    value = Once(make)

    assert value.or_none() is None
    with pytest.raises(EngineError, match="it is away"):
        value()
    assert made == [1]
    assert Once(lambda: 7)() == 7


def test_the_exit_code_is_the_areas_own_or_the_stacks() -> None:
    assert broken_code([WELL]) == 0
    assert broken_code([WELL, broken("registry")]) == 6
    assert broken_code([broken("network"), broken("network")]) == 75
    assert broken_code([broken("network"), broken("registry")]) == 7


def test_a_project_without_a_plan_ends_with_its_own_code_unless_more_is_broken() -> None:
    refusal = PlanError("there is no app")

    assert Diagnosis(findings=(broken("project"),), refusal=refusal).exit_code == 4
    assert Diagnosis(findings=(broken("project"), broken("engine")), refusal=refusal).exit_code == 7
    assert Diagnosis(findings=(broken("project"),)).exit_code == 7
    assert Diagnosis(findings=(WELL,)).exit_code == 0
