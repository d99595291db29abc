"""The web server in front of the app: what follows from the app, and what the settings change."""

from __future__ import annotations

from msgspec.structs import replace

from packer.plan.model import ServerPlan
from packer.plan.settings import Settings, WebSettings
from packer.plan.web import plan_web
from packer.project.model import AppFacts, DependencyFacts, Project, PythonFacts, StaticFolder

SERVER = ServerPlan(target="shop:app", interface="wsgi", timeout=60)
PROJECT = Project(
    name="shop",
    python=PythonFacts(),
    dependencies=DependencyFacts(),
    app=AppFacts(),
    static=(StaticFolder(url="/static", path="shop/static"),),
)


def test_it_lets_through_what_the_app_itself_accepts() -> None:
    project = replace(PROJECT, app=AppFacts(max_content_length=5_000))
    web, (decision,) = plan_web(project, Settings(), server=SERVER, app_port=8000)

    assert web.body_limit == 5_000
    assert "MAX_CONTENT_LENGTH" in decision.reason


def test_an_app_without_a_limit_gets_one_that_a_setting_can_change() -> None:
    web, _ = plan_web(PROJECT, Settings(), server=SERVER, app_port=8000)
    wished, _ = plan_web(PROJECT, Settings(web=WebSettings(body_limit=7)), server=SERVER, app_port=8000)

    assert web.body_limit == 16 * 1024 * 1024
    assert wished.body_limit == 7


def test_it_waits_longer_than_the_app_s_server_allows_itself() -> None:
    web, _ = plan_web(PROJECT, Settings(), server=SERVER, app_port=8000)

    assert web.read_timeout > SERVER.timeout


def test_it_finds_the_app_at_its_port_and_stands_on_a_base_without_python() -> None:
    web, _ = plan_web(PROJECT, Settings(), server=SERVER, app_port=9000)

    assert web.upstream == "app:9000"
    assert not web.base.with_python
    assert "nginx" in web.base.packages
