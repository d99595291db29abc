"""`[tool.poetry.dependencies]`: Poetry's own way to state requirements."""

from __future__ import annotations

from typing import Any

from packer.project.dependencies.documents import Document, find_line, string, strings, table
from packer.project.dependencies.limits import python_marker, to_pep440
from packer.project.dependencies.requirement import parse_requirement
from packer.project.dependencies.requirements_file import LocalReference
from packer.project.dependencies.tree_paths import beside
from packer.project.model import Evidence, RequirementFact
from packer.project.tree import SourceTree

__all__ = ["declared", "poetry_dependencies"]


def poetry_dependencies(
    tree: SourceTree, path: str, document: Document
) -> tuple[list[RequirementFact], list[LocalReference]]:
    """The main dependencies: no groups, no optional ones, and not `python`, which is a limit on the interpreter."""
    facts: list[RequirementFact] = []
    local: list[LocalReference] = []
    for name, value in table(document, "tool", "poetry", "dependencies").items():
        if name.lower() == "python":
            continue
        evidence = find_line(tree, path, f"{name} =", f"{name}=", f'"{name}"', f"dependencies.{name}]", name)
        for wish in value if isinstance(value, list) else [value]:
            found = declared(path, name, wish, evidence)
            if isinstance(found, LocalReference):
                local.append(found)
            elif found:
                facts.append(found)
    return facts, local


def declared(path: str, name: str, wish: Any, evidence: Evidence) -> RequirementFact | LocalReference | None:
    """One dependency of Poetry or Pipenv, written as a version or as a table; None when it is optional or unreadable.

    Both tools share the keys `version`, `extras`, `markers`, `git`, `path`, `url`; Poetry has `python` and
    `platform` for markers, `rev`, `tag` and `branch` for what Pipenv calls `ref`.
    """
    if isinstance(wish, str):
        wish = {"version": wish}
    if not isinstance(wish, dict) or wish.get("optional") is True:
        return None
    extras = sorted(strings(wish.get("extras")))
    where = string(wish, "path") or (string(wish, "file") if "://" not in str(wish.get("file")) else None)
    if where:
        target = beside(path, where)
        return LocalReference(path=target, extras=frozenset(extras), evidence=evidence) if target else None
    address = _address(wish)
    limit = "" if address else to_pep440(string(wish, "version") or "*")
    if limit is None:
        limit = ""
    text = name + (f"[{','.join(extras)}]" if extras else "") + (f" @ {address} " if address else limit)
    markers = _markers(wish)
    return parse_requirement(text + (f"; {markers}" if markers else ""), evidence)


def _address(wish: Document) -> str | None:
    repository = string(wish, "git")
    if not repository:
        return string(wish, "url") or string(wish, "file")
    if repository.startswith("git@"):
        repository = "ssh://" + repository.replace(":", "/", 1)
    revision = next((found for key in ("rev", "tag", "branch", "ref") if (found := string(wish, key))), None)
    folder = string(wish, "subdirectory")
    return (
        "git+"
        + repository.removeprefix("git+")
        + (f"@{revision}" if revision else "")
        + (f"#subdirectory={folder}" if folder else "")
    )


def _markers(wish: Document) -> str:
    clauses = [string(wish, "markers") or ""]
    if python := string(wish, "python"):
        clauses.append(python_marker(python) or "")
    for key in ("platform", "sys_platform"):
        if value := string(wish, key):
            compared = value if value.startswith(("=", "!")) else f"== '{value}'"
            clauses.append(f"sys_platform {compared}")
    if implementation := string(wish, "python_version"):
        clauses.append(f"python_version {implementation}")
    return " and ".join(f"({clause})" for clause in clauses if clause)
