from pathlib import Path

import pytest

from packer.errors import LockError
from packer.wheels.model import LocalDirectory, Missing
from packer.wheels.select import parse_lock, select

SHA = "a" * 64


def wheel(filename: str, sha: str = SHA, size: str = ", size = 100") -> str:
    return f'{{ url = "https://files.example.test/{filename}"{size}, hashes = {{ sha256 = "{sha}" }} }}'


def package(name: str, *wheels: str, version: str = "1.0", more: str = "") -> str:
    listed = f"wheels = [{', '.join(wheels)}]\n" if wheels else ""
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more}\n{listed}\n'


def chosen(target, *packages: str, top: str = "", direct=frozenset()):
    text = f'lock-version = "1.0"\ncreated-by = "test"\n{top}\n' + ("".join(packages) or "packages = []\n")
    lock = parse_lock(text.encode(), where="pylock.toml")
    return select(lock, target, direct=direct, folder=Path("/project"), where="pylock.toml")


SDIST = f'sdist = {{ url = "https://files.example.test/x-1.0.tar.gz", hashes = {{ sha256 = "{SHA}" }} }}'


def test_the_best_wheel_is_the_most_specific_that_fits(target):
    selection = chosen(
        target,
        package(
            "x",
            wheel("x-1.0-py3-none-any.whl"),
            wheel("x-1.0-cp39-abi3-manylinux_2_28_x86_64.whl"),
            wheel("x-1.0-cp313-cp313-manylinux_2_17_x86_64.whl"),
            wheel("x-1.0-cp313-cp313-manylinux_2_34_x86_64.whl"),
            wheel("x-1.0-cp313-cp313-manylinux_2_42_x86_64.whl"),
            wheel("x-1.0-cp313-cp313-musllinux_1_2_x86_64.whl"),
            wheel("x-1.0-cp312-cp312-manylinux_2_34_x86_64.whl"),
        ),
    )

    assert [w.filename for w in selection.wheels] == ["x-1.0-cp313-cp313-manylinux_2_34_x86_64.whl"]
    assert selection.complete


def test_the_highest_build_number_wins(target):
    selection = chosen(
        target, package("x", *(wheel(f"x-1.0-{number}-py3-none-any.whl") for number in ("2", "10", "9")))
    )

    assert selection.wheels[0].filename == "x-1.0-10-py3-none-any.whl"


def test_what_the_project_asks_for_itself_is_direct(target):
    selection = chosen(
        target,
        package("a", wheel("a-1.0-py3-none-any.whl")),
        package("b", wheel("b-1.0-py3-none-any.whl")),
        direct=frozenset({"b"}),
    )

    assert [(w.name, w.direct) for w in selection.wheels] == [("a", False), ("b", True)]


def test_markers_are_evaluated_for_the_target(target):
    selection = chosen(
        target,
        package("windows", wheel("windows-1.0-py3-none-any.whl"), more="marker = \"sys_platform == 'win32'\""),
        package("arm", wheel("arm-1.0-py3-none-any.whl"), more="marker = \"platform_machine == 'aarch64'\""),
        package("new", wheel("new-1.0-py3-none-any.whl"), more="marker = \"python_version >= '3.13'\""),
    )

    assert [w.name for w in selection.wheels] == ["new"]


def test_a_distribution_without_a_fitting_wheel_is_source_only_and_says_what_it_has(target):
    selection = chosen(target, package("x", wheel("x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"), more=SDIST))

    assert not selection.complete
    assert selection.source_only[0].kind == "sdist"
    assert selection.source_only[0].wheels == ("x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",)


def test_every_missing_distribution_is_reported_not_the_first_only(target):
    selection = chosen(
        target,
        package("old", wheel("old-1.0-cp311-cp311-manylinux_2_17_x86_64.whl")),
        package("young", wheel("young-1.0-py3-none-any.whl"), more='requires-python = ">=3.14"'),
    )

    assert selection.missing == (
        Missing(
            name="old",
            version="1.0",
            reason="none of its wheels fits Python 3.13 on linux/amd64, and it has no source",
        ),
        Missing(name="young", version="1.0", reason="it needs Python >=3.14"),
    )


def test_folders_and_repositories_are_told_apart(target):
    selection = chosen(
        target,
        '[[packages]]\nname = "here"\ndirectory = { path = "libs/here", editable = true }\n',
        '[[packages]]\nname = "there"\nvcs = { type = "git", url = "https://git.example.test/x", commit-id = "abc" }\n',
    )

    assert selection.local == (LocalDirectory(name="here", path="libs/here", editable=True),)
    assert (selection.source_only[0].kind, selection.source_only[0].revision) == ("git", "abc")


def test_a_wheel_named_by_its_address_is_a_wheel(target):
    url = "https://files.example.test/x-2.0-py3-none-any.whl"
    selection = chosen(
        target, f'[[packages]]\nname = "x"\narchive = {{ url = "{url}", hashes = {{ sha256 = "{SHA}" }} }}\n'
    )

    assert (selection.wheels[0].version, selection.wheels[0].urls) == ("2.0", (url,))


def test_a_path_is_relative_to_the_lock(target):
    item = f'{{ path = "wheels/x-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}'

    selection = chosen(target, package("x", item))

    assert selection.wheels[0].urls == ("file:///project/wheels/x-1.0-py3-none-any.whl",)


def test_the_size_of_a_file_on_disk_is_looked_up(target, make_wheel):
    path = make_wheel({"x.py": b""}, name="x")
    item = f'{{ url = "{path.as_uri()}", hashes = {{ sha256 = "{SHA}" }} }}'

    assert chosen(target, package("x", item)).wheels[0].size == path.stat().st_size


@pytest.mark.parametrize(
    ("top", "packages", "message"),
    [
        pytest.param('requires-python = ">=3.14"', (), "the lock is for Python >=3.14", id="python"),
        pytest.param("environments = [\"sys_platform == 'win32'\"]", (), "not made for", id="environments"),
        pytest.param(
            "",
            (package("x", wheel("x-1.0-py3-none-any.whl")), package("x", wheel("x-1.0-py3-none-any.whl"))),
            "two versions of x",
            id="twice",
        ),
        pytest.param(
            "",
            (package("x", '{ url = "https://e.test/x-1.0-py3-none-any.whl", hashes = { md5 = "00" } }'),),
            "no SHA-256 for x 1.0",
            id="weak-hash",
        ),
        pytest.param(
            "", (package("x", wheel("x-1.0-py3-none-any.whl", sha="zz")),), "no SHA-256 for x", id="not-a-hash"
        ),
    ],
)
def test_a_lock_that_cannot_be_followed_says_why(target, top, packages, message):
    with pytest.raises(LockError, match=message):
        chosen(target, *packages, top=top)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xff\xfe", id="encoding"),
        pytest.param(b"lock-version = ", id="toml"),
        pytest.param(b'lock-version = "1.0"', id="incomplete"),
        pytest.param(b'lock-version = "9.0"\ncreated-by = "x"\npackages = []', id="future"),
        pytest.param(b"a = " + b"[" * 100_000, id="deep"),
        pytest.param(
            b'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "x"\nwheels = [{ url = "y.whl", '
            b'hashes = { sha256 = "0" } }]',
            id="wheel-name",
        ),
    ],
)
def test_a_broken_lock_is_named(content):
    with pytest.raises(LockError) as caught:
        parse_lock(content, where="pylock.toml")

    assert caught.value.where == "pylock.toml"
