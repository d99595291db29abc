"""The manifest of a Python package: pyproject.toml, setup.cfg or setup.py, whichever states its requirements."""

from __future__ import annotations

from packer.project.dependencies.pyproject import Pyproject, read_pyproject
from packer.project.dependencies.requirement import parse_requirement, without_duplicates
from packer.project.dependencies.requirements_file import (
    LocalReference,
    RequirementsFile,
    production_facts,
    read_requirements_file,
)
from packer.project.dependencies.setup_files import SetupWords, read_setup_py, setup_cfg_requirements
from packer.project.dependencies.sources import Manifest
from packer.project.dependencies.tree_paths import inside
from packer.project.model import Caution, Evidence, RequirementFact
from packer.project.tree import SourceTree

__all__ = ["read_package_manifest", "read_setup_manifest"]


def read_package_manifest(tree: SourceTree, folder: str) -> RequirementsFile | None:
    """The manifest of the package in `folder`, None when it has none.

    Raises:
        ProjectError: its pyproject.toml is not TOML.
    """
    path = inside(folder, "pyproject.toml")
    if tree.has(path):
        found = read_pyproject(tree, path)
        if found.states:
            return _from_pyproject(tree, folder, found)
    return read_setup_manifest(tree, folder)


def read_setup_manifest(tree: SourceTree, folder: str) -> RequirementsFile | None:
    """What setup.cfg, or else setup.py, states; None when neither states anything."""
    config = inside(folder, "setup.cfg")
    if tree.has(config):
        words = setup_cfg_requirements(tree, config)
        if words.texts or words.files:
            return _from_setup(tree, config, words)
    script = inside(folder, "setup.py")
    if tree.has(script):
        words = read_setup_py(tree, script)
        if words.texts or words.files:
            return _from_setup(tree, script, words)
    return None


def _from_pyproject(tree: SourceTree, folder: str, found: Pyproject) -> RequirementsFile:
    facts, local = list(found.requirements), list(found.local)
    files, cautions = [found.path], list(found.cautions)
    others = [read_requirements_file(tree, path) for path in found.files or ()]
    if found.files is None:
        setup = read_setup_manifest(tree, folder)
        others += [setup] if setup else []
    for other in others:
        facts += other.manifest.requirements
        local += other.local
        files += other.manifest.files
        cautions += other.manifest.cautions
    return RequirementsFile(
        manifest=Manifest(
            manager=found.manager,
            path=found.path,
            files=tuple(dict.fromkeys(files)),
            requirements=production_facts(list(without_duplicates(facts)), cautions),
            extra_indexes=found.extra_indexes,
            cautions=tuple(cautions),
            own=found.own,
        ),
        local=tuple(local),
    )


def _from_setup(tree: SourceTree, path: str, words: SetupWords) -> RequirementsFile:
    lines = (tree.read(path) or "").split("\n")
    facts: list[RequirementFact] = []
    files: list[str] = [path]
    local: list[LocalReference] = []
    cautions: list[Caution] = []
    for text, line in words.texts:
        fact = parse_requirement(text, Evidence(path, line, lines[line - 1].strip()[:160]))
        facts += [fact] if fact else []
    for name in words.files:
        other = read_requirements_file(tree, name)
        facts += other.manifest.requirements
        local += other.local
        files += other.manifest.files
        cautions += other.manifest.cautions
    return RequirementsFile(
        manifest=Manifest(
            manager="setuptools",
            path=path,
            files=tuple(dict.fromkeys(files)),
            requirements=production_facts(list(without_duplicates(facts)), cautions),
            cautions=tuple(cautions),
        ),
        local=tuple(local),
    )
