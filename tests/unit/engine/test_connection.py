"""Connecting to an engine that is not there."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from packer.engine.connection import connect
from packer.errors import EngineError


def test_a_socket_that_is_not_there_is_told_of_without_loading_the_sdk(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom packer.engine.connection import connect\n"
        f"try:\n    connect({{'DOCKER_HOST': 'unix://{tmp_path}/none'}}, Path()).__enter__()\n"
        "except Exception as error:\n    print(type(error).__name__, 'docker' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout == "EngineError False\n"


def test_a_socket_that_outlived_its_engine_says_who_named_it(tmp_path: Path) -> None:
    place = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(place))

    with (
        pytest.raises(EngineError, match=r"named by DOCKER_HOST does not answer: .*refused") as raised,
        connect({"DOCKER_HOST": f"unix://{place}"}, tmp_path),
    ):
        pass
    assert raised.value.where == f"unix://{place}"
    assert raised.value.hint is not None
