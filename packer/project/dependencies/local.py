"""Packages that dependencies name by their folder in the tree: what they need in turn, and how they are imported."""

from __future__ import annotations

from msgspec.structs import replace

from packer.errors import ProjectError
from packer.project.dependencies.documents import read_toml, string, table
from packer.project.dependencies.names import distribution_name
from packer.project.dependencies.package_manifest import read_package_manifest
from packer.project.dependencies.pyproject import optional_requirements
from packer.project.dependencies.requirement import without_duplicates
from packer.project.dependencies.requirements_file import LocalReference, RequirementsFile
from packer.project.dependencies.setup_files import read_setup_cfg, setup_literal
from packer.project.dependencies.sources import Manifest
from packer.project.dependencies.tree_paths import below, inside
from packer.project.model import Caution, LocalPackage, RequirementFact
from packer.project.tree import SourceTree

__all__ = ["import_root_of", "own_name", "with_local_packages"]

MAX_PACKAGES = 200


def with_local_packages(tree: SourceTree, found: RequirementsFile) -> Manifest:
    """The manifest with the requirements of the folders that it installs, and of those that they install."""
    manifest = found.manifest
    requirements, files = list(manifest.requirements), dict.fromkeys(manifest.files)
    cautions = list(manifest.cautions)
    packages: dict[str, LocalPackage] = {}
    todo = list(found.local)
    while todo and len(packages) < MAX_PACKAGES:
        reference = todo.pop(0)
        if reference.path in packages:
            continue
        packages[reference.path] = LocalPackage(
            path=reference.path,
            import_root=import_root_of(tree, reference.path),
            name=own_name(tree, reference.path),
        )
        try:
            inner = read_package_manifest(tree, reference.path)
            extras = _extras(tree, reference)
        except ProjectError as error:
            cautions.append(Caution(what=error.what, hint=error.hint, evidence=(reference.evidence,)))
            continue
        requirements += extras
        if inner is not None and inner.manifest.path not in files:
            requirements += inner.manifest.requirements
            files.update(dict.fromkeys(inner.manifest.files))
            cautions += inner.manifest.cautions
            todo += inner.local
    return replace(
        manifest,
        requirements=without_duplicates(requirements),
        files=tuple(files),
        local_packages=tuple(packages.values()),
        cautions=tuple(cautions),
    )


def _extras(tree: SourceTree, reference: LocalReference) -> list[RequirementFact]:
    path = inside(reference.path, "pyproject.toml")
    return optional_requirements(tree, path, reference.extras) if reference.extras and tree.has(path) else []


def import_root_of(tree: SourceTree, folder: str) -> str:
    """The folder to put on `sys.path` for a package's folder: its `src`, if that is where its modules are."""
    source = inside(folder, "src")
    modules = any(path.endswith(".py") and path != inside(source, "__init__.py") for path in below(tree, source))
    return source if modules and not tree.has(inside(source, "__init__.py")) else folder


def own_name(tree: SourceTree, folder: str) -> str | None:
    """The normalised name that a package's folder declares."""
    path = inside(folder, "pyproject.toml")
    if tree.has(path):
        try:
            document = read_toml(tree, path)
        except ProjectError:
            return None
        name = string(table(document, "project"), "name") or string(table(document, "tool", "poetry"), "name")
        if name:
            return distribution_name(name)
    config = read_setup_cfg(tree, inside(folder, "setup.cfg"))
    found = (config.get("metadata", "name") if config else None) or setup_literal(
        tree, inside(folder, "setup.py"), "name"
    )
    return distribution_name(found) if found else None
