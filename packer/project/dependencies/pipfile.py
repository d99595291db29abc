"""`Pipfile`: Pipenv's manifest."""

from __future__ import annotations

from packer.project.dependencies.documents import find_line, read_toml, string, table, tables
from packer.project.dependencies.poetry_manifest import declared
from packer.project.dependencies.requirements_file import LocalReference, RequirementsFile, production_facts
from packer.project.dependencies.sources import Manifest
from packer.project.dependencies.urls import without_credentials
from packer.project.model import Caution, RequirementFact
from packer.project.tree import SourceTree

__all__ = ["read_pipfile"]


def read_pipfile(tree: SourceTree, path: str) -> RequirementsFile:
    """Read `[packages]`; `[dev-packages]` and other categories stay out.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    facts: list[RequirementFact] = []
    local: list[LocalReference] = []
    for name, wish in table(document, "packages").items():
        found = declared(path, name, wish, find_line(tree, path, f"{name} =", f"{name}=", name))
        if isinstance(found, LocalReference):
            local.append(found)
        elif found:
            facts.append(found)
    cautions: list[Caution] = []
    urls = (string(source, "url") for source in tables(document.get("source")))
    return RequirementsFile(
        manifest=Manifest(
            manager="pipenv",
            path=path,
            files=(path,),
            requirements=production_facts(facts, cautions),
            extra_indexes=tuple(without_credentials(url) for url in urls if url),
            cautions=tuple(cautions),
            own=True,
        ),
        local=tuple(local),
    )
