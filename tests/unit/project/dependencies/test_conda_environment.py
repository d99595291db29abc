"""Conda's environment files."""

from __future__ import annotations

from packer.project.dependencies.conda_environment import conda_python, read_conda_environment
from packer.project.tree import MemoryTree

TEXT = """
name: shop
channels:
  - conda-forge
dependencies:
  - python=3.9
  - flask=1.1.2=py_0   # the web
  - numpy=1.19
  - libgcc-ng
  - conda-forge::pytorch>=1.0
  - pip
  - pip:
    - gunicorn==20.0.4
    - -r more.txt
  - redis-py
prefix: /home/me
"""


def test_packages_come_under_the_index_s_names_and_others_stay_out():
    tree = MemoryTree({"environment.yml": TEXT, "more.txt": "six"})

    found = read_conda_environment(tree, "environment.yml")

    texts = [fact.text for fact in found.manifest.requirements]
    assert texts == ["flask==1.1.2", "numpy==1.19.*", "torch>=1.0", "pip", "gunicorn==20.0.4", "six", "redis"]
    assert found.manifest.files == ("environment.yml", "more.txt")
    assert found.manifest.cautions


def test_conda_s_python_is_a_limit():
    limit = conda_python(MemoryTree({"environment.yml": TEXT}), "environment.yml")

    assert limit is not None
    assert limit[0] == "==3.9.*"
    assert limit[1].line == 6


def test_a_file_that_is_no_environment_asks_for_nothing():
    for text in ("", "- a\n- b\n", "dependencies: [flask]\n", "\t\t:::"):
        assert not read_conda_environment(
            MemoryTree({"environment.yml": text}), "environment.yml"
        ).manifest.requirements


def test_conda_s_families_of_other_software_stay_out_and_its_own_names_are_the_index_s():
    names = (
        "brotli-python",
        "libexpat",
        "xorg-libxau",
        "r-ggplot2",
        "kernel-headers_linux-64",
        "librosa",
        "python-tzdata",
    )
    text = "dependencies:\n" + "".join(f"  - {name}=1.0\n" for name in names)

    found = read_conda_environment(MemoryTree({"environment.yml": text}), "environment.yml")

    assert [fact.name for fact in found.manifest.requirements] == ["brotli", "librosa", "tzdata"]
