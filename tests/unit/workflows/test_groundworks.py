from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.build.groundwork import Groundwork
from packer.oci.descriptor import MEDIA_TYPE_LAYER_GZIP, Descriptor
from packer.oci.digest import Digest
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.plan.model import HealthCheck, Runtime, SourcePlan, Volume
from packer.plan.settings import Settings
from packer.project.inspect import inspect
from packer.project.model import Caution, Evidence
from packer.store.cache import DiskCache
from packer.system.bytecode import Interpreter
from packer.system.tree import DirectoryTree
from packer.workflows.build_request import BuildRequest
from packer.workflows.groundworks import Kept, groundwork_key, keep_groundwork, kept_groundwork
from packer.workflows.provenance import Provenance
from packer.workflows.reading import Reading

NOW = 1_700_000_000.0
HOUR = 3600.0
APP = "import os\nfrom flask import Flask\napp = Flask(__name__)\nkey = os.environ['SECRET_KEY']\n"
POINTING = Caution(what="look out", evidence=(Evidence("requirements.txt", 1, "flask"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "requirements.txt").write_text("flask\n")
    return project


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


def request_for(folder: Path, **changes) -> BuildRequest:
    made = BuildRequest(folder=folder, settings=Settings(), platforms=(LINUX_AMD64,), provenance=Provenance())
    return replace(made, **changes)


def reading_of(request: BuildRequest) -> Reading:
    project = inspect(DirectoryTree(request.folder), app=request.settings.app)
    return Reading(folder=request.folder, settings=request.settings, provenance=request.provenance, project=project)


def key_of(request: BuildRequest, surroundings: str = "here") -> str:
    return groundwork_key(request, reading_of(request), surroundings)


def a_groundwork(cache: DiskCache, program: str = "/bin/sh") -> Groundwork:
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER_GZIP, digest=cache.add(BytesIO(b"a layer")), size=7)
    return Groundwork(
        runtime=Runtime(
            entrypoint=("/bin/python",),
            command=("-m", "app"),
            environment=(("A", "1"),),
            health=HealthCheck(command=("/bin/python",), path="/healthz"),
        ),
        source=SourcePlan(volumes=(Volume(path="/app/data", links=(("/app/a", "/app/data/a"),)),)),
        labels=(("org.example.name", "shop"),),
        base_name="debian:trixie",
        base_environment=(("LANG", "C.UTF-8"),),
        interpreter=Interpreter((program,), {"LANG": "C"}, "3.13.1", "cpython-313"),
        layers=(Layer(descriptor=descriptor, diff_id=Digest.of(b"tar"), name="base", created_by="pack: base"),),
    )


def kept_by(cache: DiskCache, **changes) -> Kept:
    return replace(Kept(groundworks=(a_groundwork(cache),), time=NOW, pinned=False, cautions=()), **changes)


def keep(cache: DiskCache, request: BuildRequest, kept: Kept) -> str:
    key = key_of(request)
    keep_groundwork(cache, key, reading_of(request), kept)
    return key


def recalled(cache: DiskCache, key: str, request: BuildRequest, *, now: float = NOW + 1) -> Kept | None:
    return kept_groundwork(cache, key, request, reading_of(request), now=now)


def test_what_was_kept_comes_back_with_layers_that_were_there(cache, folder):
    request = request_for(folder)
    key = keep(cache, request, kept_by(cache, cautions=(POINTING,)))

    found = recalled(cache, key, request)
    expected = a_groundwork(cache)
    there = tuple(replace(layer, cached=True) for layer in expected.layers)
    labels = (
        ("org.opencontainers.image.created", "1970-01-01T00:00:00Z"),
        ("org.opencontainers.image.title", "project"),
    )
    assert found is not None
    assert found.groundworks == (replace(expected, layers=there, labels=labels),)
    assert found.cautions == (POINTING,)


def test_the_labels_are_those_of_the_commit_that_is_built(cache, folder):
    key = keep(cache, request_for(folder), kept_by(cache))
    later = request_for(folder, provenance=Provenance(revision="abc", created=86400))

    assert key_of(later) == key
    found = recalled(cache, key, later)
    assert found is not None
    assert dict(found.groundworks[0].labels)["org.opencontainers.image.revision"] == "abc"


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: (folder / "app.py").write_text(f"{APP}\n\ndef more():\n    return 2\n"),
        lambda folder: (folder / "app.py").write_text(f"# a first line\n{APP}"),
        lambda folder: (folder / "page.html").write_text("<p>"),
        lambda folder: (folder / "notes.md").write_text("# notes"),
    ],
    ids=["a function", "lines that move", "a template", "a page"],
)
def test_the_source_alone_does_not_change_the_key(folder, edit: Callable[[Path], object]):
    before = key_of(request_for(folder))
    edit(folder)
    assert key_of(request_for(folder)) == before


@pytest.mark.parametrize(
    "edit",
    [
        lambda folder: (folder / "requirements.txt").write_text("flask\ngunicorn\n"),
        lambda folder: (folder / "requirements.txt").write_text("flask  # the framework\n"),
        lambda folder: (folder / "pyproject.toml").write_text("[tool.uv]\nprerelease = 'allow'\n"),
        lambda folder: (folder / "uv.toml").write_text("prerelease = 'allow'\n"),
        lambda folder: (folder / "pack.lock").write_text("version = 1\n"),
        lambda folder: (folder / ".python-version").write_text("3.12\n"),
        lambda folder: (folder / "app.py").write_text(f"import redis\n{APP}"),
        lambda folder: (folder / "app.py").write_text(f"{APP}open('data.txt', 'w')\n"),
        lambda folder: (folder / "app.py").write_text(f"{APP}\n@app.get('/healthz')\ndef healthz(): return 'ok'\n"),
        lambda folder: (folder / "app.py").write_text(APP.replace("SECRET_KEY", "DATABASE_URL")),
        lambda folder: (folder / "app.py").rename(folder / "site.py"),
    ],
)
def test_what_decides_changes_the_key(folder, edit: Callable[[Path], object]):
    before = key_of(request_for(folder))
    edit(folder)
    assert key_of(request_for(folder)) != before


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": Settings(python="3.11")},
        {"settings": Settings(labels=(("a", "b"),))},
        {"settings": Settings(packages=("libmagic1t64",))},
        {"settings": Settings(bytecode=False)},
        {"settings": Settings(app="app:other")},
        {"platforms": (LINUX_ARM64,)},
        {"platforms": (LINUX_AMD64, LINUX_ARM64)},
        {"frozen": True},
    ],
)
def test_what_is_wished_changes_the_key(folder, changes):
    assert key_of(request_for(folder, **changes)) != key_of(request_for(folder))


def test_what_is_outside_changes_the_key(folder):
    assert key_of(request_for(folder), "there") != key_of(request_for(folder), "here")


@pytest.mark.parametrize(("pinned", "hours"), [(False, 6), (True, 24)])
def test_everything_is_chosen_anew_after_a_time(cache, folder, pinned, hours):
    request = request_for(folder)
    key = keep(cache, request, kept_by(cache, pinned=pinned))

    assert recalled(cache, key, request, now=NOW + hours * HOUR - 1) is not None
    assert recalled(cache, key, request, now=NOW + hours * HOUR) is None
    assert recalled(cache, key, request, now=NOW - 1) is None


def test_a_layer_that_is_gone_is_made_again(cache, folder):
    request = request_for(folder)
    kept = kept_by(cache)
    key = keep(cache, request, kept)
    cache.discard(kept.groundworks[0].layers[0].descriptor.digest)

    assert recalled(cache, key, request) is None


def test_a_compiler_that_is_gone_is_unpacked_again(cache, folder):
    request = request_for(folder)
    key = keep(cache, request, kept_by(cache, groundworks=(a_groundwork(cache, "/nowhere/python"),)))

    assert recalled(cache, key, request) is None


def test_a_caution_never_points_at_lines_that_have_moved(cache, folder):
    request = request_for(folder)
    key = keep(cache, request, kept_by(cache, cautions=(POINTING,)))
    (folder / "app.py").write_text(f"# a first line\n{APP}")

    assert key_of(request) == key
    assert recalled(cache, key, request) is None


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"groundworks": 1}'])
def test_a_record_of_another_form_is_none(cache, folder, content: bytes):
    request = request_for(folder)
    key = key_of(request)
    cache.put_record("groundwork", key, content)

    assert recalled(cache, key, request) is None
