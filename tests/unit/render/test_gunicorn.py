from __future__ import annotations

import ast
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from packer.plan.model import ServerPlan
from packer.render.gunicorn import render_gunicorn

GOLDEN = Path(__file__).parents[2] / "golden" / "gunicorn.conf.py.txt"
MIB = 1024 * 1024
LOGGERS = ("gunicorn.access", "uvicorn.access")

Load = Callable[..., dict[str, Any]]


def plan(**changes: Any) -> ServerPlan:
    return ServerPlan(**{"target": "shop:app", "interface": "wsgi", **changes})


def text(server: ServerPlan, health: str | None = "/healthz") -> str:
    return render_gunicorn(server, port=8000, health=health).text


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Load]:
    """Run the rendered file as gunicorn does, in a container with these limits; its settings."""

    def run(
        server: ServerPlan | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        cgroup: Mapping[str, str] | None = None,
        processors: int = 64,
    ) -> dict[str, Any]:
        for name in ("PORT", "WEB_CONCURRENCY", "GUNICORN_THREADS", "GUNICORN_TIMEOUT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in (environ or {}).items():
            monkeypatch.setenv(name, value)
        for name, content in (cgroup or {}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
        source = text(server or plan()).replace('"/sys/fs/cgroup"', repr(str(tmp_path)))
        settings: dict[str, Any] = {}
        exec(compile(source, "gunicorn.conf.py", "exec"), settings)
        return settings

    yield run
    for name in LOGGERS:
        logging.getLogger(name).filters.clear()


def test_the_file_is_what_was_reviewed() -> None:
    rendered = render_gunicorn(plan(), port=8000, health="/healthz")

    assert rendered.path == "/etc/gunicorn/gunicorn.conf.py"
    assert rendered.text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("health", [None, "/healthz"])
@pytest.mark.parametrize("workers", [None, 1, 4])
@pytest.mark.parametrize("worker_class", ["gthread", "gevent", "uvicorn_worker.UvicornWorker"])
def test_every_variant_is_valid_for_old_interpreters(
    worker_class: str, workers: int | None, health: str | None
) -> None:
    ast.parse(text(plan(worker_class=worker_class, workers=workers), health), feature_version=(3, 8))


@pytest.mark.parametrize("health", ['/"); import os; ("', "/\\", "/'\n import os", "/ü\u2028"])
def test_a_hostile_path_stays_a_text(health: str) -> None:
    (assignment,) = (
        node
        for node in ast.parse(text(plan(), health)).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "HEALTH_PATH"
    )

    assert ast.literal_eval(assignment.value) == health


def test_a_hostile_worker_class_stays_a_text(load: Load) -> None:
    hostile = 'x"\nimport sys; sys.exit("owned")\n"'

    assert load(plan(worker_class=hostile))["worker_class"] == hostile


def test_it_listens_on_every_address_at_the_port_it_is_given(load: Load) -> None:
    assert load()["bind"] == "0.0.0.0:8000"
    assert load(environ={"PORT": "9090"})["bind"] == "0.0.0.0:9090"
    assert load(environ={"PORT": ""})["bind"] == "0.0.0.0:8000"


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "80 81", "1e3", "٨٠", "9" * 5000])
def test_a_port_that_is_none_ends_with_a_clear_message(load: Load, value: str) -> None:
    with pytest.raises(SystemExit, match=r"PORT is .*: a whole number from 1 to 65535 is expected"):
        load(environ={"PORT": value})


@pytest.mark.parametrize(
    ("cgroup", "processors", "workers"),
    [
        pytest.param({}, 64, 12, id="no limit on a large machine"),
        pytest.param({}, 2, 5, id="no limit on a small machine"),
        pytest.param({"cpu.max": "100000 100000\n"}, 64, 3, id="one processor"),
        pytest.param({"cpu.max": "50000 100000"}, 64, 3, id="half a processor"),
        pytest.param({"cpu.max": "250000 100000"}, 64, 7, id="two and a half"),
        pytest.param({"cpu.max": "max 100000"}, 4, 9, id="no quota"),
        pytest.param({"cpu.max": "100000 0"}, 2, 5, id="a period of nothing"),
        pytest.param({"cpu.max": ""}, 2, 5, id="an empty file"),
        pytest.param({"cpu.max": "800000 100000"}, 2, 5, id="a quota above what is there"),
        pytest.param({"cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000"}, 64, 5, id="version 1"),
        pytest.param({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 1, 3, id="version 1, no quota"),
        pytest.param({"memory.max": str(512 * MIB)}, 64, 4, id="memory for four"),
        pytest.param({"memory.max": str(64 * MIB)}, 64, 1, id="memory for less than one"),
        pytest.param({"memory.max": "max"}, 2, 5, id="no memory limit"),
        pytest.param({"memory/memory.limit_in_bytes": str(256 * MIB)}, 64, 2, id="version 1, memory"),
        pytest.param({"memory/memory.limit_in_bytes": "9223372036854771712"}, 2, 5, id="version 1, no memory limit"),
    ],
)
def test_workers_follow_from_the_containers_limits(
    load: Load, cgroup: dict[str, str], processors: int, workers: int
) -> None:
    assert load(cgroup=cgroup, processors=processors)["workers"] == workers


def test_the_number_of_workers_can_be_said(load: Load) -> None:
    assert load(environ={"WEB_CONCURRENCY": "20"}, cgroup={"memory.max": "1"})["workers"] == 20


def test_an_app_that_keeps_state_has_one_worker_that_lives_on(load: Load) -> None:
    settings = load(plan(workers=1), environ={"WEB_CONCURRENCY": "4"})

    assert settings["workers"] == 1
    assert "max_requests" not in settings


def test_only_threads_are_counted_in_threads(load: Load) -> None:
    assert load()["threads"] == 4
    assert load(environ={"GUNICORN_THREADS": "16"})["threads"] == 16
    assert "threads" not in load(plan(worker_class="gevent"))


def test_the_timeout_is_the_plans_unless_said_otherwise(load: Load) -> None:
    assert load(plan(timeout=90))["timeout"] == 90
    assert load(plan(timeout=90), environ={"GUNICORN_TIMEOUT": "5"})["timeout"] == 5


def test_heartbeats_go_to_memory_where_there_is_some(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda path: path == "/dev/shm")
    monkeypatch.setattr(os, "access", lambda path, mode: path == "/dev/shm")
    assert load()["worker_tmp_dir"] == "/dev/shm"

    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "worker_tmp_dir" not in load()


@pytest.mark.parametrize("name", LOGGERS)
@pytest.mark.parametrize(
    ("line", "logged"),
    [
        ('127.0.0.1 "GET /healthz HTTP/1.1" 200 15 1ms "-"', False),
        ('127.0.0.1:40312 - "GET /healthz HTTP/1.1" 200', False),
        ('127.0.0.1 "GET /healthz HTTP/1.1" 503 15 1ms "-"', True),
        ('127.0.0.1 "GET /healthz2 HTTP/1.1" 200 15 1ms "-"', True),
        ('127.0.0.1 "POST /healthz HTTP/1.1" 200 15 1ms "-"', True),
        ('127.0.0.11 "GET /healthz HTTP/1.1" 200 15 1ms "-"', True),
        ('10.0.0.7 "GET /healthz HTTP/1.1" 200 15 1ms "127.0.0.1"', True),
    ],
)
def test_only_good_answers_to_the_own_health_check_are_not_logged(
    load: Load, name: str, line: str, *, logged: bool
) -> None:
    load()
    record = logging.LogRecord(name, logging.INFO, "", 0, "%s", (line,), None)

    assert bool(logging.getLogger(name).filter(record)) is logged


def test_the_text_and_its_key_depend_on_the_plan_alone() -> None:
    first, second = (render_gunicorn(plan(), port=8000, health="/healthz") for _ in range(2))

    assert (first.key, first.text) == (second.key, second.text)
    for other in (plan(timeout=1), plan(workers=2), plan(threads=9), plan(worker_class="gevent")):
        assert render_gunicorn(other, port=8000, health="/healthz").key != first.key


def test_an_application_that_reads_its_command_line_does_not_find_the_servers(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load()
    monkeypatch.setattr("sys.argv", ["gunicorn", "--config", "gunicorn.conf.py", "shop:app"])

    settings["post_fork"](None, None)

    assert sys.argv == ["gunicorn"]
