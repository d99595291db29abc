import pytest

from packer.errors import PlanError
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.wheels.target import Target


def target(platform=LINUX_AMD64, glibc=(2, 41), python="3.13") -> Target:
    return Target(python=python, platform=platform, glibc=glibc)


def names(target: Target) -> list[str]:
    ranks = target.tags()
    return sorted(map(str, ranks), key=lambda name: next(rank for tag, rank in ranks.items() if str(tag) == name))


def test_the_best_tag_is_the_newest_the_base_allows():
    assert names(target(glibc=(2, 36)))[0] == "cp313-cp313-manylinux_2_36_x86_64"


def test_tags_fit_older_glibc_stable_abi_and_pure_wheels():
    known = names(target())

    for fitting in (
        "cp313-cp313-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux2014_x86_64",
        "cp313-cp313-manylinux1_x86_64",
        "cp37-abi3-manylinux_2_28_x86_64",
        "cp313-cp313-linux_x86_64",
        "py3-none-manylinux_2_17_x86_64",
        "py3-none-any",
        "py30-none-any",
    ):
        assert fitting in known
    assert known.index("cp313-cp313-manylinux_2_17_x86_64") < known.index("cp312-abi3-manylinux_2_17_x86_64")


@pytest.mark.parametrize(
    "other",
    [
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp313-cp313t-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux_2_42_x86_64",
        "cp313-cp313-manylinux_2_17_aarch64",
        "cp313-cp313-musllinux_1_2_x86_64",
        "cp313-cp313-win_amd64",
        "cp314-abi3-manylinux_2_17_x86_64",
        "py2-none-any",
    ],
)
def test_tags_of_other_environments_do_not_fit(other):
    assert other not in names(target())


def test_arm_has_no_tags_older_than_its_wheels():
    known = names(target(LINUX_ARM64))

    assert "cp313-cp313-manylinux2014_aarch64" in known
    assert not any("manylinux1_" in name or "manylinux_2_16_" in name for name in known)


@pytest.mark.parametrize(
    ("glibc", "expected"), [((2, 41), 40), ((2, 40), 40), ((2, 36), 36), ((2, 30), 28), ((2, 17), 17), ((2, 12), 17)]
)
def test_uv_is_told_the_newest_platform_it_knows(glibc, expected):
    assert target(glibc=glibc).uv_platform == f"x86_64-manylinux_2_{expected}"


def test_markers_are_those_of_the_target_whatever_runs_this():
    markers = Target(python="3.9", platform=LINUX_ARM64, glibc=(2, 36), python_full="3.9.2").markers()

    assert markers["python_version"] == "3.9"
    assert markers["python_full_version"] == "3.9.2"
    assert markers["platform_machine"] == "aarch64"
    assert (markers["sys_platform"], markers["os_name"]) == ("linux", "posix")


@pytest.mark.parametrize("platform", [Platform("linux", "s390x"), Platform("windows", "amd64")])
def test_other_platforms_are_refused(platform):
    with pytest.raises(PlanError, match="no wheels can be chosen"):
        target(platform).tags()


def test_another_c_library_is_refused():
    with pytest.raises(PlanError, match="glibc 3"):
        target(glibc=(3, 0)).tags()
