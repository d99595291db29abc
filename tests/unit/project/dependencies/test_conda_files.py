"""Conda's environment files are known by what is in them, under any name."""

from __future__ import annotations

from packer.project.dependencies.candidates import candidates_in
from packer.project.dependencies.conda_files import conda_files
from packer.project.model import DependencyFacts
from packer.project.python import read_python
from packer.project.tree import MemoryTree

ENVIRONMENT = "name: shop\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.10\n  - flask\n"


def test_a_file_of_any_name_counts_by_its_content():
    tree = MemoryTree(
        {"shop.yaml": ENVIRONMENT, "chart.yml": "dependencies:\n  - name: mysql\n", "ci.yml": "on: push\n"}
    )

    assert [path for _, path in conda_files(tree, ".")] == ["shop.yaml"]


def test_a_folder_of_environments_belongs_to_the_folder_above_and_production_comes_first():
    tree = MemoryTree({"environments/dev.yml": ENVIRONMENT, "environments/prod.yml": ENVIRONMENT})

    found = candidates_in(tree, ".").found

    assert [one.manifest.path for one in found if not one.development] == ["environments/prod.yml"]
    assert [one.manifest.path for one in found if one.development] == ["environments/dev.yml"]


def test_conda_s_python_counts_wherever_its_file_is():
    tree = MemoryTree({"environments/prod.yml": ENVIRONMENT, "backend/main.py": ""})

    hints = read_python(tree, DependencyFacts(), subfolder="backend").hints

    assert [(hint.specifier, hint.source) for hint in hints] == [("==3.10.*", "environments/prod.yml")]
