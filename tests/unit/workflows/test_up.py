"""Which container is spoken of when a stack does not come up."""

from __future__ import annotations

from packer.stack.states import ContainerState, Verdict
from packer.workflows.up import find_culprit


def state(service: str, verdict: Verdict, *, is_denied: bool = False) -> ContainerState:
    return ContainerState(id=service, service=service, verdict=verdict, is_denied=is_denied)


def test_what_others_wait_for_comes_before_them() -> None:
    found = find_culprit([state("app", "failed"), state("migrate", "failed"), state("web", "failed")])

    assert found is not None
    assert found.service == "migrate"


def test_what_failed_comes_before_what_is_late() -> None:
    found = find_culprit([state("database", "waiting"), state("app", "failed")])

    assert found is not None
    assert found.service == "app"


def test_a_wrong_password_comes_before_everything_that_follows_from_it() -> None:
    found = find_culprit(
        [state("app", "failed"), state("database", "failed", is_denied=True), state("cache", "failed")]
    )

    assert found is not None
    assert found.service == "database"


def test_nobody_is_blamed_where_all_is_well() -> None:
    assert find_culprit([state("app", "ready"), state("migrate", "done")]) is None
