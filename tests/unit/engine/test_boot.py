from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from packer.engine.boot import BootResult, wait_for_answer
from packer.engine.throwaway import Exit


@dataclass
class Story:
    """A container, its app and time: what the app answers, one after the other, and when the container ends."""

    answers: list[int | None]
    ends_at: float | None = None
    port: int = 49_000
    now: float = 0.0
    written: str = "what it wrote"
    asked: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def exit(self) -> Exit | None:
        ended = self.ends_at is not None and self.now >= self.ends_at
        return Exit(code=3, out_of_memory=False) if ended else None

    def logs(self) -> str:
        return self.written

    def ask(self, port: int, path: str, timeout: float) -> int | None:
        self.asked.append(f"{port}{path}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def check(self, timeout: float = 60) -> BootResult:
        return wait_for_answer(self, path="/healthz", timeout=timeout, ask=self.ask, clock=self)


@dataclass
class Slow(Story):
    """An app whose every answer takes its time."""

    takes: float = 0.0

    def ask(self, port: int, path: str, timeout: float) -> int | None:
        self.sleep(min(self.takes, timeout))
        self.asked.append(f"{port}{path}")
        return self.answers[0] if timeout > self.takes else None


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 405])
def test_any_answer_but_a_server_error_is_a_boot(status):
    result = Story([None, None, status]).check()

    assert result.ok
    assert (result.status, result.url) == (status, "http://127.0.0.1:49000/healthz")


def test_a_server_error_is_given_time_to_pass():
    story = Story([None, 502, 503, 200])

    assert story.check().ok
    assert len(story.asked) == 4


def test_lasting_server_errors_are_the_answer_long_before_the_time_limit():
    result = Story([500]).check(timeout=60)

    assert not result.ok
    assert result.status == 500
    assert result.seconds < 5


def test_an_answer_may_wait_for_a_service_that_is_away():
    story = Slow(answers=[200], takes=30)

    result = story.check()

    assert result.ok
    assert len(story.asked) == 2


def test_a_server_error_is_remembered_when_the_app_ends_after_it():
    result = Story([500, None], ends_at=1).check()

    assert result.status == 500
    assert result.ended == Exit(code=3, out_of_memory=False)


def test_a_container_that_ends_is_not_waited_for():
    result = Story([None], ends_at=0.5).check(timeout=60)

    assert not result.ok
    assert result.ended is not None
    assert result.seconds < 1
    assert result.logs == "what it wrote"


def test_an_answer_from_an_app_that_ends_right_after_it_is_no_boot():
    result = Story([200], ends_at=0.4).check()

    assert not result.ok
    assert result.status == 200


def test_silence_ends_at_the_time_limit():
    result = Story([None]).check(timeout=10)

    assert not result.ok
    assert (result.status, result.ended) == (None, None)
    assert 10 <= result.seconds < 11


def test_a_server_whose_processes_die_without_end_is_not_waited_for():
    result = Story([None], written="[ERROR] Worker (pid:7) exited with code 1.\n" * 100).check(timeout=60)

    assert not result.ok
    assert result.seconds < 5


def test_a_server_that_lost_a_process_is_waited_for():
    assert Story([*[None] * 50, 200], written="[ERROR] Worker (pid:7) was sent SIGKILL!\n" * 2).check().ok
