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
