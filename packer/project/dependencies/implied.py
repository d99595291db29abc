"""What the code imports, compared with what the requirements bring."""

from __future__ import annotations

from packer.project.dependencies.import_names import brought_by, known_providers
from packer.project.imports import ForeignImport, ProductionCode
from packer.project.model import Caution, RequirementFact
from packer.project.tree import SourceTree, evidence_at

__all__ = ["FRAMEWORKS", "inferred_requirements", "lacking", "unknown_caution", "without_provider"]

FRAMEWORKS = frozenset({"flask", "quart", "fastapi", "starlette", "dash", "django", "connexion", "bottle", "falcon"})
_SURE = frozenset({"always", "factory"})
_NOT_ASKED_FOR = frozenset({"pkg_resources", "setuptools", "pip", "gunicorn", "uwsgi", "uwsgidecorators"})
"""Modules that pack's own rules or the server bring."""


def lacking(code: ProductionCode, names: frozenset[str]) -> list[ForeignImport]:
    """The first import of each foreign module that runs at start-up and that no distribution of `names` brings."""
    found: dict[str, ForeignImport] = {}
    for one in code.imports:
        top = one.module.split(".", 1)[0]
        if one.when in _SURE and top not in _NOT_ASKED_FOR and not brought_by(one.module, names):
            found.setdefault(_group(one), one)
    return list(found.values())


def _group(one: ForeignImport) -> str:
    providers = known_providers(one.module)
    return providers[0] if providers else one.module.split(".", 1)[0]


def inferred_requirements(tree: SourceTree, imports: list[ForeignImport]) -> tuple[RequirementFact, ...]:
    """The distributions that provide imports, for those that are well known."""
    facts = {}
    for one in imports:
        providers = known_providers(one.module)
        if providers:
            evidence = evidence_at(tree, one.path, one.line)
            facts[providers[0]] = RequirementFact(text=providers[0], name=providers[0], evidence=(evidence,))
    return tuple(facts[name] for name in sorted(facts))


def without_provider(tree: SourceTree, imports: list[ForeignImport]) -> list[ForeignImport]:
    """The imports that nothing in the tree and no well-known distribution provides."""
    unknown = []
    for one in imports:
        top = one.module.split(".", 1)[0]
        if not known_providers(one.module) and not _somewhere(tree, top):
            unknown.append(one)
    return unknown


def _somewhere(tree: SourceTree, name: str) -> bool:
    """Whether any folder or module of the tree has this name: the path may be extended when the app runs."""
    return any(f"/{name}/" in f"/{path}" or f"/{path}".endswith(f"/{name}.py") for path in tree.paths)


def unknown_caution(tree: SourceTree, imports: list[ForeignImport]) -> Caution:
    """Says which imports nothing is known to provide. A guess would be an invitation to squatters on the index."""
    names = sorted({one.module.split(".", 1)[0] for one in imports})
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return Caution(
        what=f"no requirement is known to provide what the code imports as {shown}",
        hint="name the distributions in the project's requirements, if they are missing there",
        evidence=tuple(evidence_at(tree, one.path, one.line) for one in imports[:5]),
    )
