"""Names and the local store, as a person uses them: build in a repository, list, tag, remove."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.testbed.pack_command import PackCommand

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

APP = "from flask import Flask\n\napp = Flask(__name__)\n"
ENGINELESS = {"DOCKER_HOST": "unix:///nonexistent.sock"}


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path):
    """A project in a folder of a repository, on a branch."""
    folder = tmp_path / "repository" / "shop"
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "app.py").write_text(APP)
    git(folder.parent, "init", "-qb", "feature/login")
    git(folder.parent, "add", "-A")
    git(folder.parent, "commit", "-qm", "x")
    return folder


@pytest.fixture
def own(pack, tmp_path):
    """A pack that shares the session's cache and has a store of its own."""
    return PackCommand(memory=pack.memory, more={**ENGINELESS, "PACK_DATA_DIR": str(tmp_path / "data")})


def at(pack: PackCommand, folder: Path, *words: str) -> str:
    """What pack prints when it is run in a folder."""
    command = [sys.executable, "-m", "packer", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=pack.environment, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tags(pack: PackCommand) -> set[str]:
    listed = pack("images", "--json")
    assert listed.returncode == 0, listed.stderr
    return {image["reference"].rpartition("/")[2] for image in json.loads(listed.stdout)["images"]}


def test_an_image_is_named_by_its_commit_its_branch_and_latest(own, project):
    commit = git(project, "rev-parse", "HEAD")[:12]

    printed = at(own, project, "build")
    assert printed.startswith(f"docker.io/library/shop:{commit}@sha256:")
    assert tags(own) == {f"shop:{commit}", "shop:feature-login", "shop:latest"}
    assert at(own, project, "build") == printed

    (project / "more.py").write_text("")
    document = json.loads(at(own, project, "build", "--json"))
    names = [f"docker.io/library/shop:{tag}" for tag in (f"{commit}-dirty", "feature-login", "latest")]
    assert document["references"] == names

    (project / "more.py").unlink()
    git(project, "checkout", "-q", "--detach")
    document = json.loads(at(own, project, "build", "--json"))
    assert document["references"] == [f"docker.io/library/shop:{commit}", "docker.io/library/shop:latest"]


def test_a_name_that_is_given_is_the_only_one(own, project):
    at(own, project, "build", "-t", "blog:1")
    assert tags(own) == {"blog:1"}


def test_a_layout_or_an_archive_names_one_image(own, project, tmp_path):
    at(own, project, "build", "--output", f"oci:{tmp_path / 'layout'}")
    at(own, project, "build", "--output", f"archive:{tmp_path / 'image.tar'}")
    layout = (tmp_path / "layout" / "index.json").read_bytes()
    with tarfile.open(tmp_path / "image.tar") as archive:
        assert archive.extractfile("index.json").read() == layout
    [entry] = json.loads(layout)["manifests"]
    assert entry["annotations"]["org.opencontainers.image.ref.name"] == "latest"


def test_images_are_tagged_listed_and_removed(own, project):
    digest = at(own, project, "build").strip().partition("@")[2]

    assert at(own, project, "tag", ":1.4") == f"docker.io/library/shop:1.4@{digest}\n"
    told = json.loads(at(own, project, "tag", digest[7:15], "example.com/team/shop:1", "blog", "--json"))
    assert told["references"] == ["example.com/team/shop:1", "docker.io/library/blog:latest"]
    assert told["digest"] == digest
    assert {"shop:1.4", "shop:1", "blog:latest"} < tags(own)

    table = at(own, project, "images")
    assert "* shop:1.4" in table
    assert "  blog:latest" in table
    assert "blog" not in at(own, project, "images", ".")

    refused = own("rmi", "blog", "shop:none")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert at(own, project, "rmi", "blog") == f"docker.io/library/blog:latest@{digest}\n"

    before = tags(own)
    at(own, project, "rmi", "--all", "--dry-run")
    assert tags(own) == before
    gone = json.loads(at(own, project, "rmi", "--all", "--yes", "--json"))
    assert {entry["digest"] for entry in gone["removed"]} == {digest}
    assert tags(own) == {"shop:1"}
    assert json.loads(at(own, project, "rmi", "--all", "--yes", "--json"))["removed"] == []
    assert at(own, project, "images", ".", "--quiet") == ""


def test_pruning_keeps_the_newest_and_frees_what_only_the_others_need(pack, project, tmp_path):
    alone = PackCommand(memory=tmp_path / "memory", more=ENGINELESS)
    for number in range(3):
        (project / "app.py").write_text(f"{APP}NUMBER = {number}\n")
        at(alone, project, "build", "-t", f"shop:{number}")
    blobs = alone.memory / "cache" / "packer" / "blobs"
    before = sum(path.is_file() for path in blobs.rglob("*"))

    unasked = alone("rmi", "--prune", "--keep", "2")
    assert unasked.returncode == 2
    assert "--yes" in unasked.stderr
    gone = at(alone, project, "rmi", "--prune", "--keep", "2", "-y")

    assert gone.startswith("docker.io/library/shop:0@")
    assert tags(alone) == {"shop:1", "shop:2"}
    assert sum(path.is_file() for path in blobs.rglob("*")) == before - 3  # manifest, config and the app's layer


def test_a_shell_completes_stored_names(own, project):
    at(own, project, "build", "-t", "shop:1", "-t", "blog:1")
    more = {**own.more, "_PACK_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "pack rmi sh"}
    done = PackCommand(memory=own.memory, more=more)()
    assert "shop:1" in done.stdout.replace("\\", "")
    assert "blog" not in done.stdout
    words = {"_PACK_COMPLETE": "complete_bash", "COMP_WORDS": "pack\nrmi\nshop\n:", "COMP_CWORD": "3"}
    assert PackCommand(memory=own.memory, more={**own.more, **words})().stdout == "1\n"


def test_builds_and_removals_at_once_leave_a_whole_store(own, project):
    at(own, project, "build", "-t", "shop:0")
    commands = [("tag", "shop:0", f"shop:{number}") for number in range(1, 5)] + [("build", ".", "-t", "blog:1")]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "packer", *words],
            env=own.environment,
            cwd=project,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for words in commands
    ]
    for process in running:
        _, complaint = process.communicate()
        assert process.returncode == 0, complaint.decode()
    assert tags(own) == {"blog:1", *(f"shop:{number}" for number in range(5))}
