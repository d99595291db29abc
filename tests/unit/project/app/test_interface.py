"""Which connexion an application is made for, and so how it is called."""

from __future__ import annotations

import pytest

from packer.project.app.interface import connexion_major
from packer.project.tree import MemoryTree

NEW = "import connexion\napp = connexion.App(__name__)\napp.add_api('a.yaml')\n"


@pytest.mark.parametrize(
    ("requirement", "source", "major"),
    [
        ("connexion", NEW, 3),
        ("connexion", NEW + "if __name__ == '__main__':\n    app.run(port=80)\n", 3),
        ("connexion", NEW + "app.run(port=80)\n", 2),
        ("connexion", "import connexion\napp = connexion.FlaskApp(__name__, debug=True)\n", 2),
        ("connexion>=2", NEW + "app.run()\n", 2),
        ("connexion==3.0.6", NEW + "app.run()\n", 3),
        ("connexion<3", NEW, 2),
    ],
)
def test_manifests_say_the_version_else_what_the_code_can_run_with(requirement, source, major):
    tree = MemoryTree({"requirements.txt": requirement, "app.py": source})

    assert connexion_major(tree, "app.py") == major
