"""What every image holds and how it behaves, judged from its bytes and in a real engine."""

from __future__ import annotations

import http.client
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.testbed.built_image import BuiltImage
from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

USER = 65532
SITE = "app/.venv/lib/python3.13/site-packages"
UNCHECKED_HASH = b"\x01\0\0\0"
"""The flags of bytecode that holds whatever its source's time is (PEP 552)."""
CONFINED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
SECRETS = {
    ".env": "SECRET_KEY=hunter2\n",
    ".flaskenv": "FLASK_DEBUG=1\n",
    "server.key": "-----BEGIN PRIVATE KEY-----\nhunter2\n",
    "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
    "local.sqlite3": "SQLite format 3\0hunter2",
    ".git/config": "[remote] url = https://user:hunter2@example.com\n",
    "__pycache__/app.cpython-39.pyc": "hunter2",
}
WRITER = """
import os
import sqlite3
from pathlib import Path

from flask import Flask, request

app = Flask(__name__)
app.config["UPLOAD_FOLDER"] = os.path.join(os.path.dirname(__file__), "uploads")
DATABASE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "visits.db")


@app.get("/healthz")
def healthz():
    return "ok"


@app.post("/write")
def write():
    os.makedirs(app.instance_path, exist_ok=True)
    Path(app.instance_path, "note.txt").write_text("kept")
    os.makedirs(app.config["UPLOAD_FOLDER"], exist_ok=True)
    request.files["file"].save(os.path.join(app.config["UPLOAD_FOLDER"], "upload.txt"))
    with sqlite3.connect(DATABASE) as database:
        database.execute("create table if not exists visits (n)")
        database.execute("insert into visits values (1)")
    return "written"


@app.get("/read")
def read():
    with sqlite3.connect(DATABASE) as database:
        (count,) = database.execute("select count(*) from visits").fetchone()
    upload = Path(app.config["UPLOAD_FOLDER"], "upload.txt").read_text()
    return f"{count} {upload} {Path(app.instance_path, 'note.txt').read_text()}"


@app.post("/count")
def count():
    path = Path(__file__).with_name("count.txt")
    number = int(path.read_text()) + 1
    path.write_text(str(number))
    return str(number)


@app.post("/overwrite")
def overwrite():
    try:
        Path(__file__).write_text("")
    except OSError as error:
        return type(error).__name__
    return "overwritten"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with everything that must stay out."""
    folder = tmp_path_factory.mktemp("contract") / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(WRITER)
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "count.txt").write_text("41")
    for name, content in SECRETS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    (folder / "app.py").chmod(0o666)
    (folder / "tool.py").write_text("print('x')\n")
    (folder / "tool.py").chmod(0o6777)
    return folder


@pytest.fixture(scope="module")
def built(pack: PackCommand, project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltImage, str]:
    """The image, and what pack said."""
    layout = tmp_path_factory.mktemp("contract-image") / "layout"
    done = pack("build", project, "--python", "3.13", "--output", f"oci:{layout}", "-t", "shop:1")
    assert done.returncode == 0, done.stderr
    return BuiltImage(layout), done.stderr


@pytest.fixture(scope="module")
def image(built: tuple[BuiltImage, str]) -> BuiltImage:
    return built[0]


def test_the_source_is_root_s_and_nobody_else_s_to_change(image):
    files = {path: entry for path, entry in image.entries().items() if path.startswith("app") and not entry.issym()}
    volumes = tuple(volume.strip("/") for volume in image.execution["Volumes"])

    assert files["app/app.py"].mode == 0o644
    for path, entry in files.items():
        if not (path in volumes or path.startswith(tuple(f"{volume}/" for volume in volumes))):
            assert (entry.uid, entry.gid) == (0, 0), path
            assert not entry.mode & 0o022, path


def test_the_image_runs_as_a_number_that_may_write_to_its_volumes(image):
    assert image.execution["User"] == f"{USER}:{USER}"
    entries = image.entries()
    for volume in image.execution["Volumes"]:
        folder = entries[volume.strip("/")]
        assert (folder.isdir(), folder.uid, folder.gid) == (True, USER, USER)


def test_it_starts_without_a_shell(image):
    execution = image.execution
    assert execution["WorkingDir"] == "/app"
    assert execution["Entrypoint"][0] == "/app/.venv/bin/python"
    assert execution["Cmd"] == ["gunicorn", "--config", "/etc/gunicorn/gunicorn.conf.py", "app:app"]
    assert execution["Healthcheck"]["Test"][:2] == ["CMD", "/app/.venv/bin/python"]
    assert execution["StopSignal"] == "SIGTERM"
    assert execution["ExposedPorts"] == {"8000/tcp": {}}


def test_labels_and_annotations_say_where_it_comes_from(image):
    prefix = "org.opencontainers.image."
    labels = image.execution["Labels"]
    assert labels[f"{prefix}base.name"] == "debian:trixie"
    assert labels[f"{prefix}created"] == image.configuration["created"] == "1970-01-01T00:00:00Z"
    assert {name: value for name, value in labels.items() if name.startswith(prefix)} == image.manifest["annotations"]


def test_nothing_secret_is_in_any_layer(image):
    contents = image.contents()
    assert not [path for path in contents if any(path == f"app/{name}" for name in SECRETS)]
    assert not [path for path, content in contents.items() if b"hunter2" in content]


def test_nothing_raises_privilege_and_nothing_is_a_device(image):
    for path, entry in image.entries().items():
        assert not entry.mode & (stat.S_ISUID | stat.S_ISGID), path
        assert entry.isreg() or entry.isdir() or entry.issym() or entry.islnk(), path


def test_no_shell_compiler_or_package_manager_is_there(image):
    programs = {path.rpartition("/")[2] for path in image.entries() if "/bin/" in f"/{path}" or "/sbin/" in f"/{path}"}
    assert programs.isdisjoint({"sh", "bash", "dash", "gcc", "cc", "apt", "apt-get", "dpkg", "pip", "pip3", "curl"})
    assert f"{SITE}/pip" not in image.entries()


def test_every_module_has_bytecode_that_needs_no_look_at_its_source(image):
    entries = image.entries()
    modules = [path for path, entry in entries.items() if path.endswith(".py") and entry.isreg() and "/lib/" in path]
    modules.append("app/app.py")
    missing = [path for path in modules if _cached(path) not in entries]
    assert len(modules) > 500
    assert missing == []
    flags = {content[4:8] for content in image.contents(".pyc").values()}
    assert flags == {UNCHECKED_HASH}


def test_folders_are_the_same_in_every_layer(image):
    seen: dict[str, tuple[int, int, int]] = {}
    for layer in image.layers():
        for entry in layer:
            if entry.isdir():
                facts = (entry.mode, entry.uid, entry.gid)
                assert seen.setdefault(entry.name.rstrip("/"), facts) == facts, entry.name


def test_the_environment_is_laid_out_as_tools_expect_it(image):
    entries, contents = image.entries(), image.contents("RECORD")
    assert "app/.venv/pyvenv.cfg" in entries
    assert entries["app/.venv/bin/python"].issym()
    [gunicorn] = image.contents("app/.venv/bin/gunicorn").values()
    assert gunicorn.startswith(b"#!/app/.venv/bin/python")
    [record] = [content for path, content in contents.items() if "/flask-" in path]
    listed = [line.split(",")[0] for line in record.decode().splitlines()]
    assert "flask/app.py" in listed
    assert not [name for name in listed if f"{SITE}/{name}" not in entries and not name.startswith("..")]


def test_umoci_unpacks_it(umoci, image, tmp_path):
    words = [umoci, "unpack", "--rootless", "--image", f"{image.folder}:1", tmp_path / "bundle"]
    subprocess.run(words, check=True, capture_output=True)

    assert (tmp_path / "bundle/rootfs/app/app.py").read_text() == WRITER


@pytest.fixture(scope="module")
def loaded(docker_engine: Daemon, pack: PackCommand, project: Path) -> Daemon:
    """An engine that has the image."""
    loading = PackCommand(memory=pack.memory, more=docker_engine.environment)
    done = loading("build", project, "--python", "3.13", "--load", "-t", "shop:1")
    assert done.returncode == 0, done.stderr
    return docker_engine


def docker(engine: Daemon, *words: str) -> str:
    done = subprocess.run(
        [engine.client, *words],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **engine.environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def running(engine: Daemon, *options: str) -> Iterator[int]:
    """A confined container of the image; the port it answers at."""
    container = docker(engine, "run", "--detach", *CONFINED, *options, "--publish", "127.0.0.1::8000", "shop:1")
    try:
        port = int(docker(engine, "port", container, "8000").rpartition(":")[2])
        wait_until(lambda: answers(port), lambda: docker(engine, "logs", container))
        yield port
    finally:
        docker(engine, "rm", "--force", "--volumes", container)


def wait_until(true: Callable[[], bool], why: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/healthz") == "ok"
    except (OSError, http.client.HTTPException):
        return False


def ask(port: int, method: str, path: str) -> str:
    part = 'Content-Disposition: form-data; name="file"; filename="x"'
    body = f"--b\r\n{part}\r\n\r\nuploaded\r\n--b--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "multipart/form-data; boundary=b"} if method == "POST" else {}
        connection.request(method, path, body=body if method == "POST" else None, headers=headers)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@pytest.mark.engine
def test_a_confined_container_answers_and_writes_to_its_volumes_only(loaded, image):
    named = [f"--volume=data{number}:{path}" for number, path in enumerate(sorted(image.execution["Volumes"]))]
    with running(loaded, *named) as port:
        assert ask(port, "POST", "/write") == "written"
        assert ask(port, "GET", "/read") == "1 uploaded kept"
        assert ask(port, "POST", "/count") == "42"
        assert ask(port, "POST", "/overwrite") in {"OSError", "PermissionError"}
    with running(loaded, *named) as port:
        assert ask(port, "GET", "/read") == "1 uploaded kept"
        assert ask(port, "POST", "/count") == "43"


@pytest.mark.engine
def test_without_a_read_only_root_the_code_is_still_not_the_app_s_to_change(loaded):
    container = docker(loaded, "run", "--detach", "--publish", "127.0.0.1::8000", "shop:1")
    try:
        program = "import os; print(os.access('/app/app.py', os.W_OK), os.access('/app', os.W_OK), os.getuid())"
        assert docker(loaded, "exec", container, "python", "-c", program) == f"False False {USER}"
    finally:
        docker(loaded, "rm", "--force", "--volumes", container)


@pytest.mark.engine
def test_flask_commands_run_in_the_image(loaded):
    listed = docker(loaded, "run", "--rm", *CONFINED, "shop:1", "flask", "routes")

    assert "/healthz" in listed


@pytest.mark.engine
def test_the_health_check_says_what_is_true(loaded, image):
    _, *command = image.execution["Healthcheck"]["Test"]
    container = docker(loaded, "run", "--detach", *CONFINED, "--publish", "127.0.0.1::8000", "shop:1")
    try:
        words = [loaded.client, "exec", container, *command]
        environment = {"PATH": "/usr/bin:/bin", **loaded.environment}
        wait_until(
            lambda: subprocess.run(words, check=False, capture_output=True, env=environment).returncode == 0,
            lambda: docker(loaded, "logs", container),
        )
        wrong = subprocess.run(
            [loaded.client, "exec", "--env", "PORT=9", container, *command],
            check=False,
            capture_output=True,
            env=environment,
        )
        assert wrong.returncode != 0
    finally:
        docker(loaded, "rm", "--force", "--volumes", container)


def _cached(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-313.pyc"
