"""An image for another processor: built here, run by QEMU, and asked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.testbed.built_image import BuiltImage
from tests.testbed.pack_command import PackCommand
from tests.testbed.privilege import NoPrivilegeError, as_root

pytestmark = pytest.mark.network

SAMPLE = Path(__file__).parents[2] / "sample_flask_app"
EMULATOR = "qemu-aarch64-static"
LONGEST_START = 300.0
NATIVE_PARTS = "import cryptography.hazmat.bindings._rust, sqlite3, ssl; print(ssl.OPENSSL_VERSION)"


class ForeignRoot:
    """The file system of an image, whose programs an emulator runs."""

    def __init__(self, folder: Path, image: BuiltImage, emulator: str) -> None:
        self._folder = folder
        self._execution = image.execution
        trusted = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
        for layer in image.layers():
            layer.extractall(folder, **trusted)
        shutil.copy(emulator, folder / EMULATOR)

    def command(self, *words: str, **variables: str) -> list[str]:
        """What starts a program in it as the image's user, with the image's variables and these."""
        environment = [*self._execution["Env"], *(f"{name}={value}" for name, value in variables.items())]
        entered = ["chroot", f"--userspec={self._execution['User']}", str(self._folder)]
        # The emulator sees its own path otherwise, and Python would not know which environment it is in.
        emulated = [f"/{EMULATOR}", "-0", words[0], *words]
        return [*as_root(), "env", "-i", *environment, *entered, *emulated]

    def program(self, *words: str, **variables: str) -> list[str]:
        """What starts the image's entrypoint with these words."""
        return self.command(*self._execution["Entrypoint"], *words, **variables)

    @property
    def server(self) -> tuple[str, ...]:
        """What the image starts by itself."""
        return tuple(self._execution["Cmd"])


@pytest.fixture(scope="module")
def root(pack: PackCommand, tmp_path_factory: pytest.TempPathFactory) -> ForeignRoot:
    emulator = shutil.which(EMULATOR)
    if emulator is None:
        pytest.skip("qemu-user-static is not installed")
    if os.uname().machine == "aarch64":
        pytest.skip("arm64 is this machine's own platform")
    try:
        as_root()
    except NoPrivilegeError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("foreign")
    folder.chmod(0o755)
    made = pack("build", SAMPLE, "--platform", "linux/arm64", "--output", f"oci:{folder / 'image'}")
    assert made.returncode == 0, made.stderr
    (folder / "root").mkdir(mode=0o755)
    return ForeignRoot(folder / "root", BuiltImage(folder / "image"), emulator)


def test_native_parts_run_on_a_foreign_processor(root):
    python = "/app/.venv/bin/python"
    result = subprocess.run(root.command(python, "-c", NATIVE_PARTS), capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("OpenSSL")


def test_the_server_answers_on_a_foreign_processor(root):
    with free_port() as port:
        words = (*root.server[:-1], "--bind", f"127.0.0.1:{port}", "--timeout", "300", root.server[-1])
        command = root.program(*words, WEB_CONCURRENCY="1", DATABASE_URL="sqlite://", SECRET_KEY="for-this-test")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            answer = answered(server, f"http://127.0.0.1:{port}/healthz")
        finally:
            server.terminate()
            log, _ = server.communicate(timeout=60)

    assert answer == 200, log


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def answered(server: subprocess.Popen[str], url: str) -> int | None:
    """The status of the first answer; None when the server ends or takes too long."""
    end = time.monotonic() + LONGEST_START
    while server.poll() is None and time.monotonic() < end:
        status = asked(url)
        if status is not None:
            return status
        time.sleep(0.5)
    return None


def asked(url: str) -> int | None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=60) as response:
            return int(response.status)
    except OSError:
        return None
