"""What uv leaves behind is gone with it."""

import os
from pathlib import Path

from packer.wheels.indexes import indexes
from packer.wheels.uv import Uv


def test_what_uv_leaves_in_its_temporary_folder_is_gone_with_it(tmp_path: Path) -> None:
    command = ("/bin/sh", "-c", 'touch "$TMPDIR/uv-setuptools-1.lock" && cd "$TMPDIR" && pwd && ls', "uv")
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    uv = Uv(environment=environment, indexes=indexes(environment), command=command)

    folder, *left = uv.run([], cwd=tmp_path).stdout.decode().split()

    assert left == ["uv-setuptools-1.lock"]
    assert Path(folder) != tmp_path
    assert not Path(folder).exists()
