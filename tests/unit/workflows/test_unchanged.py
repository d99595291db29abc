"""A remembered build is taken only where every input is the same, and everything it needs is there."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from packer.errors import ProjectError
from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.image import assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64
from packer.project.model import Caution, Evidence
from packer.store.cache import DiskCache
from packer.workflows.built import Built
from packer.workflows.unchanged import look, recall, remember

LATER = time.time_ns() + 10**12
"""Long after the test's files were written."""
NOW = 1_800_000_000.0
ENVIRONMENT = {"HOME": "/nonexistent", "LANG": "C"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "app.py").write_text("app = 1\n")
    (folder / "shop" / "views.py").write_text("")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def built(cache: DiskCache) -> Built:
    digest = cache.add(io.BytesIO(b"a layer"))
    layer = Layer(
        descriptor=Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=digest, size=7),
        diff_id=digest,
        name="app",
        created_by="pack: the project's source",
    )
    image = assemble([layer], platform=LINUX_AMD64, execution=Execution(), created=0)
    caution = Caution(what="careful", hint="look", evidence=(Evidence("app.py", 1, "app = 1"),))
    return Built(name="shop", images=(image,), created=0, pinned=True, cautions=(caution,))


def key(folder: Path, wishes: object = "wishes", environment: dict[str, str] | None = None) -> str:
    return look(folder, wishes, environment or ENVIRONMENT, now_ns=LATER).key


def test_what_was_built_comes_back_as_it_was(project, cache, built):
    seen = look(project, "wishes", ENVIRONMENT, now_ns=LATER)

    remember(cache, seen, built, now=NOW)
    known = recall(cache, seen, now=NOW)

    assert known is not None
    assert [image.manifest for image in known.images] == [image.manifest for image in built.images]
    assert [image.config for image in known.images] == [image.config for image in built.images]
    assert all(layer.cached for image in known.images for layer in image.layers)
    assert (known.name, known.created, known.cautions) == (built.name, built.created, built.cautions)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "app.py").write_text("app = 2\n"),
        lambda root: (root / "new.txt").write_text(""),
        lambda root: (root / "app.py").unlink(),
        lambda root: (root / "app.py").rename(root / "main.py"),
        lambda root: (root / "app.py").chmod(0o755),
        lambda root: os.utime(root / "app.py", ns=(1, 1)),
        lambda root: (root / "link").symlink_to("app.py"),
        lambda root: (root / ".gitignore").write_text("*.txt"),
        lambda root: (root / "pack.lock").write_text("version = 1"),
        lambda root: (root.parent / ".gitignore").write_text("*.py"),
    ],
    ids=["content", "new file", "removed", "renamed", "mode", "time", "link", "ignore rule", "lock", "rule above"],
)
def test_whatever_changes_in_or_above_the_project_is_noticed(project, change):
    before = key(project)

    change(project)

    assert key(project) != before


def test_a_file_replaced_by_an_equally_long_one_with_the_same_time_is_noticed(project):
    before, facts = key(project), (project / "app.py").stat()

    (project / "other").write_text("app = 3\n")
    (project / "other").rename(project / "app.py")
    os.utime(project / "app.py", ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert key(project) != before


def test_wishes_and_the_variables_that_decide_are_inputs(project):
    assert key(project, "other wishes") != key(project)
    assert key(project, environment={**ENVIRONMENT, "UV_INDEX_URL": "https://index.example.com"}) != key(project)
    assert key(project, environment={**ENVIRONMENT, "LANG": "de_DE.UTF-8"}) == key(project)


def test_files_younger_than_the_clock_can_tell_are_not_trusted(project, cache, built):
    seen = look(project, "wishes", ENVIRONMENT, now_ns=(project / "app.py").stat().st_ctime_ns)

    remember(cache, seen, built, now=NOW)

    assert recall(cache, seen, now=NOW) is None


def test_an_image_whose_layer_is_gone_or_cut_short_is_built_again(project, cache, built):
    seen = look(project, "wishes", ENVIRONMENT, now_ns=LATER)
    remember(cache, seen, built, now=NOW)
    blob = cache.path(built.images[0].layers[0].descriptor.digest)
    assert blob is not None

    blob.chmod(0o644)
    blob.write_bytes(b"a")

    assert recall(cache, seen, now=NOW) is None


def test_what_no_lock_pins_holds_for_some_hours_only(project, cache, built):
    seen = look(project, "wishes", ENVIRONMENT, now_ns=LATER)
    remember(cache, seen, replace(built, pinned=False), now=NOW)

    assert recall(cache, seen, now=NOW + 3600) is not None
    assert recall(cache, seen, now=NOW + 7 * 3600) is None
    assert recall(cache, seen, now=NOW - 60) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"pinned": true, "images": [{}]}', b"\xff"])
def test_a_broken_record_is_no_record(project, cache, content):
    seen = look(project, "wishes", ENVIRONMENT, now_ns=LATER)
    cache.put_record("build", seen.key, content)

    assert recall(cache, seen, now=NOW) is None


def test_a_project_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ProjectError):
        key(tmp_path / "nowhere")
