"""The web image in a real engine: static files by nginx, everything else by the app behind it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import pytest

from packer.build.nginx_check import try_nginx
from packer.build.web import pin_web
from packer.cli.wiring import workshop
from packer.debian.interpreter import host_architecture
from packer.errors import BuildError
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree
from packer.render.nginx import render_nginx
from packer.render.rendered import written_file
from packer.store.cache import DiskCache
from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

pytestmark = [pytest.mark.engine, pytest.mark.network]

CONFINED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
APP = """
from flask import Blueprint, Flask, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
admin = Blueprint("admin", __name__, url_prefix="/admin", static_folder="panel", static_url_path="/files")
app.register_blueprint(admin)


@app.route("/echo", methods=["GET", "POST"])
def echo():
    return {name: value for name, value in request.headers.items()} | {"size": len(request.data)}


@app.get("/static/made")
def made():
    return "made by the app"
"""
STYLE = "body { color: red }\n" * 400
Docker = Callable[..., str]


@pytest.fixture(scope="module")
def docker(docker_engine: Daemon) -> Docker:
    def run(*words: str) -> str:
        done = subprocess.run(
            [docker_engine.client, *words],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin", **docker_engine.environment},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def address(
    pack: PackCommand, docker_engine: Daemon, docker: Docker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an app behind its web server."""
    root = tmp_path_factory.mktemp("projects") / "shop"
    for path, text in {
        "app.py": APP,
        "requirements.txt": "flask\n",
        "static/site.css": STYLE,
        "static/app.3f2a9c1b.js": "1",
        "static/.hidden/x": "",
        "panel/panel.js": "panel()",
        ".env": "SECRET=1",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    equipped = PackCommand(memory=pack.memory, more=docker_engine.environment)
    built = equipped("build", root, "--web", "-t", "shop:1", "--load")
    assert built.returncode == 0, built.stderr
    docker("network", "create", "shop")
    docker("run", "-d", "--name", "shop-app", "--network", "shop", "--network-alias", "app", *CONFINED, "shop:1")
    docker("run", "-d", "--name", "shop-web", "--network", "shop", *CONFINED, "-p", "127.0.0.1::8080", "shop-web:1")
    address = "http://" + docker("port", "shop-web", "8080").split()[0]
    wait_for(address + "/echo")
    yield address
    docker("rm", "-f", "-v", "shop-app", "shop-web")
    docker("network", "rm", "shop")


def ask(url: str, data: bytes | None = None, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, data=data, headers={n.replace("_", "-"): v for n, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if ask(url)[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_static_files_come_from_nginx_compressed_and_validated(address: str) -> None:
    status, headers, body = ask(f"{address}/static/site.css", Accept_Encoding="gzip")

    assert (status, headers["Content-Encoding"], headers["Cache-Control"]) == (200, "gzip", "no-cache")
    assert gzip.decompress(body).decode() == STYLE
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(f"{address}/static/site.css", If_None_Match=ask(f"{address}/static/site.css")[1]["ETag"])[0] == 304


def test_a_file_whose_name_holds_a_digest_may_be_kept_for_ever(address: str) -> None:
    assert "immutable" in ask(f"{address}/static/app.3f2a9c1b.js")[1]["Cache-Control"]


def test_static_files_of_blueprints_are_there_too(address: str) -> None:
    status, headers, body = ask(f"{address}/admin/files/panel.js")

    assert (status, body) == (200, b"panel()")
    assert headers["Cache-Control"] == "no-cache"


def test_what_is_no_file_is_asked_of_the_app(address: str) -> None:
    assert ask(f"{address}/static/made")[2] == b"made by the app"
    assert ask(f"{address}/static/none.css")[0] == 404


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/.env", "/static/.env", "/app.py"])
def test_nothing_else_of_the_project_can_be_fetched(address: str, path: str) -> None:
    assert ask(f"{address}{path}")[0] in (400, 404)


def test_the_app_is_told_what_nginx_knows_and_not_what_the_client_says(address: str) -> None:

    headers = json.loads(ask(f"{address}/echo", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https")[2])

    assert headers["Host"] == address.removeprefix("http://")
    assert headers["X-Forwarded-Proto"] == "http"
    assert "6.6.6.6" not in headers["X-Forwarded-For"]
    assert headers["X-Request-Id"]


def test_the_largest_body_is_the_app_s_own(address: str) -> None:
    assert ask(f"{address}/echo", data=b"x" * 90_000)[0] == 200
    assert ask(f"{address}/echo", data=b"x" * 110_000)[0] == 413


def test_an_app_that_was_started_anew_is_found_at_its_new_address(address: str, docker: Docker) -> None:
    docker("rm", "-f", "-v", "shop-app")
    docker("run", "-d", "--name", "bystander", "--network", "shop", *CONFINED, "shop:1")
    try:
        assert ask(f"{address}/echo")[0] == 502
        assert b"Back in a moment" in ask(f"{address}/echo")[2]
        docker("run", "-d", "--name", "shop-app", "--network", "shop", "--network-alias", "app", *CONFINED, "shop:1")
        wait_for(f"{address}/echo")
    finally:
        docker("rm", "-f", "-v", "bystander")


def test_it_is_well_and_stops_at_once(address: str, docker: Docker) -> None:
    deadline = time.monotonic() + 60
    while docker("inspect", "shop-web", "--format", "{{.State.Health.Status}}").strip() != "healthy":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    started = time.monotonic()
    docker("stop", "-t", "20", "shop-web")
    assert time.monotonic() - started < 10
    assert docker("inspect", "shop-web", "--format", "{{.State.ExitCode}}").strip() == "0"
    docker("start", "shop-web")


def test_a_configuration_that_nginx_does_not_take_ends_the_build(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    tools = workshop(os.environ, cache, settings=Settings(), offline=False, note=print)
    web = make_plan(inspect(MemoryTree({"app.py": APP})), Settings()).web
    architecture = host_architecture()
    assert architecture is not None
    base = pin_web(web, architecture, locked=None, workshop=tools)
    taken = try_nginx(base, render_nginx(web), tools)
    if taken:
        pytest.skip(taken[0].what)

    with pytest.raises(BuildError, match="unknown directive"):
        try_nginx(base, [written_file("/etc/nginx/nginx.conf", "nonsense on;\n")], tools)
