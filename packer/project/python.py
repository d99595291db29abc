"""What the project says about the Python it runs on: promises of its metadata, and wishes of its environment files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from packer.errors import ProjectError
from packer.project.dependencies.conda_environment import conda_python
from packer.project.dependencies.conda_files import conda_files
from packer.project.dependencies.documents import Document, find_line, read_toml, string, strings, table
from packer.project.dependencies.limits import to_pep440
from packer.project.dependencies.setup_files import read_setup_cfg, setup_literal
from packer.project.dependencies.tree_paths import ancestors, inside
from packer.project.model import DependencyFacts, Evidence, PythonFacts, PythonHint
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["read_python"]

_LONGEST = 200
"""Characters: a longer limit is none that a person wrote."""
_VERSION = regex(
    r"^(?:python|cpython)?[-=@ ]*v?(?P<version>3\.\d{1,2})(?:\.\d{1,2}|\.x|\.\*)?(?:[abrc.\w-]*)$", re.IGNORECASE
)
_DOCKER_FROM = regex(
    r"^\s*FROM\s+(?:--platform=\S+\s+)?(?:\S+/)?python:(?P<version>3\.\d{1,2})(?![\d])", re.IGNORECASE | re.MULTILINE
)
_APP_ENGINE = regex(r"^runtime:\s*[\"']?python3(?P<minor>\d{1,2})\b", re.MULTILINE)


def read_python(tree: SourceTree, dependencies: DependencyFacts, *, subfolder: str = ".") -> PythonFacts:
    """Read every hint at or above `subfolder`; of each kind of file the nearest one counts.

    Hard hints are promises that an installer enforces: requires-python and its forebears, and the lock's own limit.
    Soft ones say what the authors ran: .python-version, .tool-versions, runtime.txt, Pipfile, app.yaml, a
    Dockerfile's or conda's Python. Classifiers count only where nothing else speaks.
    """
    hard = list(_hard(tree, subfolder))
    if dependencies.requires_python and dependencies.lock:
        evidence = find_line(tree, dependencies.lock, "requires-python", "python-versions", "requires_python")
        hard += _hint(dependencies.requires_python, dependencies.lock, evidence, hard=True)
    soft = list(_soft(tree, subfolder)) or list(_classifiers(tree, subfolder))
    requires = next((hint.specifier for hint in hard), None)
    return PythonFacts(requires=requires, hints=(*hard, *soft))


def _hint(text: str, source: str, evidence: Evidence, *, hard: bool) -> list[PythonHint]:
    """A hint in a list, or none where the text is no limit."""
    try:
        specifier = SpecifierSet(to_pep440(text) or "")
    except InvalidSpecifier:
        return []
    if not specifier or len(text) > _LONGEST:
        return []
    return [PythonHint(specifier=str(specifier), source=source, hard=hard, evidence=(evidence,))]


def _hard(tree: SourceTree, subfolder: str) -> Iterator[PythonHint]:
    """The nearest folder's promise: pyproject.toml, else setup.cfg, else setup.py."""
    for folder in ancestors(subfolder):
        found = _declared(tree, folder)
        if found:
            yield from found
            return


def _declared(tree: SourceTree, folder: str) -> list[PythonHint]:
    path = inside(folder, "pyproject.toml")
    document = _document(tree, path)
    poetry = table(document, "tool", "poetry", "dependencies")
    wished = next((value for name, value in poetry.items() if name.lower() == "python"), None)
    flit = string(table(document, "tool", "flit", "metadata"), "requires-python")
    for key, text in (
        ("requires-python", string(table(document, "project"), "requires-python") or flit),
        ("python", wished),
    ):
        if isinstance(text, str) and (
            found := _hint(text, path, find_line(tree, path, f"{key} =", f"{key}=", key), hard=True)
        ):
            return found
    config = inside(folder, "setup.cfg")
    parsed = read_setup_cfg(tree, config)
    if parsed and (text := parsed.get("options", "python_requires")):
        return _hint(text, config, find_line(tree, config, "python_requires", "python-requires"), hard=True)
    script = inside(folder, "setup.py")
    if text := setup_literal(tree, script, "python_requires"):
        return _hint(text, script, find_line(tree, script, "python_requires"), hard=True)
    return []


def _soft(tree: SourceTree, subfolder: str) -> Iterator[PythonHint]:
    readers = (_python_version, _tool_versions, _runtime, _pipfile, _app_engine, _dockerfile, _conda)
    for read in readers:
        for folder in ancestors(subfolder):
            found = read(tree, folder)
            if found:
                yield from found
                break


def _exact(version: str, path: str, evidence: Evidence) -> list[PythonHint]:
    """A wish for one version: `3.11.4` asks for 3.11, whatever its patch level."""
    match = _VERSION.match(version.strip())
    return _hint(f"=={match['version']}.*", path, evidence, hard=False) if match else []


def _lines(tree: SourceTree, path: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate((tree.read(path) or "").split("\n"), 1):
        text = line.split("#", 1)[0].strip()
        if text:
            yield number, text


def _python_version(tree: SourceTree, folder: str) -> list[PythonHint]:
    """Pyenv's and uv's file: the first line that is a version; names of virtual environments are passed over."""
    path = inside(folder, ".python-version")
    for number, text in _lines(tree, path):
        if found := _exact(text, path, Evidence(path, number, text[:160])):
            return found
    return []


def _tool_versions(tree: SourceTree, folder: str) -> list[PythonHint]:
    path = inside(folder, ".tool-versions")
    for number, text in _lines(tree, path):
        words = text.split()
        if (
            words[0] == "python"
            and len(words) > 1
            and (found := _exact(words[1], path, Evidence(path, number, text[:160])))
        ):
            return found
    return []


def _runtime(tree: SourceTree, folder: str) -> list[PythonHint]:
    path = inside(folder, "runtime.txt")
    for number, text in _lines(tree, path):
        return _exact(text, path, Evidence(path, number, text[:160]))
    return []


def _pipfile(tree: SourceTree, folder: str) -> list[PythonHint]:
    path = inside(folder, "Pipfile")
    requires = table(_document(tree, path), "requires")
    version = string(requires, "python_version") or string(requires, "python_full_version")
    return _exact(version, path, find_line(tree, path, "python_version", "python_full_version")) if version else []


def _app_engine(tree: SourceTree, folder: str) -> list[PythonHint]:
    path = inside(folder, "app.yaml")
    found = _APP_ENGINE.search(tree.read(path) or "")
    return _exact(f"3.{found['minor']}", path, find_line(tree, path, "runtime:")) if found else []


def _dockerfile(tree: SourceTree, folder: str) -> list[PythonHint]:
    """The last `FROM python:X.Y`: earlier stages build, the last one runs."""
    path = inside(folder, "Dockerfile")
    found = _DOCKER_FROM.findall(tree.read(path) or "")
    return _exact(found[-1], path, find_line(tree, path, f"python:{found[-1]}")) if found else []


def _conda(tree: SourceTree, folder: str) -> list[PythonHint]:
    for _, path in conda_files(tree, folder):
        if found := conda_python(tree, path):
            limit, evidence = found
            exact = re.match(r"^==(3\.\d+)", limit)
            return _exact(exact[1], path, evidence) if exact else _hint(limit, path, evidence, hard=False)
    return []


def _classifiers(tree: SourceTree, subfolder: str) -> Iterator[PythonHint]:
    """The range of versions that the package says it was tested on."""
    for folder in ancestors(subfolder):
        path = inside(folder, "pyproject.toml")
        document = _document(tree, path)
        stated = strings(table(document, "project").get("classifiers"))
        stated += strings(table(document, "tool", "poetry").get("classifiers"))
        minors = [
            int(found[1])
            for text in stated
            if (found := re.match(r"^Programming Language :: Python :: 3\.(\d+)$", text))
        ]
        if minors:
            text = f">=3.{min(minors)},<3.{max(minors) + 1}"
            yield from _hint(text, path, find_line(tree, path, f"Python :: 3.{max(minors)}"), hard=False)
            return


def _document(tree: SourceTree, path: str) -> Document:
    """A TOML file, empty when there is none or it is broken: the reading of dependencies speaks of that."""
    if not tree.has(path):
        return {}
    try:
        return read_toml(tree, path)
    except ProjectError:
        return {}
