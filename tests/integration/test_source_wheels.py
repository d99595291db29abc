"""Sources compiled for real, by root and by an ordinary user, and what hostile ones can reach."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from packer.build.source_wheels import build_in_root
from packer.debian.assembly import Assembly
from packer.debian.build_root import build_packages, open_build_root
from packer.debian.build_root_files import write_root
from packer.debian.build_root_sandbox import Mount, run_inside
from packer.debian.resolution import resolve_base
from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import SourceOnly
from tests.testbed.compile_sources import TARGET, compile_requirements, real_workshop

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="needs linux/amd64"),
]

WISHES = ["mysqlclient==2.2.7", "psycopg2==2.9.10"]
_REPOSITORY = Path(__file__).parents[2]
_COMPILE = _REPOSITORY / "tests/testbed/compile_sources.py"
_NOBODY = 65534


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def compiled(cache) -> dict[str, dict]:
    return compile_requirements(cache, WISHES)


@pytest.fixture(scope="module")
def build_root(cache) -> Path:
    workshop = real_workshop(cache)
    tools = {"http": workshop.http, "cache": workshop.cache, "mirrors": workshop.mirrors}
    lock = resolve_base("trixie", "amd64", build_packages("trixie"), now=workshop.now, **tools)
    return open_build_root(lock, **tools).path


def test_drivers_compile_for_the_images_python(compiled):
    for wish in WISHES:
        assert compiled[wish]["filename"].endswith("-cp313-cp313-linux_x86_64.whl")


def test_the_libraries_that_they_link_to_have_known_packages(compiled):
    assert [compiled[wish]["needs"] for wish in WISHES] == [["libmariadb3"], ["libpq5"]]


def test_a_source_is_compiled_once(compiled, cache):
    start = time.monotonic()
    assert compile_requirements(cache, WISHES) == compiled
    assert time.monotonic() - start < 10  # two resolutions, no compiler


def test_the_driver_is_imported_by_the_bases_own_python(compiled, cache, tmp_path):
    workshop = real_workshop(cache)
    tools = {"http": workshop.http, "cache": workshop.cache, "mirrors": workshop.mirrors}
    lock = resolve_base("trixie", "amd64", ["libmariadb3", "libpq5"], now=workshop.now, **tools)
    write_root(Assembly(lock, **tools).tree(), tmp_path / "base")
    modules = tmp_path / "modules"
    for wish in WISHES:
        with zipfile.ZipFile(compiled[wish]["path"]) as wheel:
            wheel.extractall(modules)
    finished = run_inside(
        tmp_path / "base",
        [
            "/usr/bin/python3.13",
            "-c",
            "import MySQLdb, psycopg2; print(MySQLdb.get_client_info(), psycopg2.__version__)",
        ],
        mounts=[Mount(source=modules, target="/srv")],
        environment={"PYTHONPATH": "/srv"},
        cwd="/",
        timeout=60,
    )
    assert finished.status == 0, finished.stderr
    assert "2.9.10" in finished.stderr


def test_an_ordinary_user_makes_the_same_wheels(compiled):
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already")
    python = _python_for_everybody()
    with tempfile.TemporaryDirectory(prefix="pack-nobody-") as folder:
        os.chown(folder, _NOBODY, _NOBODY)
        paths = [str(_REPOSITORY), *filter(None, sys.path[1:])]
        done = subprocess.run(
            [
                *_as_nobody(),
                python,
                "-B",
                str(_COMPILE),
                f"{folder}/cache",
                *WISHES,
            ],
            env={**os.environ, "HOME": folder, "PYTHONPATH": os.pathsep.join(paths)},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert [made[wish]["digest"] for wish in WISHES] == [compiled[wish]["digest"] for wish in WISHES]


def test_the_build_root_stays_as_it_is_and_the_user_is_nobody(build_root):
    finished = _inside(
        build_root, "touch /usr/x /x; chmod 600 /dev/null; unshare -U true; id -u; cat /proc/self/status"
    )
    assert not (build_root / "x").exists()
    assert finished.stderr.count("Read-only file system") == 3
    assert "\n65532\n" in finished.stderr
    assert "CapEff:\t0000000000000000" in finished.stderr


def test_nothing_of_this_machine_is_seen(build_root, tmp_path):
    (tmp_path / "secret").write_text("secret")
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        port = listener.getsockname()[1]
        finished = _inside(
            build_root,
            f"cat {tmp_path}/secret /proc/1/environ /etc/hostname; env; ls /proc; hostname; "
            f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)'",
        )
    assert "secret: No such file" in finished.stderr
    assert "Connection refused" in finished.stderr
    assert "PATH=/usr/bin" in finished.stderr
    assert "HOME" not in finished.stderr
    assert str(os.getpid()) not in finished.stderr.split()


def test_a_command_that_takes_too_long_is_ended_with_its_children(build_root):
    marker = f"31{os.getpid()}"
    with pytest.raises(BuildError, match="longer than 1 s"):
        _inside(build_root, f"setsid sleep {marker} & sleep {marker}", timeout=1)
    deadline = time.monotonic() + 5
    while _running(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _running(marker)


def test_a_hostile_wheel_name_leads_nowhere(cache, tmp_path):
    secret = tmp_path / "secret.whl"
    with zipfile.ZipFile(secret, "w") as wheel:
        wheel.writestr("secret.txt", "secret")
    script = f"""
import os
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "demo-1.0-py3-none-any.whl"
    open(folder + "/../output/real.whl", "wb").write(b"x")
    import zipfile
    zipfile.ZipFile("/tmp/empty.whl", "w").close()
    os.symlink({str(secret)!r}, os.path.join(folder, name))
    import sys
    sys.modules["__main__"]._unloadable = lambda wheel: None
    return name
"""
    with pytest.raises(BuildError, match="no file"):
        _build(cache, tmp_path, {"demo-1.0/backend.py": script, "demo-1.0/pyproject.toml": _OWN_BACKEND})


def test_a_wheel_of_another_distribution_is_refused(cache, tmp_path):
    setup = "from setuptools import setup; setup(name='flask', version='1.0')"
    with pytest.raises(BuildError, match="another distribution"):
        _build(cache, tmp_path, {"demo-1.0/setup.py": setup})


def test_a_source_that_does_not_compile_says_why(cache, tmp_path):
    with pytest.raises(BuildError, match="uses what this Python no longer has"):
        _build(cache, tmp_path, {"demo-1.0/setup.py": _SETUP, "demo-1.0/d.c": _OLD_C})


def test_a_header_that_is_missing_is_brought(cache, tmp_path):
    wheel = _build(cache, tmp_path, {"demo-1.0/setup.py": _SETUP, "demo-1.0/d.c": "#include <ffi.h>\n" + _EMPTY_C})
    assert wheel.filename == "demo-1.0-cp313-cp313-linux_x86_64.whl"


_OWN_BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_SETUP = """\
from setuptools import Extension, setup
setup(name="demo", version="1.0", ext_modules=[Extension("d", ["d.c"])])
"""
_EMPTY_C = """\
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "d"};
PyMODINIT_FUNC PyInit_d(void) { return PyModule_Create(&module); }
"""
_OLD_C = "#include <Python.h>\nvoid f(PyObject *o) { PyUnicode_GetSize(o); PyUnicode_AS_UNICODE(o); }\n"


def _build(cache: Path, folder: Path, files: dict[str, str]):
    archive = folder / "demo-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    digest = Digest.from_hex(hashlib.sha256(archive.read_bytes()).hexdigest())
    source = SourceOnly(name="demo", version="1.0", kind="sdist", url=archive.as_uri(), digest=digest)
    workshop = real_workshop(cache)
    fetcher = WheelFetcher(workshop.cache, workshop.http)
    try:
        return build_in_root(source, target=TARGET, release="trixie", packages=(), workshop=workshop, fetcher=fetcher)
    finally:
        fetcher.close()


def _inside(root: Path, script: str, timeout: float = 60):
    return run_inside(
        root, ["/bin/sh", "-c", script], mounts=[], environment={"PATH": "/usr/bin:/bin"}, cwd="/", timeout=timeout
    )


def _running(marker: str) -> bool:
    return any(marker.encode() in _command_line(path) for path in Path("/proc").glob("[0-9]*/cmdline"))


def _command_line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _as_nobody() -> Sequence[str]:
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("setpriv of util-linux is not installed")
    return (setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--inh-caps=-all", "--")


def _python_for_everybody() -> str:
    """A Python that another user may run, on this checkout, and that has the same extension modules as this one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    runs_itself = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import ssl'], check=True); open({!r})"
    for python in (sys.executable, f"/usr/bin/{version}"):
        command = [*_as_nobody(), python, "-c", runs_itself.format(str(_COMPILE))]
        if Path(python).exists() and not subprocess.run(command, check=False, capture_output=True).returncode:
            return python
    pytest.skip(f"no {version} that another user may run on this checkout")
