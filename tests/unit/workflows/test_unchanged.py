import os
import time
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.plan.settings import Settings
from packer.project.model import Caution, Evidence
from packer.registry.stamp import Stamp
from packer.store.cache import DiskCache
from packer.workflows import unchanged
from packer.workflows.build_request import BuildRequest
from packer.workflows.built import Built
from packer.workflows.provenance import Provenance
from packer.workflows.unchanged import Look, Recalled, look, recall, remember

NOW = 1_700_000_000.0
HOUR = 3600.0
LAYER = b"a layer"
ENVIRONMENT = {"HOME": "/nowhere", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture(autouse=True)
def _no_own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack's own files may be written to while the tests run."""
    monkeypatch.setattr(unchanged, "_own_files", lambda: ())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "app.py").write_text("app = 1\n")
    (folder / "shop" / "views.py").write_text("views = 1\n")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


def request(folder: Path, **changes) -> BuildRequest:
    made = BuildRequest(folder=folder, settings=Settings(), platforms=(LINUX_AMD64,), provenance=Provenance())
    return replace(made, **changes)


def later(folder: Path, environment=ENVIRONMENT, **changes) -> Look:
    """A look at a time when every file is old enough to be trusted."""
    return look(request(folder, **changes), environment, now_ns=time.time_ns() + 10**10)


def a_build(cache: DiskCache, **changes) -> Built:
    digest = cache.add(BytesIO(LAYER))
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=digest, size=len(LAYER))
    layer = Layer(descriptor=descriptor, diff_id=Digest.of(b"tar"), name="app", created_by="pack: app", cached=True)
    image = assemble([layer], platform=LINUX_AMD64, execution=Execution(), created=0)
    caution = Caution(what="look out", hint="duck", evidence=(Evidence("app.py", 1, "app = 1"),))
    built = Built(name="shop", images=(image,), created=0, pinned=True, cautions=(caution,))
    return replace(built, **changes)


def test_what_was_remembered_is_recalled_whole(project, cache):
    built = a_build(cache)
    remember(cache, later(project), built, now=NOW)
    assert recall(cache, later(project), now=NOW + 1) == Recalled(built, is_here=True, stamp=None)


def test_what_was_built_by_the_team_s_word_is_recalled_with_that_word(project, cache):
    stamp = Stamp("pack-cache-1", "sha256:1")
    remember(cache, later(project), a_build(cache), now=NOW, stamp=stamp)
    recalled = recall(cache, later(project), now=NOW + 1)
    assert recalled.stamp == stamp
    assert not recalled.is_own


def test_nothing_is_recalled_where_nothing_was_remembered(project, cache):
    assert recall(cache, later(project), now=NOW) is None


def _rewrite(project: Path) -> None:
    path = project / "app.py"
    facts = path.stat()
    path.write_text("app = 2\n")  # as long as before, and as old: only the time of the inode tells
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


CHANGES = {
    "a file of the same size and time": _rewrite,
    "a new file": lambda project: (project / "new.py").write_text(""),
    "a file gone": lambda project: (project / "shop" / "views.py").unlink(),
    "another name": lambda project: (project / "app.py").rename(project / "main.py"),
    "another mode": lambda project: (project / "app.py").chmod(0o700),
    "pack.toml": lambda project: (project / "pack.toml").write_text("port = 1\n"),
    "pack.lock": lambda project: (project / "pack.lock").write_text("version = 1\n"),
    ".gitignore": lambda project: (project / ".gitignore").write_text("shop/\n"),
    ".dockerignore": lambda project: (project / ".dockerignore").write_text("shop\n"),
    "a key left out today": lambda project: (project / "site.pem").write_text("-----BEGIN CERTIFICATE-----"),
    "a repository above": lambda project: (project.parent / ".git").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_project_is_another(project, change):
    before = later(project)
    change(project)
    assert later(project).key != before.key


def test_where_a_link_leads_to_is_looked_at(project, tmp_path):
    target = tmp_path / "elsewhere.py"
    target.write_text("one = 1\n")
    (project / "linked.py").symlink_to(target)
    before = later(project)
    target.write_text("more = 22\n")
    assert later(project).key != before.key


def test_a_broken_link_is_looked_at_too(project):
    (project / "broken").symlink_to("nowhere")
    assert later(project).key == later(project).key


REQUESTS = {
    "a setting": {"settings": Settings(port=9000)},
    "a platform": {"platforms": (LINUX_ARM64,)},
    "the commit": {"provenance": Provenance(revision="abc")},
    "the time": {"provenance": Provenance(created=1)},
    "--frozen": {"frozen": True},
}


@pytest.mark.parametrize("change", REQUESTS.values(), ids=REQUESTS)
def test_another_request_is_another_build(project, change):
    assert later(project, **change).key != later(project).key


@pytest.mark.parametrize("name", ["UV_INDEX", "PIP_INDEX_URL", "PACK_PORT", "VIRTUAL_ENV", "SOURCE_DATE_EPOCH"])
def test_a_variable_that_decides_is_looked_at(project, name):
    assert later(project, {**ENVIRONMENT, name: "1"}).key != later(project).key


def test_a_variable_of_the_terminal_is_not(project):
    assert later(project, {**ENVIRONMENT, "TERM": "xterm", "SHLVL": "3"}).key == later(project).key


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("PIP_CONFIG_FILE", ""),
        ("UV_CONFIG_FILE", ""),
        ("NETRC", ""),
        ("HOME", ".pip/pip.conf"),
        ("HOME", ".config/uv/uv.toml"),
        ("XDG_CONFIG_HOME", "pip/pip.conf"),
        ("VIRTUAL_ENV", "pip.conf"),
    ],
)
def test_a_file_that_names_indexes_is_looked_at(project, tmp_path, variable, path):
    place = tmp_path / "configuration"
    environment = {"HOME": "/nowhere", variable: str(place)}
    before = later(project, environment)
    (place / path).parent.mkdir(parents=True, exist_ok=True)
    (place / path).write_text("[global]\n")
    assert later(project, environment).key != before.key


def test_what_git_tracks_decides_in_a_linked_work_tree_too(project, tmp_path):
    private = tmp_path / "repository" / "worktrees" / "project"
    private.mkdir(parents=True)
    (private / "index").write_bytes(b"DIRC")
    (project / ".git").write_text(f"gitdir: {private}\n")
    before = later(project)
    (private / "index").write_bytes(b"DIRC and more")
    assert later(project).key != before.key


def test_pack_itself_is_looked_at(project, tmp_path, monkeypatch):
    before = later(project)
    installed = tmp_path / "installed"
    installed.mkdir()
    monkeypatch.setattr(unchanged, "_own_files", lambda: (installed,))
    assert later(project).key != before.key


def test_a_file_that_was_just_written_is_not_trusted(project, cache):
    seen = look(request(project), ENVIRONMENT, now_ns=time.time_ns())
    remember(cache, seen, a_build(cache), now=NOW)
    assert not seen.settled
    assert recall(cache, later(project), now=NOW) is None


@pytest.mark.parametrize("base", ["oci:../base", "archive:base.tar"])
def test_a_base_on_this_machine_is_not_trusted(project, cache, base):
    seen = later(project, settings=Settings(base=base))
    remember(cache, Look(seen.key, settled=True), a_build(cache), now=NOW)
    assert recall(cache, seen, now=NOW) is None


@pytest.mark.parametrize(("hours", "holds"), [(-1, False), (0, True), (5, True), (7, False)])
def test_an_unpinned_base_grows_old(project, cache, hours, holds):
    remember(cache, later(project), a_build(cache, pinned=False), now=NOW)
    assert (recall(cache, later(project), now=NOW + hours * HOUR) is not None) == holds


def test_a_pinned_base_does_not(project, cache):
    remember(cache, later(project), a_build(cache), now=NOW)
    assert recall(cache, later(project), now=NOW + 9000 * HOUR) is not None


@pytest.mark.parametrize("content", [None, b"", b"longer than it was"])
def test_a_layer_must_still_be_there_and_whole(project, cache, content):
    remember(cache, later(project), a_build(cache), now=NOW)
    blob = cache.path(Digest.of(LAYER))
    blob.unlink()
    if content is not None:
        blob.write_bytes(content)
    assert not recall(cache, later(project), now=NOW).is_own


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"pinned": true, "images": []}', b"\xff", b'{"pinned": true, "images": [1]}']
)
def test_a_broken_record_is_no_record(project, cache, content):
    seen = later(project)
    cache.put_record("build", seen.key, content)
    assert recall(cache, seen, now=NOW) is None


def test_a_record_that_was_tampered_with_is_no_record(project, cache):
    seen = later(project)
    remember(cache, seen, a_build(cache), now=NOW)
    cache.put_record("build", seen.key, cache.record("build", seen.key).replace(b"amd64", b"arm64"))
    assert recall(cache, seen, now=NOW) is None
