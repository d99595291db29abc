"""The Python that runs pack compiles for an image only if it is the image's very release."""

from __future__ import annotations

import platform
import subprocess
import sys

from packer.system.unpacked_python import running_python


def test_the_running_python_serves_for_its_own_release():
    found = running_python(platform.python_version(), version="debian 1")

    assert found is not None
    assert (found.version, found.cache_tag) == ("debian 1", sys.implementation.cache_tag)
    done = subprocess.run(
        [*found.command, "-I", "-c", "import platform; print(platform.python_version())"],
        env=dict(found.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == platform.python_version()


def test_another_release_is_not_served():
    major, minor, patch = platform.python_version_tuple()

    assert running_python(f"{major}.{minor}.{patch}9", version="1") is None
    assert running_python(f"{major}.{minor}", version="1") is None
