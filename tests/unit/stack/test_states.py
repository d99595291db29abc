"""How a container of a stack is judged by what the engine says of it."""

from __future__ import annotations

from typing import Any

import pytest

from packer.stack.states import container_state


def description(status: str, *, policy: str = "unless-stopped", restarts: int = 0, **state: Any) -> dict[str, Any]:
    return {
        "Id": "c0ffee",
        "Name": "/shop-app-1",
        "RestartCount": restarts,
        "State": {"Status": status, "ExitCode": 0, **state},
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "Config": {"Labels": {"com.docker.compose.service": "app"}},
    }


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (description("running"), "ready"),
        (description("running", Health={"Status": "healthy"}), "ready"),
        (description("running", Health={"Status": "starting"}), "waiting"),
        (description("running", Health={"Status": "unhealthy"}), "failed"),
        (description("created"), "waiting"),
        (description("restarting", ExitCode=1), "failed"),
        (description("running", restarts=3), "failed"),
        (description("exited", policy="no"), "done"),
        (description("exited", policy="no", ExitCode=1), "failed"),
        (description("exited"), "failed"),
        ({}, "waiting"),
    ],
)
def test_the_verdict(found: dict[str, Any], verdict: str) -> None:
    assert container_state(found).verdict == verdict


def test_a_failing_health_check_says_what_it_said_last() -> None:
    health = {"Status": "unhealthy", "Log": [{"Output": "old"}, {"Output": "first\nConnection refused\n"}]}

    assert "Connection refused" in container_state(description("running", Health=health)).why


def test_it_is_called_by_its_service() -> None:
    assert container_state(description("running")).service == "app"
    assert container_state({"Id": "1", "Name": "/alone"}).service == "alone"


def test_want_of_memory_is_noted() -> None:
    assert container_state(description("exited", ExitCode=137, OOMKilled=True)).out_of_memory


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("ERROR 1045 (28000): Access denied for user 'shop'@'127.0.0.1' (using password: YES)", True),
        ('psql: error: FATAL:  password authentication failed for user "shop"', True),
        ("ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)", False),
    ],
)
def test_a_password_that_is_not_taken_will_not_be_taken_later(said: str, *, denied: bool) -> None:
    health = {"Status": "starting", "Log": [{"Output": said, "ExitCode": 1}]}
    found = container_state(description("running", Health=health))

    assert found.is_denied == denied
    assert found.verdict == ("failed" if denied else "waiting")
    assert (said in found.why) == denied


def test_a_database_that_is_well_by_now_is_not_judged_by_what_was() -> None:
    health = {"Status": "healthy", "Log": [{"Output": "Access denied for user 'shop'@'127.0.0.1'", "ExitCode": 1}]}

    assert container_state(description("running", Health=health)).verdict == "ready"


@pytest.mark.parametrize(("test", "verdict"), [(["CMD", "check"], "waiting"), (["NONE"], "ready"), (None, "ready")])
def test_a_container_that_has_just_started_may_not_know_its_health_check(test: list[str] | None, verdict: str) -> None:
    found = description("running")
    found["Config"]["Healthcheck"] = {"Test": test}

    assert container_state(found).verdict == verdict
