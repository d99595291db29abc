"""The rendered configuration under real gunicorn, and the sample application from its own lock."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from uv import find_uv_bin

from packer.plan.model import ServerPlan
from packer.render.gunicorn import render_gunicorn

pytestmark = pytest.mark.network

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
WSGI = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
ASGI = """
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running gunicorn."""

    process: subprocess.Popen[str]
    port: int

    def get(self, path: str) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def wait_until_up(self, path: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()
            try:
                self.get(path)
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server does not answer")

    def stop(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=40)


def install(folder: Path, *arguments: str) -> Path:
    """A virtual environment with these distributions; its interpreter."""
    uv = find_uv_bin()
    interpreter = folder / ".venv" / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder / ".venv"], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", interpreter, *arguments], check=True)
    return interpreter


@contextmanager
def serving(
    interpreter: Path, folder: Path, *, target: str, health: str, worker_class: str = "gthread", **environ: str
) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    interface = "asgi" if "uvicorn" in worker_class else "wsgi"
    plan = ServerPlan(target=target, interface=interface, worker_class=worker_class)  # type: ignore[arg-type]
    configuration = folder / "rendered.conf.py"
    configuration.write_text(render_gunicorn(plan, port=port, health=health).text, encoding="utf-8")
    process = subprocess.Popen(
        [interpreter, "-m", "gunicorn", "--config", configuration, target],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Server(process=process, port=port)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.parametrize(
    ("requirements", "worker_class"),
    [
        pytest.param(["gunicorn==20.1.0", "setuptools<70"], "gthread", id="20.1"),
        pytest.param(["gunicorn==23.0.0"], "gthread", id="23"),
        pytest.param(["gunicorn==25.1.0"], "gthread", id="25.1"),
        pytest.param(["gunicorn>=27"], "gthread", id="27"),
        pytest.param(["gunicorn[gevent]>=27"], "gevent", id="gevent"),
        pytest.param(["gunicorn>=27", "uvicorn-worker"], "uvicorn_worker.UvicornWorker", id="uvicorn"),
    ],
)
def test_gunicorn_serves_and_stops_with_the_rendered_file(
    tmp_path: Path, requirements: list[str], worker_class: str
) -> None:
    interpreter = install(tmp_path, *requirements)
    (tmp_path / "web.py").write_text(ASGI if "uvicorn" in worker_class else WSGI, encoding="utf-8")

    with serving(
        interpreter, tmp_path, target="web:app", health="/healthz", worker_class=worker_class, WEB_CONCURRENCY="2"
    ) as server:
        server.wait_until_up("/healthz")
        assert server.get("/page") == (200, "ok")
        log, errors = server.stop()

    assert server.process.returncode == 0
    assert errors.count("Booting worker") == 2
    assert "ERROR" not in errors
    assert '"GET /page HTTP/1.1" 200' in log + errors
    assert "/healthz" not in log + errors


def test_a_wrong_port_ends_the_container_with_one_line(tmp_path: Path) -> None:
    interpreter = install(tmp_path, "gunicorn>=27")
    (tmp_path / "web.py").write_text(WSGI, encoding="utf-8")

    with serving(interpreter, tmp_path, target="web:app", health="/", PORT="http") as server:
        _, errors = server.process.communicate(timeout=30)

    assert server.process.returncode == 1
    assert errors == "PORT is 'http': a whole number from 1 to 65535 is expected\n"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the sample application is locked for Python 3.11 and later")
def test_the_sample_application_boots_from_its_lock_with_no_setting_at_all(tmp_path: Path) -> None:
    interpreter = install(tmp_path, "--require-hashes", "-r", str(SAMPLE / "requirements.txt"))

    with serving(interpreter, tmp_path, target="wsgi:app", health="/healthz", PYTHONPATH=str(SAMPLE)) as server:
        server.wait_until_up("/healthz")
        answers = {path: server.get(path) for path in ("/healthz", "/readyz", "/", "/static/css/guestbook.css")}
        _, errors = server.stop()

    assert {path: status for path, (status, _) in answers.items()} == {
        "/healthz": 200,
        "/readyz": 503,
        "/": 503,
        "/static/css/guestbook.css": 200,
    }
    assert "closed for a moment" in answers["/"][1]
    assert "Traceback" not in errors


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the sample application is locked for Python 3.11 and later")
def test_the_sample_applications_own_tests_pass(tmp_path: Path) -> None:
    interpreter = install(tmp_path, "--require-hashes", "-r", str(SAMPLE / "requirements.txt"))
    uv_install: list[str | Path] = [find_uv_bin(), "pip", "install", "-q", "--python", interpreter]
    subprocess.run([*uv_install, "-r", SAMPLE / "requirements-dev.txt"], check=True)
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=SAMPLE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
