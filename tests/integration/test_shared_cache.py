"""A team that builds one project by the command line, on machines with nothing, in a network with the registry only."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from packer.oci.descriptor import MEDIA_TYPE_MANIFEST
from tests.testbed.pack_command import PackCommand
from tests.testbed.registry import Registry, Step, always, running_registry
from tests.testbed.registry.faults import AnswerStatus
from tests.testbed.registry_client import client_of

pytestmark = pytest.mark.network

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/healthz')\ndef healthz(): return 'ok'\n"
NOTHING_ELSE = {
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1"),
}
"""A network that refuses everything but the registry."""
NO_INTERPRETER = {"PACK_BYTECODE": "false"}
"""Else the image's Python is fetched to compile the source, unless this machine's is of the same release."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "requirements.txt").write_text("flask\n")
    return folder


@pytest.fixture
def equipped(pack: PackCommand) -> PackCommand:
    """The machine that has everything."""
    return PackCommand(memory=pack.memory, more=NO_INTERPRETER)


@pytest.fixture
def new(tmp_path: Path) -> PackCommand:
    """A machine with nothing, whose network has the registry only."""
    return PackCommand(memory=tmp_path / "new", more={**NOTHING_ELSE, **NO_INTERPRETER})


@pytest.fixture
def image(registry: Registry, equipped: PackCommand, project: Path) -> str:
    """The image's name; it was built and pushed once."""
    name = f"{registry.address}/team/shop"
    right(equipped("build", project, "--push", "-t", name))
    return name


def right(done: subprocess.CompletedProcess[str]) -> str:
    """The digest that a build came to."""
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.strip().rpartition("@")[2]


@pytest.fixture
def checkout(image: str, project: Path, tmp_path: Path) -> Path:
    """The project elsewhere, with a line changed after the image was built."""
    target = tmp_path / "checkout" / "shop"
    shutil.copytree(project, target)
    (target / "app.py").write_text(f"{APP}# changed\n")
    return target


def entry(registry: Registry) -> dict[str, str]:
    """The tags of entries."""
    tags = registry.contents.repository("team/shop").tags
    return {tag: digest for tag, digest in tags.items() if tag.startswith("pack-cache-")}


def test_a_machine_with_nothing_builds_a_change_with_nothing_but_the_registry(registry, image, equipped, new, checkout):
    registry.traffic.forget()

    digest = right(new("build", checkout, "--push", "-t", image))

    assert registry.traffic.received + registry.traffic.sent < 1_000_000
    assert len(registry.traffic.exchanges) <= 12
    assert right(equipped("build", checkout, "--push", "-t", f"{registry.address}/team/other")) == digest


def test_nothing_changed_sends_nothing(registry, image, equipped, project):
    registry.traffic.forget()
    right(equipped("build", project, "--push", "-t", image))

    assert registry.traffic.received == 0
    assert len(registry.traffic.exchanges) <= 3


def test_nothing_changed_costs_as_little_where_all_was_built_by_what_others_know(registry, image, new, checkout):
    digest = right(new("build", checkout, "--push", "-t", image))
    time.sleep(2.1)  # files younger than that are not trusted
    assert right(new("build", checkout, "--push", "-t", image)) == digest
    registry.traffic.forget()

    assert right(new("build", checkout, "--push", "-t", image)) == digest
    assert registry.traffic.received == 0
    assert len(registry.traffic.exchanges) <= 3

    (checkout / "app.py").write_text(f"{APP}# changed again\n")
    assert right(new("build", checkout, "--push", "-t", image)) != digest


def test_a_changed_line_asks_the_team_nothing_once_it_was_told(registry, image, equipped, project):
    (project / "app.py").write_text(f"{APP}# changed\n")
    registry.traffic.forget()
    changed = right(equipped("build", project, "--push", "-t", image))

    asked = [exchange.target for exchange in registry.traffic.exchanges]
    assert not any("pack-cache" in path for path in asked)
    assert registry.traffic.received < 20_000
    assert right(equipped("build", project, "--push", "-t", image, "--refresh")) == changed


def test_what_was_built_without_a_push_is_told_at_the_first_one(registry, equipped, project, new, tmp_path):
    right(equipped("build", project))
    (project / "app.py").write_text(f"{APP}# changed\n")
    name = f"{registry.address}/team/late"
    digest = right(equipped("build", project, "--push", "-t", name))

    assert any("pack-cache" in tag for tag in registry.contents.repository("team/late").tags)
    assert right(new("build", project, "--push", "-t", name)) == digest


def test_without_the_shared_cache_the_same_machine_would_need_the_network(image, new, project):
    done = new("build", project, "--push", "-t", image, "--shared-cache", "off")

    assert done.returncode in (5, 75), done.stderr


def test_a_blob_that_the_registry_lost_is_made_and_the_image_is_right(registry, image, equipped, checkout, tmp_path):
    manifest = json.loads(registry.contents.repository("team/shop").manifest("latest").content)
    lost = max(manifest["layers"], key=lambda layer: layer["size"])["digest"]
    del registry.contents.repository("team/shop").blobs[lost]
    fresh = PackCommand(memory=tmp_path / "fresh", more=NO_INTERPRETER)

    digest = right(fresh("build", checkout, "--push", "-t", image))

    assert digest == right(equipped("build", checkout, "--push", "-t", f"{registry.address}/team/other"))
    assert lost in registry.contents.repository("team/shop").blobs


def test_an_entry_that_is_garbage_is_noted_and_the_build_goes_on(registry, image, equipped, checkout):
    repository = client_of(registry, "team/shop")
    [tag] = entry(registry)
    repository.put_manifest(tag, MEDIA_TYPE_MANIFEST, repository.manifest("latest").content)

    done = equipped("build", checkout, "--push", "-t", image)

    right(done)
    assert "the shared cache is not used" in done.stderr
    assert entry(registry)[tag] != registry.contents.repository("team/shop").tags["latest"], "it is written anew"


def test_a_cache_that_takes_nothing_fails_no_build(registry, equipped, checkout):
    with running_registry(always(AnswerStatus(status=403, code="DENIED"), Step.UPLOAD_START)) as closed:
        machine = PackCommand(
            memory=equipped.memory, more={**NO_INTERPRETER, "PACK_CACHE": f"{closed.address}/team/cache"}
        )
        done = machine("build", checkout, "--push", "-t", f"{registry.address}/team/closed")

    right(done)
    assert "nothing is written to the shared cache" in done.stderr


def test_a_cache_of_its_own_is_mounted_from(registry, equipped, new, image, checkout):
    shared = {"PACK_CACHE": f"{registry.address}/team/cache"}
    writer = PackCommand(memory=equipped.memory, more={**equipped.more, **shared})
    right(writer("build", checkout, "--push", "-t", image))
    reader = PackCommand(memory=new.memory, more={**new.more, **shared})
    registry.traffic.forget()

    right(reader("build", checkout, "--push", "-t", f"{registry.address}/team/fork"))

    assert len(registry.traffic.of(Step.UPLOAD_MOUNT)) >= 2
    assert registry.traffic.received < 100_000


def test_verifying_agrees_with_an_honest_cache(image, equipped, checkout):
    done = equipped("build", checkout, "--push", "-t", image, "--shared-cache", "verify")

    right(done)
    assert "the shared cache is right about" in done.stderr


def test_verifying_goes_with_a_push(equipped, project):
    assert equipped("build", project, "--shared-cache", "verify").returncode == 2


def test_old_entries_are_looked_at_and_removed(registry, image, equipped):
    looked = equipped("cache", "prune", "--registry", image, "--keep-days", "0", "--dry-run", "--json")
    assert looked.returncode == 0, looked.stderr
    document = json.loads(looked.stdout)
    assert (document["dry_run"], len(document["removed"]), document["kept"]) == (True, 2, [])
    assert entry(registry)

    done = equipped("cache", "prune", "--registry", image, "--keep-days", "0")

    assert done.returncode == 0, done.stderr
    assert "2 entries removed, 0 left" in done.stdout
    assert not entry(registry)
    assert registry.contents.repository("team/shop").tags.keys() == {"latest"}


def test_a_registry_that_removes_nothing_ends_with_a_clear_message(registry, image, equipped):
    registry.rules.add(always(AnswerStatus(status=405, code="UNSUPPORTED"), Step.MANIFEST_DELETE))

    done = equipped("cache", "prune", "--registry", image, "--keep-days", "0")

    assert done.returncode == 6
    assert "REGISTRY_STORAGE_DELETE_ENABLED" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("--dry-run",), ("--registry", "example.com/x", "--max-size", "1MB")])
def test_wishes_that_do_not_go_together_are_refused(equipped, words):
    assert equipped("cache", "prune", *words).returncode == 2
