"""Projects made to break pack: each gets an image or a clear error within seconds, and nothing of it is ever run."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testbed.built_image import BuiltImage
from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/healthz')\ndef healthz(): return 'ok'\n"
SECONDS = 60
"""Much more than any of them takes on an idle machine."""
PROJECT = "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['flask']\n"
LOCK = "version = 1\npython = '3.13'\ncodec = 'x'\ninputs = 'x'\n"
PYLOCK = "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'flask'\nversion = '3.0'\n"


def text(name: str, content: str | bytes) -> Callable[[Path], None]:
    """A file of the project."""
    encoded = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(encoded) and None


def link(name: str, target: str) -> Callable[[Path], None]:
    """A symbolic link in the place of a file."""

    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return make


def pipe(name: str) -> Callable[[Path], None]:
    """A named pipe in the place of a file; whoever opens it waits for ever."""

    def make(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return make


REFUSED = {
    "settings in UTF-16": (2, text("pack.toml", "python = '3.13'".encode("utf-16"))),
    "a manifest in Latin-1": (2, text("pyproject.toml", PROJECT.encode() + b"[tool.pack]\nimage = 'gr\xfc'")),
    "settings that are a pipe": (2, pipe("pack.toml")),
    "settings that lead to themselves": (2, link("pack.toml", "pack.toml")),
    "a huge manifest": (2, text("pyproject.toml", PROJECT + "#" * 30_000_000)),
    "a command for a Python version": (2, text("pack.toml", "python = '3.13; id'")),
    "a directive in the app": (2, text("pack.toml", 'app = "app:app\\nimport os"')),
    "a directive in the health path": (2, text("pack.toml", "health = '/x\\u0000'".replace("'", '"'))),
    "a volume outside": (2, text("pack.toml", "volumes = ['../../etc']")),
    "a variable with an equals sign": (2, text("pack.toml", "[environment]\n'A=B' = 'x'")),
    "an app with NUL": (4, text("app.py", APP.encode() + b"\0")),
    "a lock that is a pipe": (5, pipe("pack.lock")),
    "a lock that leads outside": (5, link("pack.lock", "/etc/passwd")),
    "a lock that leads to itself": (5, link("pack.lock", "pack.lock")),
    "a lock nested deeply": (5, text("pack.lock", "x = " + "[" * 100_000)),
    "a huge lock": (5, text("pack.lock", "#" * 30_000_000)),
    "a lock with a release out of the archive": (5, text("pack.lock", LOCK + "[[base]]\nrelease = '../..'")),
    "a lock with lines in its Python": (5, text("pack.lock", LOCK.replace("'3.13'", '"3.13\\n.."'))),
    "a wheel with a path for a name": (
        5,
        text(
            "pylock.toml",
            f"{PYLOCK}[[packages.wheels]]\nname = '../x.whl'\nurl = 'file:///etc/passwd'\nhashes = {{sha256 = '00'}}",
        ),
    ),
    "a wheel that is a file of the machine": (
        5,
        text(
            "pylock.toml",
            f"{PYLOCK}[[packages.wheels]]\nurl = 'file:///etc/flask-3.0-py3-none-any.whl'\n"
            f"hashes = {{sha256 = '{'0' * 64}'}}",
        ),
    ),
    "a distribution that nobody has": (5, text("requirements.txt", "this-does-not-exist-xyzzy-123456==9")),
    "an endless name": (5, text("requirements.txt", "flask" + "x" * 1_000_000)),
}
BUILT = {
    "a manifest nested deeply": text("pyproject.toml", "x = " + "[" * 100_000),
    "a manifest of wrong types": text("pyproject.toml", "project = 5\ntool = 7\nbuild-system = []"),
    "a Pipfile.lock nested deeply": text("Pipfile.lock", "[" * 200_000),
    "code nested deeply": text("deep.py", "(" * 5_000 + ")" * 5_000),
    "code with an endless expression": text("deep.py", "x = " + "-" * 200_000 + "1"),
    "a link out of the project": link("secret", "/etc/passwd"),
    "requirements that lead outside": link("requirements.txt", "/etc/passwd"),
    "a folder that holds itself": link("loop", "."),
    "requirements that are a pipe": pipe("requirements.txt"),
    "rules that are pipes": lambda folder: [pipe(name)(folder) for name in (".gitignore", ".dockerignore")] and None,
    "requirements that include each other": text("requirements.txt", "flask\n-r requirements.txt\n"),
    "requirements that include the machine": text("requirements.txt", "flask\n-r /etc/passwd\n-e ../..\n"),
    "requirements with steering characters": text("requirements.txt", "flask\n\x1b[31m\n$(id)\n"),
    "an endless version": text("pyproject.toml", PROJECT + f"requires-python = '>=3.{'9' * 10_000}'"),
    "names with commands": text("$(touch PWNED)\n'\".py", "x = 1"),
    "a long name": text("n" * 200 + ".py", "x = 1"),
    "a name that is no text": lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff.py")).touch(),
    "a project named like a path": text("pyproject.toml", PROJECT.replace("shop", "../../etc/x")),
    "a project named like a command": text("pyproject.toml", PROJECT.replace("'shop'", '"a\\u001b[31m\\n$(id)"')),
    "a version that is a path": text("pyproject.toml", PROJECT.replace("'1'", "'../../../x'")),
    "entry points with lines": text(
        "pyproject.toml", PROJECT + '[project.scripts]\nx = "a:b\\n[flask.commands]\\nc = d:e"'
    ),
    "a script at the root that runs": text("setup.py", "import os\nos.system('touch PWNED')\n"),
    "a configuration that runs": text("gunicorn.conf.py", "import os\nbind = os.system('touch PWNED')\n"),
    "a start with commands": text("Procfile", "web: gunicorn $(touch PWNED) app:app --bind '`touch PWNED`'\n"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    return folder


@pytest.mark.parametrize(("code", "make"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_built_is_refused_by_its_own_exit_code(code, make, project, pack):
    make(project)

    done = run(pack, "build", project)

    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error  ") or "\nerror  " in done.stderr
    assert_calm(done)


@pytest.mark.parametrize("make", BUILT.values(), ids=BUILT)
def test_what_only_looks_dangerous_is_built(make, project, pack, tmp_path):
    make(project)
    before = sorted(project.iterdir())

    inspected = run(pack, "inspect", project)
    done = run(pack, "build", project, "--output", f"oci:{tmp_path / 'image'}", "-t", "shop")

    assert done.returncode == 0, done.stderr
    assert inspected.returncode == 0, inspected.stderr
    assert_calm(inspected)
    assert_calm(done)
    assert sorted(project.iterdir()) == before
    image = BuiltImage(tmp_path / "image")
    assert not [path for path in image.entries() if path.startswith("/") or ".." in path.split("/")]
    assert all(path.startswith(("app/", "etc/gunicorn/")) for path in written_by_pack(image))
    assert not [content for content in image.contents("requirements.txt").values() if b"root:" in content]


def test_the_project_s_words_stay_words_in_what_runs(project, pack, tmp_path):
    (project / "pack.toml").write_text("""health = "/h{port}'$(id)"\n[environment]\nMOTTO = "a'b\\"$(id){x}"\n""")

    done = run(pack, "build", project, "--output", f"oci:{tmp_path / 'image'}")

    assert done.returncode == 0, done.stderr
    image = BuiltImage(tmp_path / "image")
    assert "MOTTO=a'b\"$(id){x}" in image.execution["Env"]
    form, *command = image.execution["Healthcheck"]["Test"]
    assert form == "CMD"
    assert command[:-1] == ["/app/.venv/bin/python", "-ISc"]
    assert asked_path(command[-1]) == "/h{port}'$(id)"
    [configuration] = image.contents("etc/gunicorn/gunicorn.conf.py").values()
    values: dict[str, object] = {}
    exec(compile(configuration, "gunicorn.conf.py", "exec"), values)
    assert values["HEALTH_PATH"] == "/h{port}'$(id)"


def test_an_unreadable_file_is_named_and_a_folder_is_told(project, pack):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (project / "data.txt").touch(mode=0)
    done = run(pack, "build", project)
    assert done.returncode == 5
    assert "data.txt" in done.stderr


def wheel(folder: Path, members: dict[str, bytes], record: str | None = None) -> Path:
    """A wheel with these members, and a RECORD that fits them unless another is given."""
    folder.mkdir(exist_ok=True)
    path = folder / "evil-1.0-py3-none-any.whl"
    listed = {
        "evil-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        "evil-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **members,
    }
    rows = [f"{name},sha256={digest(content)},{len(content)}" for name, content in listed.items()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in listed.items():
            archive.writestr(name, content)
        archive.writestr("evil-1.0.dist-info/RECORD", record or "\n".join([*rows, "evil-1.0.dist-info/RECORD,,", ""]))
    return path


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


WHEELS = {
    "an absolute path": {"/etc/evil": b"x"},
    "a path upwards": {"../../../etc/evil": b"x"},
    "a path upwards in the middle": {"evil/../../../../etc/evil": b"x"},
    "an absolute path in its data": {"evil-1.0.data/data//etc/evil": b"x"},
    "a path upwards in its data": {"evil-1.0.data/scripts/../../../../etc/evil": b"x"},
}


@pytest.mark.parametrize("members", WHEELS.values(), ids=WHEELS)
def test_a_hostile_wheel_is_refused(members, project, pack, tmp_path):
    locked_to(wheel(tmp_path / "links", members), project)

    done = run(pack, "build", project)

    assert done.returncode == 5, done.stderr
    assert "evil" in done.stderr
    assert_calm(done)


def test_a_wheel_whose_record_lies_is_refused(project, pack, tmp_path):
    record = f"evil.py,sha256={digest(b'other')},5\nevil-1.0.dist-info/RECORD,,\n"
    locked_to(wheel(tmp_path / "links", {"evil.py": b"x = 1"}, record), project)

    done = run(pack, "build", project)

    assert done.returncode == 5, done.stderr
    assert "evil" in done.stderr
    assert_calm(done)


def locked_to(path: Path, project: Path) -> None:
    """Lock the project to a wheel on this machine and nothing else."""
    (project / "requirements.txt").unlink()
    (project / "app.py").write_text("from flask import Flask\nimport evil\napp = Flask(__name__)\n")
    (project / "pylock.toml").write_text(
        "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'evil'\nversion = '1.0'\n"
        f"[[packages.wheels]]\nurl = '{path.as_uri()}'\nsize = {path.stat().st_size}\n"
        f"hashes = {{sha256 = '{hashlib.sha256(path.read_bytes()).hexdigest()}'}}\n"
    )


def run(pack: PackCommand, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "packer", *map(str, words)]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=pack.environment,
        stdin=subprocess.DEVNULL,
    )


def assert_calm(done: subprocess.CompletedProcess[str]) -> None:
    """No traceback, and nothing that steers the terminal."""
    assert done.returncode not in {1, 70}, done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def written_by_pack(image: BuiltImage) -> list[str]:
    """The files of the two layers that the project has a say in."""
    *_, configuration, source = ([entry for entry in layer if not entry.isdir()] for layer in image.layers())
    return [entry.name for entry in (*configuration, *source)]


def asked_path(program: str) -> str:
    """What the health check's program would ask for."""
    asked: list[str] = []

    class Connection:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def request(self, _: str, path: str) -> None:
            asked.append(path)
            raise SystemExit

    source = program.replace("http.client.HTTPConnection", "Connection")
    with pytest.raises(SystemExit):
        exec(source, {"Connection": Connection})
    return asked[0]
