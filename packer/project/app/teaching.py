"""Projects that have nothing but examples: whether one of those may be taken for the application after all."""

from __future__ import annotations

import re

from packer.project.app.modules import ModuleIndex
from packer.project.app.places import is_foreign
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["is_only_teaching"]

_MAX_OWN_MODULES = 2
_OTHER_MANIFESTS = ("package.json", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "composer.json", "Gemfile")
_DISTRIBUTION = regex(r"^\[(?:project|build-system|tool\.poetry|metadata)\]|\bsetup\(", re.MULTILINE)


def is_only_teaching(tree: SourceTree, index: ModuleIndex) -> bool:
    """Whether a project is its examples: no distribution, no other language's, and next to no modules elsewhere."""
    if any(tree.has(name) for name in _OTHER_MANIFESTS):
        return False
    if any(_DISTRIBUTION.search(tree.read(name) or "") for name in ("pyproject.toml", "setup.cfg", "setup.py")):
        return False
    return sum(not is_foreign(path) for path in index.python_paths) <= _MAX_OWN_MODULES
