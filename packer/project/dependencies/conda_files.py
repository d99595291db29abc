"""Which files of a folder are conda's environment files, and which of them is meant for production.

Conda takes a file of any name; what is in it tells.
"""

from __future__ import annotations

from packer.project.dependencies.requirement_files import rank_of_words, words_of
from packer.project.dependencies.tree_paths import inside, names_in
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["conda_files", "is_conda_name"]

_SUFFIXES = (".yml", ".yaml")
_WORDS = frozenset({"conda", "env", "environment", "environments", "envs"})
_FOLDERS = ("environments", "environment", "conda", "envs")
_CONTENT = regex(r"^dependencies:[ \t]*(?:#.*)?$")
_LONGEST = 100_000
"""Characters: exports of large environments have a tenth of this."""


def conda_files(tree: SourceTree, folder: str) -> list[tuple[int, str]]:
    """The environment files in `folder` and in its `environments/`, ranked as requirements files are."""
    paths = [inside(folder, name) for name in names_in(tree, folder)]
    for sub in _FOLDERS:
        paths += [inside(folder, f"{sub}/{name}") for name in names_in(tree, inside(folder, sub))]
    return sorted((_rank(path), path) for path in paths if path.endswith(_SUFFIXES) and _is_conda(tree, path))


def is_conda_name(name: str) -> bool:
    """Whether a file's name alone says that it is conda's.

    >>> is_conda_name("environment.yml"), is_conda_name("conda_env.yaml"), is_conda_name("compose.yaml")
    (True, True, False)
    """
    return name.endswith(_SUFFIXES) and not _WORDS.isdisjoint(words_of(name))


def _rank(path: str) -> int:
    name = path.rpartition("/")[2]
    return rank_of_words([word for word in words_of(name) if word not in _WORDS] or ["base"])


def _is_conda(tree: SourceTree, path: str) -> bool:
    """Whether a file has a list of dependencies, and channels or a Python that only conda has."""
    text = tree.read(path) or ""
    if "\ndependencies:" not in f"\n{text[:_LONGEST]}":
        return False
    lines = [line.rstrip() for line in text[:_LONGEST].split("\n")]
    listed = any(_CONTENT.match(line) for line in lines)
    words = [line.split("#", 1)[0].strip() for line in lines]
    told = any(word.startswith(("channels:", "prefix:")) or _names_python(word) for word in words)
    return listed and (told or is_conda_name(path.rpartition("/")[2]))


def _names_python(line: str) -> bool:
    """Whether an item of a list asks for a Python."""
    item = line.removeprefix("-").strip().strip("\"'")
    return line.startswith("-") and item.partition("=")[0].strip(" <>=!~") == "python"
