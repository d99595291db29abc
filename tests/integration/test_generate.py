"""`pack generate`: linters have nothing to say about the files, and an engine makes the native image of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sysconfig
import tarfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.built_image import BuiltImage
from tests.testbed.daemon import Daemon
from tests.testbed.pack_command import PackCommand
from tests.testbed.stand_ins import MARIADB, StandInError, docker

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "tests" / "golden" / "projects").iterdir())
PROGRAMS = Path(sysconfig.get_path("scripts"))
APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return "ok"
"""
PYPROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["flask"]\n'


@pytest.fixture(scope="module")
def engine(stocked_engine: Daemon) -> Daemon:
    """An engine that has stand-ins for the images which generated files name."""
    return stocked_engine


def generated(pack: PackCommand, folder: Path, *words: str, settings: str = "") -> None:
    """Generate into a project whose engine has no registry to take the Dockerfile frontend from."""
    (folder / "pack.toml").write_text(f"[dockerfile]\nsyntax = false\n{settings}")
    done = pack("generate", *(words or ("all",)), folder)
    assert done.returncode == 0, done.stderr


def built(engine: Daemon, folder: Path, tag: str, *words: str) -> dict[str, Any]:
    """The configuration of the image that an engine makes, behind this machine's proxy where there is one."""
    authority = os.environ.get("SSL_CERT_FILE")
    secret = ("--secret", f"id=ca,src={authority}") if authority else ()
    docker(engine, "buildx", "build", "--quiet", *secret, *words, "-t", tag, ".", folder=folder)
    return dict(json.loads(docker(engine, "image", "inspect", tag))[0]["Config"])


def under_app(engine: Daemon, tag: str, folder: Path) -> dict[str, tuple[str, int, int]]:
    """The files of an image below /app, without bytecode and the environment: content, mode, owner."""
    container = docker(engine, "create", tag).strip()
    try:
        docker(engine, "cp", f"{container}:/app", str(folder / "app.tar.d"))
        docker(engine, "export", "-o", str(folder / "root.tar"), container)
    finally:
        docker(engine, "rm", container)
    with tarfile.open(folder / "root.tar") as archive:
        return {
            entry.name: (
                hashlib.sha256((archive.extractfile(entry) or io.BytesIO()).read()).hexdigest(),
                entry.mode,
                entry.uid,
            )
            for entry in archive
            if entry.isreg() and entry.name.startswith("app/") and is_source(entry.name)
        }


def is_source(path: str) -> bool:
    return "/__pycache__/" not in path and not path.startswith("app/.venv/")


def installed(paths: list[str]) -> set[str]:
    """The distributions whose metadata is among the paths."""
    parts = (part for path in paths for part in path.split("/") if path.startswith("app/.venv/"))
    return {part for part in parts if part.endswith(".dist-info")}


@pytest.mark.engine
@pytest.mark.network
def test_an_engine_makes_the_native_image_of_the_files(pack: PackCommand, engine: Daemon, tmp_path: Path) -> None:
    project = tmp_path / "guestbook"
    shutil.copytree(ROOT / "sample_flask_app", project)
    native = pack("build", project, "--output", f"oci:{tmp_path / 'before'}")
    assert native.returncode == 0, native.stderr
    before = BuiltImage(tmp_path / "before")

    generated(pack, project)
    (project / "pack.toml").unlink()
    again = pack("build", project, "--output", f"oci:{tmp_path / 'after'}")
    generated(pack, project)
    made = built(engine, project, "guestbook")

    assert again.returncode == 0, again.stderr
    assert BuiltImage(tmp_path / "after").digest == before.digest  # generated files are no part of the project
    for name in ("Entrypoint", "Cmd", "User", "WorkingDir", "ExposedPorts", "Healthcheck", "StopSignal"):
        assert made[name] == before.execution[name], name
    assert (made["Volumes"] or {}) == before.execution.get("Volumes", {})
    of_the_base = {one for one in before.execution["Env"] if one.startswith("SSL_CERT_FILE=")}  # Debian's Python has it
    assert set(before.execution["Env"]) - of_the_base <= set(made["Env"])
    expected = {
        name: (hashlib.sha256(content).hexdigest(), before.entries()[name].mode, before.entries()[name].uid)
        for name, content in before.contents().items()
        if name.startswith("app/") and is_source(name)
    }
    assert under_app(engine, "guestbook", tmp_path) == expected
    with tarfile.open(tmp_path / "root.tar") as archive:
        names = archive.getnames()
        served = archive.extractfile("etc/gunicorn/gunicorn.conf.py")
        assert served is not None
        assert served.read().partition(b"\n")[2] == before.contents("gunicorn.conf.py")["etc/gunicorn/gunicorn.conf.py"]
    assert installed(names) == installed(list(before.entries()))
    assert any(name.startswith("app/guestbook/__pycache__/config.cpython-313") for name in names)


@pytest.mark.engine
@pytest.mark.network
def test_the_stack_serves_with_secrets_that_only_it_knows(pack: PackCommand, engine: Daemon, tmp_path: Path) -> None:
    project = tmp_path / "stacktest"
    shutil.copytree(ROOT / "sample_flask_app", project)
    generated(pack, project, settings=f'[mysql]\nimage = "{MARIADB}"\n')
    built(engine, project, "stacktest")
    built(engine, project, "stacktest-web", "--target", "web")
    (project / ".env").write_text("HTTP_PORT=18973\n")
    compose = ("compose", "-f", "compose.yaml")
    try:
        docker(engine, *compose, "up", "--detach", "--wait", "--wait-timeout", "120", folder=project)
        with urllib.request.urlopen("http://127.0.0.1:18973/", timeout=10) as answer:
            page = answer.read().decode()
        request = urllib.request.Request(
            "http://127.0.0.1:18973/static/css/guestbook.css", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            encoding = answer.headers["Content-Encoding"]
        ended = docker(engine, *compose, "ps", "--all", "--format", "{{.Service}} {{.ExitCode}}", folder=project)
    finally:
        docker(engine, *compose, "down", "--volumes", "--timeout", "1", folder=project)
    assert "<!doctype html>" in page
    assert encoding == "gzip"
    assert "migrate 0" in ended.splitlines()


@pytest.mark.engine
@pytest.mark.network
@pytest.mark.parametrize("lock", ["uv", "pack"])
def test_the_lock_is_followed_and_what_is_missing_is_added(
    lock: str, pack: PackCommand, engine: Daemon, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "pyproject.toml").write_text(PYPROJECT)
    if lock == "uv":
        command = [PROGRAMS / "uv", "lock", "--quiet", "--no-python-downloads"]
        subprocess.run(command, cwd=project, check=True, stdin=subprocess.DEVNULL)
    generated(pack, project, "dockerfile")
    assert ("uv sync --locked" in (project / "Dockerfile").read_text()) == (lock == "uv")

    built(engine, project, f"shop-{lock}")

    container = docker(engine, "run", "--detach", "--read-only", "--tmpfs", "/tmp", f"shop-{lock}").strip()
    try:
        assert healthy(engine, container) == "healthy"
    finally:
        docker(engine, "rm", "--force", container)


def healthy(engine: Daemon, container: str) -> str:
    for _ in range(60):
        state = docker(engine, "inspect", "--format", "{{.State.Health.Status}}", container).strip()
        if state != "starting":
            return state
        time.sleep(0.5)
    return "starting"


@pytest.mark.engine
@pytest.mark.network
def test_an_engine_reads_hostile_values_as_they_were_meant(pack: PackCommand, engine: Daemon, tmp_path: Path) -> None:
    values = {
        "QUOTES": "a 'b' \"c\" `d`",
        "DOLLAR": "$HOME ${PATH} $$ \\$x",
        "BACKSLASH": "ends with \\",
        "INSTRUCTION": "x RUN touch /owned # y",
        "HEREDOC": "<<EOF",
        "UNICODE": "grün 🌱",
    }
    project = tmp_path / "shop"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "requirements.txt").write_text("flask\n")
    table = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
    volumes = ['/data/it\'s a $5 "folder"', "/data/[x]*"]
    settings = f"[environment]\n{table}[labels]\n{table}"
    generated(pack, project, "dockerfile")
    (project / "pack.toml").write_text(
        f"volumes = {json.dumps(volumes)}\n[dockerfile]\nsyntax = false\n{settings}", encoding="utf-8"
    )
    done = pack("generate", "dockerfile", project)
    assert done.returncode == 0, done.stderr

    made = built(engine, project, "hostile")

    assert {name: value for name, _, value in (one.partition("=") for one in made["Env"]) if name in values} == values
    assert {name: made["Labels"][name] for name in values} == values
    assert sorted(made["Volumes"]) == sorted(volumes)
    program = "import os,sys; print([os.stat(path).st_uid for path in sys.argv[1:]])"
    python = "/app/.venv/bin/python"
    assert docker(engine, "run", "--rm", "--entrypoint", python, "hostile", "-c", program, *volumes) == (
        "[65532, 65532]\n"
    )


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda folder: folder.name)
def test_hadolint_has_nothing_to_say(folder: Path) -> None:
    hadolint = PROGRAMS / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint is not installed")

    done = subprocess.run(
        [hadolint, "--config", folder / ".hadolint.yaml", folder / "Dockerfile"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.engine
def test_compose_has_nothing_to_say(docker_engine: Daemon) -> None:
    wanted = {"IMAGE": "shop", "WEB_IMAGE": "shop-web"}
    for folder in GOLDEN:
        wanted |= dict.fromkeys(wanted_variables(folder), "x")
        for files in ([], ["-f", "compose.yaml", "-f", "compose.prod.yaml"]):
            done = subprocess.run(
                [docker_engine.client, "compose", *files, "config", "--quiet"],
                check=False,
                capture_output=True,
                text=True,
                cwd=folder,
                env={**os.environ, **docker_engine.environment, **wanted},
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), folder.name


def wanted_variables(folder: Path) -> list[str]:
    """The variables without which Compose refuses a project's file."""
    lines = (folder / "compose.yaml").read_text(encoding="utf-8").splitlines()
    return [line.partition("${")[2].partition(":?")[0] for line in lines if ":?" in line]


@pytest.mark.engine
def test_buildkits_own_checks_have_nothing_to_say(docker_engine: Daemon) -> None:
    try:
        usage = docker(docker_engine, "buildx", "build", "--help")
    except StandInError as error:
        pytest.skip(str(error))
    if "--check" not in usage:
        pytest.skip("this BuildKit has no checks (`docker build --check` is there since buildx 0.15)")
    for folder in GOLDEN:
        docker(docker_engine, "buildx", "build", "--check", ".", folder=folder)


@pytest.mark.network
def test_drift_is_found_and_nothing_is_written_by_a_check(pack: PackCommand, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "requirements.txt").write_text("flask\n")

    missing = pack("generate", "--check", project)
    assert (missing.returncode, list(project.glob("*ocker*"))) == (2, [])  # what comes first is what to generate
    missing = pack("generate", "all", project, "--check")
    assert missing.returncode == 5
    assert "Dockerfile  missing" in missing.stdout
    assert not (project / "Dockerfile").exists()

    generated(pack, project)
    assert pack("generate", "all", project, "--check").returncode == 0
    (project / "Dockerfile").write_text((project / "Dockerfile").read_text() + "# mine\n")
    assert pack("generate", "all", project, "--check").returncode == 0  # its user may change it
    with (project / "requirements.txt").open("a") as stream:
        stream.write("click==8.1.7\n")
    stale = pack("generate", "all", project, "--check")
    assert stale.returncode == 5
    assert "deploy/requirements.txt  out of date" in stale.stdout
    shown = pack("generate", "all", project, "--diff")
    assert "+click==8.1.7" in shown.stdout
    generated(pack, project)
    assert (project / "Dockerfile").read_text().endswith("# mine\n")
