"""The arithmetic of a stack: each rule with numbers on both sides of its limit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from packer.plan.arithmetic import AppFigures, DatabaseFigures, Figure, StackFigures, WebFigures, judge
from packer.plan.arithmetic.connections import connections_suffice, threads_find_connections
from packer.plan.arithmetic.figures import PoolFigures
from packer.plan.arithmetic.memory import buffers_leave_room, limits_fit_the_machine, workers_fit
from packer.plan.arithmetic.requests import forms_fit, proxies_are_believed, statements_fit, uploads_arrive
from packer.plan.arithmetic.times import (
    answers_arrive,
    connections_outlive_the_proxy,
    requests_end_before_the_container,
)
from packer.plan.finding import Finding

MIB = 1 << 20
APP = AppFigures(
    workers=Figure(3),
    threads=Figure(4),
    timeout=Figure(60),
    graceful=Figure(30),
    keepalive=Figure(75),
    grace=Figure(40),
    memory=Figure(512),
    pool=PoolFigures(size=5, overflow=10),
    body=16 * MIB,
    form=None,
    believes="*",
)
WEB = WebFigures(patience=Figure(65), idle=Figure(60), body=Figure(16 * MIB))
DATABASE = DatabaseFigures(
    kind="mysql", connections=Figure(151), memory=Figure(1024), buffers=Figure(512), packet=Figure(64 * MIB)
)
SOUND = StackFigures(app=APP, web=WEB, database=DATABASE, limits=(("app", 512.0), ("database", 1024.0)), machine=2000.0)

Rule = Callable[[StackFigures], Finding | None]


def app(**figures: object) -> StackFigures:
    return replace(SOUND, app=replace(APP, **figures))


def web(**figures: object) -> StackFigures:
    return replace(SOUND, web=replace(WEB, **figures))


def database(**figures: object) -> StackFigures:
    return replace(SOUND, database=replace(DATABASE, **figures))


def state(found: Finding | None) -> str | None:
    return found and found.state


def test_a_sound_stack_has_nothing_to_mend() -> None:
    assert {one.state for one in judge(SOUND)} == {"ok"}
    assert all(one.fix is None for one in judge(SOUND))


@pytest.mark.parametrize(
    ("rule", "figures", "expected"),
    [
        (connections_suffice, database(connections=Figure(55)), "ok"),  # 3 x (5 + 10) + 10
        (connections_suffice, database(connections=Figure(54)), "warning"),
        (connections_suffice, replace(database(connections=Figure(57)), background=2), "ok"),
        (connections_suffice, replace(database(connections=Figure(56)), background=2), "warning"),
        (connections_suffice, database(connections=Figure(22)), "warning"),  # 3 x 4 threads + 10
        (connections_suffice, database(connections=Figure(21)), "broken"),
        (connections_suffice, app(replicas=Figure(4), workers=Figure(12)), "broken"),
        (connections_suffice, app(pool=None, workers=Figure(35)), "ok"),  # 35 x 4 = 140: one a thread
        (connections_suffice, app(pool=None, workers=Figure(36)), "broken"),
        (connections_suffice, app(pool=None, threads=None), None),
        (connections_suffice, replace(SOUND, database=None), None),
        (threads_find_connections, app(threads=Figure(15)), "ok"),
        (threads_find_connections, app(threads=Figure(16)), "warning"),
        (threads_find_connections, app(pool=None), None),
        (answers_arrive, app(timeout=Figure(64)), "ok"),
        (answers_arrive, app(timeout=Figure(65)), "warning"),
        (requests_end_before_the_container, app(graceful=Figure(39)), "ok"),
        (requests_end_before_the_container, app(graceful=Figure(40)), "warning"),
        (connections_outlive_the_proxy, app(keepalive=Figure(61)), "ok"),
        (connections_outlive_the_proxy, app(keepalive=Figure(60)), "warning"),
        (connections_outlive_the_proxy, replace(web(idle=None), app=replace(APP, keepalive=Figure(2))), "ok"),
        (uploads_arrive, app(body=16 * MIB), "ok"),
        (uploads_arrive, app(body=16 * MIB + 1), "warning"),
        (uploads_arrive, web(body=Figure(0)), "ok"),
        (uploads_arrive, app(body=None), "ok"),
        (forms_fit, app(form=16 * MIB), None),
        (forms_fit, app(form=500_000), "note"),
        (statements_fit, web(body=Figure(64 * MIB)), None),
        (statements_fit, app(body=65 * MIB), "note"),
        (statements_fit, database(packet=None), None),
        (workers_fit, app(counted=False, workers=Figure(4)), "ok"),
        (workers_fit, app(counted=False, workers=Figure(5)), "warning"),
        (workers_fit, app(counted=True, workers=Figure(5)), "ok"),
        (workers_fit, app(memory=None), None),
        (buffers_leave_room, database(buffers=Figure(512)), "ok"),
        (buffers_leave_room, database(buffers=Figure(513)), "warning"),
        (buffers_leave_room, database(buffers=Figure(1024)), "broken"),
        (buffers_leave_room, database(memory=None), None),
        (limits_fit_the_machine, replace(SOUND, machine=1536.0), "ok"),
        (limits_fit_the_machine, replace(SOUND, machine=1535.0), "warning"),
        (limits_fit_the_machine, replace(SOUND, machine=None), None),
        (proxies_are_believed, app(believes="*"), "ok"),
        (proxies_are_believed, app(believes=None), "warning"),
    ],
)
def test_a_rule_on_both_sides_of_its_limit(rule: Rule, figures: StackFigures, expected: str | None) -> None:
    assert state(rule(figures)) == expected


def test_whatever_is_wrong_comes_with_its_numbers_and_a_way_out() -> None:
    found = connections_suffice(app(workers=Figure(12, "compose.yaml")))

    assert found is not None
    assert found.what == (
        "1 container x 12 workers (compose.yaml) x (5 + 10 of the pool) = 180 connections at most, "
        "mysql accepts 151 of them, 10 for others than the app"
    )
    assert found.fix == (
        "raise max-connections in deploy/mysql.cnf to 190, or make the pool smaller (pool_size, max_overflow), "
        "or take fewer workers (WEB_CONCURRENCY)"
    )
