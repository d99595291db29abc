"""The project's own extras, for imports that nothing else brings: `[project.optional-dependencies]`, `setup.py`."""

from __future__ import annotations

from msgspec import Struct

from packer.project.dependencies.documents import find_line, read_toml, strings, table
from packer.project.dependencies.import_names import known_providers
from packer.project.dependencies.names import normalized_name
from packer.project.dependencies.requirement import parse_requirement, without_duplicates
from packer.project.dependencies.setup_files import setup_mapping
from packer.project.imports import ForeignImport
from packer.project.model import RequirementFact
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["Extra", "wanted_extras", "with_extras"]

_FOR_DEVELOPERS = regex(r"(?:^|[-_])(?:ci|dev\w*|docs?|lint\w*|tests?|testing|typing|all|full)(?:$|[-_])")


class Extra(Struct, frozen=True):
    """One extra, and the requirements that it stands for."""

    name: str
    requirements: tuple[RequirementFact, ...]

    def brings(self, module: ForeignImport) -> bool:
        """Whether a requirement is the distribution of a module, or another make of it (`psycopg2-binary`).

        One that only has it among what it needs itself (SQLAlchemy, `typing_extensions`) does not count.
        """
        first = (*known_providers(module.module), normalized_name(module.module.split(".", 1)[0]))[0]
        makes = {name for name in known_providers(module.module) if name.startswith(first.partition("-")[0])}
        return any(one.name in {first, *makes} for one in self.requirements)


def wanted_extras(tree: SourceTree, manifest: str, lacked: list[ForeignImport]) -> tuple[Extra, ...]:
    """The fewest extras that bring what of `lacked` any extra brings: one that brings more first, then a smaller one.

    Extras for developers, and those that stand for all others, are never chosen. An import inside a function is no
    reason either: what a factory imports may be a part that is on only where its extra is installed.
    """
    left, chosen = [one for one in lacked if one.when == "always"], list[Extra]()
    if not left:
        return ()
    offered = [one for one in _extras(tree, manifest) if not _FOR_DEVELOPERS.search(one.name.lower())]
    while offered:
        best = min(offered, key=lambda one: (-sum(map(one.brings, left)), len(one.requirements), one.name))
        if not any(map(best.brings, left)):
            break
        chosen.append(best)
        left = [one for one in left if not best.brings(one)]
    return tuple(chosen)


def with_extras(implied: tuple[RequirementFact, ...], extras: tuple[Extra, ...]) -> tuple[RequirementFact, ...]:
    """What is installed beside the direct requirements, in order of name."""
    asked = [one for extra in extras for one in extra.requirements]
    return tuple(sorted(without_duplicates([*asked, *implied]), key=lambda one: (one.name, one.text)))


def _extras(tree: SourceTree, manifest: str) -> list[Extra]:
    return [
        Extra(name, tuple(found))
        for name, texts in _stated(tree, manifest).items()
        if (found := [fact for text in texts if (fact := parse_requirement(text, find_line(tree, manifest, text)))])
    ]


def _stated(tree: SourceTree, manifest: str) -> dict[str, list[str]]:
    match manifest.rpartition("/")[2]:
        case "pyproject.toml":
            listed = table(read_toml(tree, manifest), "project", "optional-dependencies")
            return {name: strings(texts) for name, texts in listed.items()}
        case "setup.py":
            return setup_mapping(tree, manifest, "extras_require")
        case _:
            return {}
