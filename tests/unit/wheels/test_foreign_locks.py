import json

import pytest

from packer.errors import LockError
from packer.oci.platform import LINUX_AMD64
from packer.wheels.foreign_locks import read_pdm, read_pipenv, read_poetry
from packer.wheels.pins import Pin
from packer.wheels.target import Target

OLD = Target(python="3.9", platform=LINUX_AMD64, glibc=(2, 36))

POETRY_2_0 = """
[[package]]
name = "Requests"
version = "2.31.0"
optional = false
python-versions = ">=3.7"
files = [{file = "requests-2.31.0-py3-none-any.whl", hash = "sha256:aa"}, {file = "r.tar.gz", hash = "sha256:bb"}]

[package.dependencies]
idna = ">=2.5,<4"
colorama = {version = ">=0.4", markers = "sys_platform == 'win32'"}
PySocks = {version = ">=1.5.6", optional = true, markers = "extra == 'socks'"}
urllib3 = [
    {version = ">=1.21", markers = "python_version < '3.10'"},
    {version = ">=2", markers = "python_version >= '3.10'"},
]

[package.extras]
socks = ["PySocks (>=1.5.6,!=1.5.7)"]

[[package]]
name = "idna"
version = "3.4"
optional = false

[[package]]
name = "pysocks"
version = "1.7.1"
optional = true

[[package]]
name = "urllib3"
version = "2.0.7"

[[package]]
name = "colorama"
version = "0.4.6"

[[package]]
name = "pytest"
version = "8.0"

[metadata]
lock-version = "2.0"
"""


def names(pins: tuple[Pin, ...]) -> list[str]:
    return [pin.name for pin in pins]


def poetry(text: str, *roots: str, target=OLD) -> tuple[Pin, ...]:
    return read_poetry(text.encode(), roots, target, where="poetry.lock")


def test_poetry_pins_what_the_project_needs_and_nothing_for_development():
    assert names(poetry(POETRY_2_0, "requests>=2")) == ["idna", "requests", "urllib3"]


def test_poetry_follows_extras():
    assert "pysocks" in names(poetry(POETRY_2_0, "requests[socks]"))


def test_poetry_leaves_out_what_the_projects_own_markers_leave_out():
    assert names(poetry(POETRY_2_0, "idna", "pytest; sys_platform == 'win32'")) == ["idna"]


def test_poetry_hashes_are_kept():
    pin = next(pin for pin in poetry(POETRY_2_0, "requests") if pin.name == "requests")

    assert pin == Pin(name="requests", version="2.31.0", hashes=("sha256:aa", "sha256:bb"))
    assert pin.requirement == "requests==2.31.0"


def test_poetry_1_locks_hold_files_apart_and_have_categories():
    text = """
[[package]]
name = "flask"
version = "1.0"
category = "main"
[[package]]
name = "black"
version = "22"
category = "dev"
[metadata.files]
flask = [{file = "Flask-1.0-py2.py3-none-any.whl", hash = "sha256:cc"}]
"""

    assert poetry(text, "Flask") == (Pin(name="flask", version="1.0", hashes=("sha256:cc",)),)


def test_poetry_2_1_locks_say_groups_and_markers_themselves():
    text = """
[[package]]
name = "flask"
version = "3.0"
groups = ["main", "dev"]
[[package]]
name = "tomli"
version = "2.0"
groups = ["main"]
markers = "python_version < '3.11'"
[[package]]
name = "colorama"
version = "0.4"
groups = ["main", "dev"]
markers = {main = "sys_platform == 'win32'", dev = "python_version > '3'"}
[[package]]
name = "extra"
version = "1"
optional = true
groups = ["main"]
[[package]]
name = "pytest"
version = "8"
groups = ["dev"]
"""

    assert names(poetry(text)) == ["flask", "tomli"]


def test_poetry_sources_outside_an_index():
    text = """
[[package]]
name = "repo"
version = "1.0"
[package.source]
type = "git"
url = "https://git.example.test/repo.git"
reference = "main"
resolved_reference = "abcdef"
subdirectory = "python"
[[package]]
name = "local"
version = "0.1"
[package.dependencies]
inner = "*"
[package.source]
type = "directory"
url = "libs/local"
[[package]]
name = "inner"
version = "2.0"
"""

    pins = poetry(text, "repo")

    assert [pin.requirement for pin in pins] == [
        "inner==2.0",
        "repo @ git+https://git.example.test/repo.git@abcdef#subdirectory=python",
    ]


def test_of_several_versions_the_one_that_is_asked_for():
    text = '[[package]]\nname = "x"\nversion = "1.0"\n[[package]]\nname = "x"\nversion = "2.0"\n'

    assert [pin.version for pin in poetry(text, "x>=2")] == ["2.0"]


def test_a_lock_that_lacks_something_is_out_of_date():
    with pytest.raises(LockError, match="does not hold redis, which is needed"):
        poetry(POETRY_2_0, "redis")


def test_circles_end():
    text = """
[[package]]
name = "a"
version = "1"
[package.dependencies]
b = "*"
[[package]]
name = "b"
version = "1"
[package.dependencies]
a = {version = "*", extras = ["more"]}
[package.extras]
more = ["a"]
"""

    assert names(poetry(text, "a")) == ["a", "b"]


PDM = """
[metadata]
groups = ["default", "dev"]
strategy = [%s]
lock_version = "4.5.0"

[[package]]
name = "requests"
version = "2.31.0"
groups = ["default"]
dependencies = ["idna>=2.5", "colorama; sys_platform == 'win32'"]
files = [{file = "requests.whl", hash = "sha256:aa"}]

[[package]]
name = "requests"
version = "2.31.0"
extras = ["socks"]
groups = ["default"]
dependencies = ["requests==2.31.0", "pysocks>=1.5"]

[[package]]
name = "pysocks"
version = "1.7.1"
groups = ["default"]

[[package]]
name = "idna"
version = "3.4"
groups = ["default", "dev"]

[[package]]
name = "colorama"
version = "0.4.6"
groups = ["default"]
marker = "sys_platform == 'win32'"

[[package]]
name = "pytest"
version = "8"
groups = ["dev"]
"""


@pytest.mark.parametrize("strategy", ['"inherit_metadata"', ""])
def test_pdm_pins_what_the_project_needs(strategy):
    pins = read_pdm((PDM % strategy).encode(), ("requests[socks]",), OLD, where="pdm.lock")

    assert names(pins) == ["idna", "pysocks", "requests"]
    assert pins[-1].hashes == ("sha256:aa",)


def test_pdm_without_the_extra_needs_less():
    assert names(read_pdm((PDM % "").encode(), ("requests",), OLD, where="pdm.lock")) == ["idna", "requests"]


def test_pipenv_is_complete_by_itself():
    default = {
        "Flask": {"version": "==3.0", "hashes": ["sha256:aa"], "extras": ["async"]},
        "win": {"version": "==1", "markers": "sys_platform == 'win32'"},
        "here": {"path": ".", "editable": True},
        "repo": {"git": "https://git.example.test/r.git", "ref": "abc"},
        "file": {"file": "https://files.example.test/f-1.0.tar.gz"},
    }
    content = json.dumps({"default": default, "develop": {"pytest": {"version": "==8"}}}).encode()

    assert [pin.requirement for pin in read_pipenv(content, (), OLD, where="Pipfile.lock")] == [
        "file @ https://files.example.test/f-1.0.tar.gz",
        "flask==3.0",
        "repo @ git+https://git.example.test/r.git@abc",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b'{"default": {"x": {}}}',
        b'{"default": {"x": {"version": "==1", "markers": "((("}}}',
        b"[" * 100_000,
    ],
)
def test_a_pipfile_lock_that_makes_no_sense_is_an_error(content):
    with pytest.raises(LockError):
        read_pipenv(content, (), OLD, where="Pipfile.lock")


def test_nonsense_in_a_lock_of_valid_syntax_is_a_lock_error():
    text = '[[package]]\nname = "x"\nversion = "1"\n[package.dependencies]\n"(!" = "*"\n'

    with pytest.raises(LockError, match="requirement that cannot be read"):
        poetry(text, "x")


def test_pipenv_leaves_open_what_the_locking_machine_did_not_want_and_the_pipfile_decides():
    content = json.dumps({"default": {"colorama": {"version": "*"}, "waitress": {"version": "*"}}}).encode()
    roots = ('colorama; sys_platform == "win32"', "waitress>=3")

    assert [pin.requirement for pin in read_pipenv(content, roots, OLD, where="Pipfile.lock")] == ["waitress"]
    assert len(read_pipenv(content, (), OLD, where="Pipfile.lock")) == 2
