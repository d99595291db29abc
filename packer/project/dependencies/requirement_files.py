"""Which files of a folder are requirements files, and which of them is meant for production."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from packer.project.dependencies.tree_paths import inside, names_in
from packer.project.tree import SourceTree

__all__ = [
    "DEVELOPMENT",
    "MISSPELT",
    "is_for_development",
    "rank_of_words",
    "requirement_rank",
    "requirements_files",
    "words_of",
]

_SUFFIXES = (".txt", ".text", ".in", ".pip", ".req", ".txt.txt", ".lock", "")
_PRODUCTION = frozenset({"prod", "production", "deploy", "deployment", "live", "release", "heroku", "docker", "server"})
_BASE = frozenset(
    {"base", "common", "main", "core", "app", "default", "runtime", "web", "install", "requirements", "all"}
)
_DEVELOPMENT = frozenset({
    "dev", "devel", "develop", "development", "test", "tests", "testing", "lint", "linting", "doc", "docs", "ci",
    "local", "extra", "extras", "optional", "mypy", "typing", "check", "checks", "qa", "build", "tools", "tox",
    "style", "format", "notebook", "notebooks", "windows", "win", "mac", "macos", "gpu", "benchmark", "min",
    "minimal", "lowest", "old", "example", "examples", "setup", "constraints", "overrides",
})  # fmt: skip

DEVELOPMENT = 90
"""Rank of a file for developers: used only where there is no other."""
MISSPELT = 40
"""Rank of a file whose name is not quite `requirements.txt`."""


def requirements_files(tree: SourceTree, folder: str) -> list[tuple[int, str]]:
    """The requirements files in `folder` and in its `requirements/`, ranked, the likeliest for production first."""
    found = []
    names = names_in(tree, folder)
    for name in names:
        rank = requirement_rank(name)
        if rank is not None:
            found.append((rank, inside(folder, name)))
    for sub in ("requirements", "requirement", "reqs", "requires"):
        for name in names_in(tree, inside(folder, sub)):
            if name.endswith((".txt", ".in", ".pip")):
                found += [(_rank_inside(name), inside(folder, f"{sub}/{name}"))]
    # A compiled file stands for the one that it was compiled from.
    paths = {path for _, path in found}
    return sorted((rank, path) for rank, path in found if not (path.endswith(".in") and f"{path[:-3]}.txt" in paths))


def requirement_rank(name: str) -> int | None:
    """How likely a file of this name states the production requirements, lower being likelier; None: it does not.

    >>> requirement_rank("requirements.txt"), requirement_rank("requirements-dev.txt"), requirement_rank("robots.txt")
    (0, 90, None)
    """
    stem, suffix = _split(name.lower())
    if suffix is None:
        return None
    if stem == "requirements" and suffix in {".txt", ".in", ".lock"}:
        return {".txt": 0, ".lock": 1}.get(suffix, 2)
    words = [word for word in re.split(r"[-_. ]+", stem) if word]
    if "requirements" in words or "reqs" in words or "requirement" in words:
        others = [word for word in words if word not in {"requirements", "requirement", "reqs"}]
        if not suffix and not others and stem != "requirements":
            return None
        return rank_of_words(others) if others else MISSPELT
    if suffix and suffix != ".lock" and len(words) == 1 and SequenceMatcher(None, stem, "requirements").ratio() >= 0.8:
        return MISSPELT
    return 50 if suffix == ".txt" and stem in {"dependencies", "deps", "requires", "packages", "pip"} else None


def _split(name: str) -> tuple[str, str | None]:
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if suffix and name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return (name, "") if "." not in name else (name, None)


def rank_of_words(words: list[str]) -> int:
    """The rank of a file by the words in its name that say for whom it is."""
    if any(word in _DEVELOPMENT for word in words):
        return DEVELOPMENT
    if any(word in _PRODUCTION for word in words):
        return 10
    return 20 if all(word in _BASE for word in words) else 30


def _rank_inside(name: str) -> int:
    """The rank of a file in `requirements/`, where the folder says what it is and the name for whom."""
    return rank_of_words([word for word in words_of(name) if word != "requirements"] or ["base"])


def words_of(name: str) -> list[str]:
    """The words of a file's name, without its ending.

    >>> words_of("Environment-prod.yml")
    ['environment', 'prod']
    """
    return [word for word in re.split(r"[-_. ]+", name.lower().rsplit(".", 1)[0]) if word]


def is_for_development(path: str) -> bool:
    """Whether a requirements file's own name says that it is for developers."""
    folder, _, name = path.rpartition("/")
    rank = _rank_inside(name) if folder.endswith("requirements") else requirement_rank(name)
    return rank == DEVELOPMENT
