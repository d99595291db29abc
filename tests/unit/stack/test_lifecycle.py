"""Stopping, killing and removing, by the real client of a small engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer.engine.connection import Engine, connect
from packer.errors import EngineError, UsageError
from packer.stack.identity import PROJECT_LABEL, StackIdentity
from packer.stack.lifecycle import kill, plan_removal, remove, stop
from packer.stack.logs import LogWish, read_logs
from packer.stack.members import Members, members_of

from .doubles import FOLDER, EngineDouble, container, serving

SHOP = StackIdentity(name="shop", folder=FOLDER)


def stack() -> EngineDouble:
    return EngineDouble(
        [
            container("web", service="web", needs="app:x:true"),
            container("app", service="app", needs="database:x:true"),
            container("database", service="database"),
        ]
    )


@contextmanager
def connected(double: EngineDouble, tmp_path: Path) -> Iterator[tuple[Engine, Members]]:
    with serving(double, tmp_path / "socket"), connect(double.environment, tmp_path) as engine:
        yield engine, members_of(SHOP, engine)


def test_a_stack_is_stopped_from_its_outside_in(tmp_path: Path) -> None:
    double = stack()
    with connected(double, tmp_path) as (engine, members):
        stopped = [one.name for one in stop(engine, members.running, seconds=7)]

    assert stopped == ["web", "app", "database"]
    assert double.calls == [f"POST /containers/id-{name}/stop {{'t': '7'}}" for name in stopped]


def test_a_signal_reaches_every_container_and_the_first_refusal_is_told(tmp_path: Path) -> None:
    double = stack()
    double.refused = frozenset({"id-app"})
    done: list[str] = []
    with connected(double, tmp_path) as (engine, members), pytest.raises(EngineError, match="app cannot be sent HUP"):
        done.extend(one.name for one in kill(engine, members.running, signal="HUP"))

    assert done == ["database", "web"]
    assert len(double.calls) == 3


def test_what_runs_is_removed_only_by_force(tmp_path: Path) -> None:
    double = stack()
    with connected(double, tmp_path) as (engine, members):
        removal = plan_removal(engine, members.own, members, volumes=False)
        with pytest.raises(UsageError, match="app, database, web are running"):
            list(remove(engine, removal, force=False))
        assert double.calls == []
        assert len(list(remove(engine, removal, force=True))) == 3


def test_volumes_go_only_with_the_last_container_and_only_the_projects_own(tmp_path: Path) -> None:
    double = stack()
    anonymous = "a" * 64
    mounts = {"app": ["uploads", "shared"], "database": ["data", anonymous, "foreign"], "web": ["shared"]}
    double.details = {
        f"id-{name}": {"Mounts": [{"Type": "volume", "Name": one} for one in found]} for name, found in mounts.items()
    }
    own = {"Labels": {PROJECT_LABEL: "shop"}}
    double.volumes = dict.fromkeys(("uploads", "shared", "data"), own)
    double.volumes |= {anonymous: {"Labels": None}, "foreign": {"Labels": {PROJECT_LABEL: "blog"}}}
    with connected(double, tmp_path) as (engine, members):
        chosen = members.chosen(["app", "database"])
        removal = plan_removal(engine, chosen, members, volumes=True)
        list(remove(engine, removal, force=True))

    assert removal.volumes == (anonymous, "data", "uploads")
    assert double.calls[-1] == "DELETE /volumes/uploads"


def test_logs_are_merged_by_time(tmp_path: Path) -> None:
    double = stack()
    double.logs = {
        "id-app": [b"2026-01-01T00:00:01.5Z one\n", b"2026-01-01T00:00:03Z thr", b"ee\n"],
        "id-web": [b"2026-01-01T00:00:02Z two\r\n2026-01-01T00:00:04Z four"],
    }
    plain = {"Config": {"Tty": False}}
    double.details = dict.fromkeys(("id-app", "id-web", "id-database"), plain)
    with connected(double, tmp_path) as (engine, members):
        lines = [(line.member.name, line.text) for line in read_logs(engine, members.own, LogWish())]
        followed = {line.text for line in read_logs(engine, members.own, LogWish(follow=True))}

    assert lines == [("app", "one"), ("web", "two"), ("app", "three"), ("web", "four")]
    assert followed == {"one", "two", "three", "four"}
