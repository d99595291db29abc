"""Which selections of wheels may have come from somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.oci.digest import Digest
from packer.plan.model import DependencyPlan
from packer.wheels.model import LocalDirectory, Selection, SourceOnly, Wheel
from packer.wheels.request import ResolveRequest
from packer.wheels.shareable import is_shareable

FLASK, OTHER = Digest.of(b"flask"), Digest.of(b"other")
WHEEL = Wheel(
    name="flask",
    version="3",
    filename="flask-3-py3-none-any.whl",
    digest=FLASK,
    size=1,
    urls=("https://files.example.com/flask-3-py3-none-any.whl",),
)
SOURCE = SourceOnly(name="old", version="1", kind="sdist", url="https://files.example.com/old-1.tar.gz", digest=OTHER)
GIT = SourceOnly(name="own", version="", kind="git", url="https://git.example.com/own", revision="ab" * 20)
LOCK = f'[[package]]\nname = "Flask"\nwheels = [{{ hash = "sha256:{FLASK.hex}" }}]\n[[package]]\nname = "own"\n'


def request(root: Path, **more: object) -> ResolveRequest:
    fields = {"lock": None, "lock_format": None, "files": (), "requirements": ("flask",), **more}
    return ResolveRequest(root=root, dependencies=DependencyPlan(**fields), python="3.13")


@pytest.fixture
def locked(tmp_path: Path) -> ResolveRequest:
    (tmp_path / "uv.lock").write_text(LOCK + f'source = {{ git = "https://git.example.com/own#{"ab" * 20}" }}\n')
    return request(tmp_path, lock="uv.lock", lock_format="uv")


def test_wheels_of_an_index_are(tmp_path):
    assert is_shareable(Selection(wheels=(WHEEL,)), request(tmp_path))


def test_wheels_of_a_folder_that_is_an_index_are(tmp_path):
    wheel = replace(WHEEL, urls=("file:///srv/wheels/flask-3-py3-none-any.whl",))

    assert is_shareable(Selection(wheels=(wheel,)), request(tmp_path))


@pytest.mark.parametrize(
    "selection",
    [
        Selection(wheels=(), local=(LocalDirectory(name="x", path="../.."),)),
        Selection(wheels=(replace(WHEEL, urls=()),)),
        Selection(wheels=(replace(WHEEL, urls=("ftp://example.com/x.whl",)),)),
        Selection(wheels=(replace(WHEEL, filename="../../flask-3-py3-none-any.whl"),)),
        Selection(wheels=(), source_only=(SOURCE,)),
        Selection(wheels=(), source_only=(replace(SOURCE, url="ext::sh -c evil"),)),
        Selection(wheels=(), source_only=(GIT,)),
    ],
    ids=["folder", "built here", "scheme", "path", "source", "transport", "repository"],
)
def test_what_runs_or_packs_something_of_somebody_s_choice_is_not(tmp_path, selection):
    assert not is_shareable(selection, request(tmp_path))


def test_a_wheel_in_the_project_is_not(tmp_path):
    wheel = replace(WHEEL, urls=((tmp_path / "vendor" / WHEEL.filename).as_uri(),))

    assert not is_shareable(Selection(wheels=(wheel,)), request(tmp_path))


def test_the_lock_s_own_files_are(locked):
    assert is_shareable(Selection(wheels=(WHEEL,), source_only=(GIT,)), locked)


def test_another_file_of_what_the_lock_names_is_not(locked):
    assert not is_shareable(Selection(wheels=(replace(WHEEL, digest=OTHER),)), locked)


def test_a_wheel_that_pack_adds_to_the_lock_is(locked):
    added = replace(WHEEL, name="gunicorn", filename="gunicorn-23-py3-none-any.whl", digest=OTHER)

    assert is_shareable(Selection(wheels=(WHEEL, added)), locked)


def test_another_commit_than_the_lock_s_is_not(locked):
    assert not is_shareable(Selection(wheels=(), source_only=(replace(GIT, revision="cd" * 20),)), locked)


def test_hashes_beside_requirements_count_as_a_lock(tmp_path):
    hashed = request(
        tmp_path, lock="requirements.txt", lock_format="requirements", hashes=(("flask", (f"sha256:{FLASK.hex}",)),)
    )

    assert is_shareable(Selection(wheels=(WHEEL,)), hashed)
    assert not is_shareable(Selection(wheels=(replace(WHEEL, digest=OTHER),)), hashed)
