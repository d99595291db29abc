"""Which containers are a project's, and what people call them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from packer.errors import EngineError, UsageError
from packer.stack.identity import StackIdentity
from packer.stack.members import Members, find_members
from packer.stack.order import stopping_waves
from packer.stack.status import rows, status_document

from .doubles import FOLDER, EngineDouble, container, serving

SHOP = StackIdentity(name="shop", folder=FOLDER)
STACK = [
    container("shop-app-1", service="app", needs="database:service_healthy:true,migrate:service_completed:false"),
    container("shop-web-1", service="web", needs="app:service_healthy:false"),
    container("shop-migrate-1", service="migrate", needs="database:x:false", state="exited", status="Exited (3) 1 ago"),
    container("shop-database-1", service="database", status="Up 2 minutes (health: starting)"),
    container("shop-run-1"),
]


def members(tmp_path: Path, containers: list[dict[str, Any]]) -> Members:
    with serving(EngineDouble(containers), tmp_path / "socket") as engine:
        return find_members(SHOP, engine.environment, tmp_path)


def names(found: Any) -> list[str]:
    return [one.name for one in found]


def test_services_and_single_runs_are_known_by_short_names(tmp_path: Path) -> None:
    found = members(tmp_path, [*STACK, container("blog-app-1", service="app", project="blog")])

    assert names(found.own) == ["app", "database", "migrate", "web", "shop-run-1"]
    assert names(found.running) == ["app", "database", "web", "shop-run-1"]
    assert found.main.name == "app"


def test_several_containers_of_a_service_have_numbers_and_one_name(tmp_path: Path) -> None:
    number = "com.docker.compose.container-number"
    two = [container(f"shop-web-{n}", service="web") for n in (1, 2)]
    for n, one in enumerate(two, 1):
        one["Labels"][number] = str(n)
    found = members(tmp_path, two)

    assert names(found.own) == ["web-1", "web-2"]
    assert names(found.chosen(["web"])) == ["web-1", "web-2"]
    assert names(found.chosen(["web-2"])) == ["web-2"]


def test_a_project_of_the_same_name_elsewhere_is_named_and_never_chosen(tmp_path: Path) -> None:
    other = container("shop-app-1", service="app", folder="/home/bert/shop")
    found = members(tmp_path, [other, container("shop-run-1")])

    assert names(found.chosen([])) == ["shop-run-1"]
    assert found.caution is not None
    assert "/home/bert/shop" in found.caution
    with pytest.raises(EngineError, match="/home/bert/shop"):
        members(tmp_path, [other]).chosen(["app"])


def test_a_name_that_is_none_is_refused_with_the_nearest(tmp_path: Path) -> None:
    found = members(tmp_path, STACK)

    with pytest.raises(UsageError, match="no service datbase") as refused:
        found.chosen(["datbase"])
    assert refused.value.hint == "did you mean database?"
    with pytest.raises(EngineError, match="migrate does not run"):
        found.one_running("migrate")


def test_without_containers_one_sentence_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        members(tmp_path, []).chosen([])

    assert "nothing of shop runs" in refused.value.what
    assert "pack up" in str(refused.value.hint)


def test_without_an_app_the_only_container_is_meant(tmp_path: Path) -> None:
    assert members(tmp_path, [container("shop-run-1")]).main.name == "shop-run-1"
    (tmp_path / "more").mkdir()
    with pytest.raises(UsageError, match="several"):
        _ = members(tmp_path / "more", [container("shop-run-1"), container("shop-run-2")]).main


def test_whoever_needs_a_service_is_stopped_before_it(tmp_path: Path) -> None:
    waves = stopping_waves(members(tmp_path, STACK).own)

    assert [set(names(wave)) for wave in waves] == [{"web", "shop-run-1"}, {"app"}, {"migrate"}, {"database"}]


def test_services_that_need_one_another_are_stopped_together(tmp_path: Path) -> None:
    ring = [container("a", service="a", needs="b:x:true"), container("b", service="b", needs="a:x:true")]

    assert [len(wave) for wave in stopping_waves(members(tmp_path, ring).own)] == [2]


def test_the_table_tells_state_health_and_urls(tmp_path: Path) -> None:
    ports = [
        {"PrivatePort": 8000, "PublicPort": 4000, "Type": "tcp", "IP": "0.0.0.0"},
        {"PrivatePort": 8000, "PublicPort": 4000, "Type": "tcp", "IP": "::"},
        {"PrivatePort": 9000, "Type": "tcp"},
    ]
    web = container("shop-web-1", service="web", status="Up 1 second (healthy)", more={"Ports": ports})
    found = members(tmp_path, [web, STACK[2]])

    assert [row.member.name for row in rows(found, every=False)] == ["web"]
    told = status_document(found, rows(found, every=True))["containers"]
    assert [(one["name"], one["state"], one["health"], one["exit_code"], one["urls"]) for one in told] == [
        ("migrate", "exited", None, 3, []),
        ("web", "running", "healthy", None, ["http://127.0.0.1:4000"]),
    ]


@pytest.mark.parametrize("broken", [{"Labels": None}, {"Ports": "x", "Names": []}, {"Created": "x", "State": None}])
def test_a_listing_that_is_odd_is_read_as_far_as_it_goes(tmp_path: Path, broken: dict[str, Any]) -> None:
    double = EngineDouble([])
    double.answer = lambda *_: (200, [{**container("x"), **broken}, 7])  # type: ignore[method-assign]
    with serving(double, tmp_path / "socket") as engine:
        assert len(find_members(SHOP, engine.environment, tmp_path).own) == 1


def test_without_an_engine_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not answer"):
        find_members(SHOP, {"DOCKER_HOST": f"unix://{tmp_path}/none"}, tmp_path)
