import pytest

from packer.build.compilation.requirements import checked_requirements, read_build_system
from packer.errors import BuildError


def written(folder, text: str):
    (folder / "pyproject.toml").write_text(text)
    return read_build_system(folder, "demo")


def test_a_source_without_pyproject_is_built_by_setuptools(tmp_path):
    system = read_build_system(tmp_path, "demo")
    assert system.backend == "setuptools.build_meta:__legacy__"
    assert "wheel" in system.requires


def test_a_pyproject_without_build_system_changes_nothing(tmp_path):
    assert written(tmp_path, "[tool.black]\n") == read_build_system(tmp_path / "none", "demo")


def test_the_stated_build_system_is_followed(tmp_path):
    system = written(
        tmp_path,
        '[build-system]\nrequires = ["mesonpy>=1"]\nbuild-backend = "mesonpy:api"\nbackend-path = ["tools"]\n',
    )
    assert (system.backend, system.backend_path, system.requires) == ("mesonpy:api", ("tools",), ("mesonpy>=1",))


def test_setuptools_gets_the_wheel_that_older_ones_need(tmp_path):
    system = written(
        tmp_path, '[build-system]\nrequires = ["setuptools<60"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    assert system.requires == ("setuptools<60", "wheel")


@pytest.mark.parametrize(
    "text",
    [
        "[build-system",
        "build-system = 3\n",
        "[build-system]\nrequires = 3\n",
        '[build-system]\nrequires = ["--index-url=https://example.com/evil"]\n',
        '[build-system]\nrequires = ["-r /etc/passwd"]\n',
        '[build-system]\nrequires = ["demo @ file:///etc/passwd"]\n',
        '[build-system]\nrequires = []\nbuild-backend = "os; import evil"\n',
        "[build-system]\nrequires = []\nbuild-backend = 3\n",
        "[build-system]\nrequires = []\nbackend-path = 3\n",
    ],
)
def test_a_build_system_that_cannot_be_meant_is_refused(tmp_path, text):
    with pytest.raises(BuildError, match=r"build|demo"):
        written(tmp_path, text)


def test_a_pyproject_that_is_a_link_is_not_read(tmp_path):
    (tmp_path / "elsewhere").write_text("[build-system")
    (tmp_path / "pyproject.toml").symlink_to("elsewhere")
    assert read_build_system(tmp_path, "demo").requires


def test_what_a_back_end_asks_for_is_checked_as_well():
    assert checked_requirements(["cffi>=1.4.1 ; python_version >= '3'"], where="demo")
    with pytest.raises(BuildError):
        checked_requirements(["x\n--index-url=https://example.com"], where="demo")
