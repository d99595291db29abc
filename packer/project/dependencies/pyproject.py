"""`pyproject.toml` as a manifest: PEP 621, its dynamic lists, Poetry and Flit; development groups stay out."""

from __future__ import annotations

import re

from msgspec import Struct

from packer.project.dependencies.documents import Document, find_line, read_toml, string, strings, table, tables
from packer.project.dependencies.poetry_manifest import poetry_dependencies
from packer.project.dependencies.requirement import parse_requirement
from packer.project.dependencies.requirements_file import LocalReference
from packer.project.dependencies.tree_paths import beside
from packer.project.dependencies.urls import without_credentials
from packer.project.model import Caution, Manager, RequirementFact
from packer.project.tree import SourceTree

__all__ = ["Pyproject", "optional_requirements", "read_pyproject"]


class Pyproject(Struct, frozen=True, kw_only=True):
    """What a pyproject.toml says of dependencies.

    Attributes:
        states: it states requirements, be the list empty; False for one with the settings of tools only.
        files: requirements files that hold its dynamic list; None when setup.py or setup.cfg hold it.
    """

    path: str
    manager: Manager
    states: bool
    own: bool
    requirements: tuple[RequirementFact, ...] = ()
    files: tuple[str, ...] | None = ()
    local: tuple[LocalReference, ...] = ()
    extra_indexes: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()


def read_pyproject(tree: SourceTree, path: str) -> Pyproject:
    """Read the file.

    Raises:
        ProjectError: it is not TOML.
    """
    document = read_toml(tree, path)
    project, tool = table(document, "project"), table(document, "tool")
    listed = strings(project.get("dependencies")) if isinstance(project.get("dependencies"), list) else []
    dynamic = "dependencies" in strings(project.get("dynamic"))
    sources = table(tool, "uv", "sources")
    facts, local, cautions = _listed(tree, path, listed, sources)
    files: tuple[str, ...] | None = ()
    poetry = table(tool, "poetry", "dependencies")
    if poetry and not listed:
        found, paths = poetry_dependencies(tree, path, document)
        facts += found
        local += paths
    elif dynamic:
        files = _dynamic_files(tree, path, tool)
    elif not listed and table(tool, "flit", "metadata"):
        facts, local, cautions = _listed(tree, path, strings(table(tool, "flit", "metadata").get("requires")), {})
    return Pyproject(
        path=path,
        manager=_manager(document),
        states=bool(listed or dynamic or poetry or "dependencies" in project or table(tool, "flit", "metadata")),
        own=any(name in tool for name in ("poetry", "pdm", "uv")),
        requirements=tuple(facts),
        files=files,
        local=tuple(local),
        extra_indexes=_indexes(tool),
        cautions=tuple(cautions),
    )


def optional_requirements(tree: SourceTree, path: str, extras: frozenset[str]) -> list[RequirementFact]:
    """The requirements of a project's own extras.

    Raises:
        ProjectError: the file is not TOML.
    """
    document = read_toml(tree, path)
    facts: list[RequirementFact] = []
    for name, wishes in table(document, "project", "optional-dependencies").items():
        if name in extras:
            facts += _listed(tree, path, strings(wishes), {})[0]
    return facts


def _listed(
    tree: SourceTree, path: str, texts: list[str], sources: Document
) -> tuple[list[RequirementFact], list[LocalReference], list[Caution]]:
    """PEP 508 texts as facts, with `[tool.uv.sources]` applied."""
    facts: list[RequirementFact] = []
    local: list[LocalReference] = []
    cautions: list[Caution] = []
    by_name = {name.lower().replace("_", "-"): source for name, source in sources.items()}
    for text in texts:
        evidence = find_line(tree, path, text, text.split(";", 1)[0].strip())
        fact = parse_requirement(text, evidence)
        if fact is None:
            cautions.append(Caution(what=f"«{text[:80]}» is not a requirement and is left out", evidence=(evidence,)))
            continue
        source = by_name.get(fact.name)
        here = source[0] if isinstance(source, list) and source else source
        if not isinstance(here, dict):
            facts.append(fact)
        elif (folder := string(here, "path")) and (target := beside(path, folder)):
            local.append(LocalReference(path=target, extras=frozenset(), evidence=evidence))
        elif repository := string(here, "git"):
            facts.append(_from_git(fact, repository, here) or fact)
        elif here.get("workspace") is True:
            member = _workspace_member(tree, fact.name)
            if member:
                local.append(LocalReference(path=member, extras=frozenset(), evidence=evidence))
        else:
            facts.append(fact)
    return facts, local, cautions


def _from_git(fact: RequirementFact, repository: str, source: Document) -> RequirementFact | None:
    revision = string(source, "rev") or string(source, "tag") or string(source, "branch")
    folder = string(source, "subdirectory")
    address = f"git+{repository}{'@' + revision if revision else ''}{'#subdirectory=' + folder if folder else ''}"
    return parse_requirement(f"{fact.name} @ {address}", fact.evidence[0])


def _workspace_member(tree: SourceTree, name: str) -> str | None:
    """The folder of the workspace member with this normalised name."""
    for path in tree.paths:
        folder, _, base = path.rpartition("/")
        if base == "pyproject.toml" and folder and folder.count("/") < 4:
            text = tree.read(path) or ""
            spelled = name.replace("-", "[-_.]")
            if name in text.lower().replace("_", "-").replace(".", "-") and _is_named(text, spelled):
                return folder
    return None


def _is_named(text: str, spelled: str) -> bool:
    return re.search(rf"(?mi)^name\s*=\s*[\"']{spelled}[\"']", text) is not None


def _dynamic_files(tree: SourceTree, path: str, tool: Document) -> tuple[str, ...] | None:
    """The files that hold the dependencies of a project that declares them dynamic."""
    named = strings(table(tool, "setuptools", "dynamic", "dependencies").get("file"))
    named += strings(table(tool, "hatch", "metadata", "hooks", "requirements_txt").get("files"))
    if not named:
        return None
    targets = (beside(path, name) for name in named)
    return tuple(target for target in targets if target and tree.has(target))


def _manager(document: Document) -> Manager:
    tool = table(document, "tool")
    backend = string(table(document, "build-system"), "build-backend") or ""
    if "poetry" in tool or backend.startswith("poetry"):
        return "poetry"
    if "pdm" in tool or backend.startswith("pdm"):
        return "pdm"
    if "uv" in tool or backend.startswith("uv_build"):
        return "uv"
    return "setuptools" if backend.startswith("setuptools") or not backend else "pip"


def _indexes(tool: Document) -> tuple[str, ...]:
    uv, poetry, pdm = table(tool, "uv"), table(tool, "poetry"), table(tool, "pdm")
    urls = [string(uv, "index-url"), *strings(uv.get("extra-index-url"))]
    urls += [
        string(index, "url")
        for key in (uv.get("index"), poetry.get("source"), pdm.get("source"))
        for index in tables(key)
    ]
    return tuple(dict.fromkeys(without_credentials(url) for url in urls if url))
