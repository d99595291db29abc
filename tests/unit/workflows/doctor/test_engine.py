"""What is said of an engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.engine.facts import EngineFacts
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.workflows.doctor.engine import buildx_answers, engine_is_new_enough, platform_runs

FACTS = EngineFacts(
    version="26.1.5",
    api=(1, 45),
    system="linux",
    architecture="x86_64",
    memory=8 << 30,
    processors=2,
    root=Path("/var/lib/docker"),
    place="unix:///run/docker.sock",
)


@pytest.mark.parametrize(
    ("api", "state"), [((1, 44), "ok"), ((1, 43), "note"), ((1, 41), "note"), ((1, 40), "broken"), ((0, 0), "broken")]
)
def test_how_old_an_engine_may_be(api: tuple[int, int], state: str) -> None:
    assert engine_is_new_enough(replace(FACTS, api=api)).state == state


def test_an_engine_of_another_processor_runs_nothing_of_it() -> None:
    found = platform_runs(FACTS, [LINUX_ARM64])

    assert found.state == "broken"
    assert found.what == "the engine runs linux/amd64, and images are built for linux/arm64"
    assert platform_runs(FACTS, [LINUX_ARM64, LINUX_AMD64]).state == "ok"


def test_buildx_is_missed_only_where_it_is_wanted(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path)}

    assert buildx_answers(environment, builder=None, wanted=False).state == "note"
    assert buildx_answers(environment, builder=None, wanted=True).state == "broken"
