"""`pack cache`: shows, prunes and clears, and lets builds and stored images be."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = pytest.mark.network

MONTH = 31 * 24 * 3600.0


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    return folder


@pytest.fixture
def own(pack, tmp_path):
    """A pack whose cache nobody else uses."""
    return PackCommand(memory=tmp_path / "memory")


def size(pack: PackCommand) -> int:
    shown = pack("cache", "--json")
    assert shown.returncode == 0, shown.stderr
    return int(json.loads(shown.stdout)["size"])


def test_a_cache_that_was_cleared_keeps_the_stored_image_and_fills_again(own, project):
    digest = own("build", project).stdout
    full = size(own)

    cleared = own("cache", "clear", "--json")
    assert cleared.returncode == 0, cleared.stderr
    left = size(own)
    assert json.loads(cleared.stdout)["left"] == left
    assert 0 < left < full

    again = own("build", project)
    assert again.returncode == 0, again.stderr
    assert again.stdout == digest


def test_a_build_prunes_what_was_not_used_for_a_month(own, project, tmp_path):
    image = f"oci:{tmp_path / 'image'}"
    assert own("build", project, "--output", image).returncode == 0
    cache = own.memory / "cache" / "packer"
    then = time.time() - MONTH
    for path in cache.rglob("*"):
        os.utime(path, (then, then))
    (project / "app.py").write_text("from flask import Flask\n\napp = Flask('shop')\n")

    assert own("build", project, "--output", image).returncode == 0

    used = [path.stat().st_mtime for path in (cache / "blobs").rglob("*") if path.is_file()]
    assert used
    assert min(used) > then + MONTH / 2
    assert own("build", project, "--output", image, "--offline").returncode == 0


def test_a_size_that_is_none_is_refused(own):
    result = own("cache", "prune", "--max-size", "much")

    assert result.returncode == 2
    assert "2GB" in result.stderr
