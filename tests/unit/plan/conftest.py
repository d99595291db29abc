"""Projects for the plan's rules."""

from __future__ import annotations

import pytest

from packer.project.dependencies import DependencyReader
from packer.project.model import AppFacts, Project
from packer.project.python import read_python
from packer.project.tree import MemoryTree


@pytest.fixture
def project():
    """Makes a project of files: requirements, the code of app.py, and whatever else."""

    def made(requirements: str | None = None, code: str = "import flask\n", files=None, **facts) -> Project:
        tree = MemoryTree(
            {
                "app.py": code,
                **({"requirements.txt": requirements} if requirements is not None else {}),
                **(files or {}),
            }
        )
        dependencies = DependencyReader(tree).read(app_path="app.py").facts
        return Project(
            name="shop",
            python=read_python(tree, dependencies),
            dependencies=dependencies,
            **{"app": AppFacts(), **facts},
        )

    return made
