"""The web server's configuration: reviewed once, and never more than what the template says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from packer.errors import PlanError
from packer.plan.model import DebianBase, WebPlan
from packer.project.model import StaticFolder
from packer.render.nginx import render_nginx, served_folders
from packer.render.quoting import nginx

GOLDEN = Path(__file__).parents[2] / "golden" / "nginx"


def plan(*urls: str, **changes: Any) -> WebPlan:
    values = {
        "base": DebianBase(release="trixie", packages=("nginx",), with_python=False),
        "static": tuple(StaticFolder(url=url, path="static") for url in urls),
        "upstream": "app:8000",
        "body_limit": 65536,
        "read_timeout": 65,
        "port": 8080,
    }
    return WebPlan(**{**values, **changes})


def texts(web: WebPlan, **options: Any) -> dict[str, str]:
    return {Path(file.path).name: file.text for file in render_nginx(web, **options)}


@pytest.mark.parametrize("name", ["nginx.conf", "upstream.conf", "proxy.conf", "headers.conf", ".unavailable.html"])
def test_the_files_are_what_was_reviewed(name: str) -> None:
    assert texts(plan("/static", "/admin/static"))[name] == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_files_at_the_top_come_before_the_app() -> None:
    text = texts(plan("", "/static"))["nginx.conf"]

    assert text.count('location "/" {') == 1
    assert "location / {" not in text


def test_a_url_that_no_application_has_is_left_to_the_app() -> None:
    hostile = plan("/a b", "/$request", "/x;}", '/"', "/ok", "/new\nline", "no-slash")

    assert [folder.url for folder in served_folders(hostile)] == ["/ok"]


def test_proxies_are_believed_only_where_the_settings_say_so() -> None:
    assert "$http_x_forwarded_for" not in texts(plan())["nginx.conf"]
    assert "$proxy_add_x_forwarded_for" in texts(plan(proxies=1))["nginx.conf"]


def test_each_way_to_find_the_app_has_its_own_directives() -> None:
    variable, resolve, static = (texts(plan(), discovery=way) for way in ("variable", "resolve", "static"))

    assert "proxy_pass http://$app;" in variable["proxy.conf"]
    assert 'server "app:8000" resolve' in resolve["upstream.conf"]
    assert "resolver" not in static["upstream.conf"]


@pytest.mark.parametrize("value", ["$x", "a\nb", "\0", None, 1.5, ("a",), True])
def test_what_a_configuration_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises((PlanError, TypeError)):
        nginx(value)
