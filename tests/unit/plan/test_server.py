"""The server, the health check and the runtime configuration."""

from __future__ import annotations

import pytest

from packer.errors import PlanError
from packer.plan.health import choose_health
from packer.plan.model import SourcePlan
from packer.plan.runtime import plan_runtime
from packer.plan.server import choose_server
from packer.plan.settings import Settings
from packer.project.model import AppCandidate, AppFacts, HealthRoute, Interface, ServerFacts


def app(interface: Interface = "wsgi", server: ServerFacts | None = None, folder: str = ".") -> AppFacts:
    candidate = AppCandidate(
        target="shop:create_app()",
        path="shop/__init__.py",
        framework="flask",
        interface=interface,
        working_directory=folder,
    )
    return AppFacts(candidates=(candidate,), server=server or ServerFacts())


def test_without_an_app_the_refusal_says_how_to_name_one():
    with pytest.raises(PlanError, match="a library") as caught:
        choose_server(AppFacts(refusal="this is a library"), Settings())
    assert "--app module:attribute" in str(caught.value)


def test_an_asgi_app_gets_uvicorn_workers():
    server, _ = choose_server(app("asgi"), Settings())

    assert server.worker_class == "uvicorn_worker.UvicornWorker"


def test_an_app_that_keeps_state_in_its_process_gets_one_worker_with_many_threads():
    server, decisions = choose_server(app(server=ServerFacts(single_worker=True)), Settings())

    assert (server.workers, server.threads) == (1, 32)
    assert any(decision.subject == "server.workers" for decision in decisions)


def test_a_setting_wins_over_what_the_project_asks_for():
    server, _ = choose_server(app(server=ServerFacts(worker_class="gevent")), Settings(worker_class="gthread"))

    assert server.worker_class == "gthread"


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [(("--timeout", "120"), 120), (("--timeout", "-1"), 60), (("--timeout", "9" * 9), 3600), ((), 60)],
)
def test_a_timeout_of_the_procfile_is_kept_within_reason(arguments, seconds):
    server, _ = choose_server(app(server=ServerFacts(arguments=arguments)), Settings())

    assert server.timeout == seconds


def test_the_health_check_asks_the_apps_own_route_without_a_shell():
    facts = AppFacts(health=(HealthRoute(url="/healthz", kind="health"),))

    check, _ = choose_health(facts, Settings(), port=8000)

    assert check.path == "/healthz"
    assert check.command[:2] == ("/app/.venv/bin/python", "-ISc")
    compile(check.command[2], "probe", "exec")


def test_a_hostile_path_stays_a_string_of_the_probe():
    url = "/x');import os;os.system('id"

    check, _ = choose_health(AppFacts(health=(HealthRoute(url=url, kind="health"),)), Settings(), port=8000)

    assert repr(url) in check.command[2]


def test_without_a_safe_path_the_port_alone_is_tried():
    check, decision = choose_health(AppFacts(), Settings(), port=9000)

    assert check.path is None
    assert "9000" in check.command[2]
    assert decision.choice == "port only"


def test_one_off_commands_run_on_the_images_interpreter():
    facts = app(folder="backend")
    server, _ = choose_server(facts, Settings())
    health, _ = choose_health(AppFacts(), Settings(), port=8000)

    runtime = plan_runtime(server, SourcePlan(), health, Settings(), app=facts, gunicorn=None)

    assert runtime.entrypoint == ("/app/.venv/bin/python", "-m")
    assert runtime.command[0] == "gunicorn"
    assert runtime.command[-1] == "shop:create_app()"
    assert dict(runtime.environment)["FLASK_APP"] == "shop:create_app()"
    assert dict(runtime.environment)["PYTHONPATH"] == "/app/backend:/app"
    assert runtime.working_directory == "/app/backend"


def test_an_app_that_gunicorn_cannot_name_is_forwarded_by_a_module_of_the_image():
    candidate = AppCandidate(target="dash_app:app.server", path="dash_app.py", framework="dash", interface="wsgi")

    server, _ = choose_server(AppFacts(candidates=(candidate,)), Settings())

    assert server.target == "pack_app:app"
    assert server.forwards == "dash_app:app.server"


def test_a_call_with_a_dotted_argument_is_still_a_plain_target():
    candidate = AppCandidate(
        target="shop:create_app('shop.Production')", path="shop.py", framework="flask", interface="wsgi"
    )

    server, _ = choose_server(AppFacts(candidates=(candidate,)), Settings())

    assert server.forwards is None
