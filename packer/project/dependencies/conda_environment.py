"""Conda's `environment.yml`: its pip section as it is, its conda packages under the index's names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packer.project.dependencies.conda_names import from_conda
from packer.project.dependencies.limits import to_pep440
from packer.project.dependencies.requirement import parse_requirement
from packer.project.dependencies.requirement_line import Found, Include, LocalPath, read_line
from packer.project.dependencies.requirements_file import (
    LocalReference,
    RequirementsFile,
    production_facts,
    read_requirements_file,
)
from packer.project.dependencies.sources import Manifest
from packer.project.dependencies.tree_paths import beside, is_folder
from packer.project.model import Caution, Evidence, RequirementFact
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["conda_python", "read_conda_environment"]

_MATCH_SPEC = regex(r"^(?:[\w.-]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<limit>[<>=!~ ].*)?$")


def read_conda_environment(tree: SourceTree, path: str) -> RequirementsFile:
    """Read the `dependencies` of an environment file.

    Only the form that conda itself writes and documents is understood (a block list with one nested `pip` list);
    that takes no YAML reader, and nothing in the file can refer, nest or grow beyond what is seen.
    """
    facts: list[RequirementFact] = []
    local: list[LocalReference] = []
    files = {path: None}
    cautions = [
        Caution(
            what=f"{path} is conda's: its packages are taken from the Python package index, under their names there",
            hint="state the production requirements in a pyproject.toml or requirements.txt",
            evidence=(Evidence(path, 1, (tree.read(path) or "").split("\n", 1)[0].strip()[:160]),),
        )
    ]
    for text, evidence, pip in _entries(tree, path):
        if not pip:
            fact = _conda_fact(text, evidence)
            facts += [fact] if fact else []
            continue
        for item in read_line(text, evidence):
            if isinstance(item, Found):
                facts.append(item.fact)
            elif isinstance(item, Include) and (target := beside(path, item.path)) and tree.has(target):
                included = read_requirements_file(tree, target).manifest
                facts += included.requirements
                files.update(dict.fromkeys(included.files))
            elif isinstance(item, LocalPath) and (target := beside(path, item.path)) and is_folder(tree, target):
                local.append(LocalReference(path=target, extras=item.extras, evidence=evidence))
    return RequirementsFile(
        manifest=Manifest(
            manager="pip",
            path=path,
            files=tuple(files),
            requirements=production_facts(facts, cautions),
            cautions=tuple(cautions),
        ),
        local=tuple(local),
    )


def conda_python(tree: SourceTree, path: str) -> tuple[str, Evidence] | None:
    """The limit on Python that an environment file states, as PEP 440."""
    for text, evidence, pip in _entries(tree, path):
        found = _MATCH_SPEC.match(text)
        if not pip and found and found["name"] == "python" and (limit := _limit(found["limit"] or "")):
            return limit, evidence
    return None


def _entries(tree: SourceTree, path: str) -> Iterator[tuple[str, Evidence, bool]]:
    """The members of `dependencies`, and whether each is pip's."""
    inside = pip = False
    pip_indent = 0
    for number, line in enumerate((tree.read(path) or "").split("\n"), 1):
        text = re.sub(r"(^|\s+)#.*$", "", line).rstrip()
        if not text.strip():
            continue
        indent = len(text) - len(text.lstrip())
        if indent == 0 and not text.startswith("-"):
            inside, pip = text.startswith("dependencies:"), False
            continue
        if not inside or not text.lstrip().startswith("-"):
            continue
        if pip and indent <= pip_indent:
            pip = False
        member = text.lstrip()[1:].strip().strip("\"'")
        if re.match(r"^pip\s*:$", member):
            pip, pip_indent = True, indent
        elif member:
            yield member, Evidence(path, number, line.strip()[:160]), pip


def _conda_fact(text: str, evidence: Evidence) -> RequirementFact | None:
    found = _MATCH_SPEC.match(text)
    name = from_conda(found["name"]) if found else None
    if not found or not name:
        return None
    return parse_requirement(f"{name}{_limit(found['limit'] or '')}", evidence)


def _limit(text: str) -> str:
    """A conda version limit: `=1.2` allows 1.2.anything, `==1.2` and `=1.2=build` are exact, a build is dropped."""
    text = text.strip()
    if exact := re.match(r"^=?=?\s*([\w.!+]+)\s*=\s*[\w*]+$", text):
        return f"=={exact[1]}"
    if fuzzy := re.match(r"^=\s*([\d.]+)(\.?\*)?$", text):
        return f"=={fuzzy[1].rstrip('.')}.*"
    return to_pep440(text) or ""
