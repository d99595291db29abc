"""Why no application is claimed, in words that help."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packer.project.app.drafts import Draft, Drafts
from packer.project.app.modules import ModuleIndex
from packer.project.app.places import is_aside, is_foreign, is_template
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["library_reason", "refusal_text"]

_NAME_OF_EXTENSION = regex(
    r"(?:flask|quart|fastapi|dash|starlette|pytest|sphinx)[-_.].+|.+[-_](?:flask|quart|fastapi|dash)", re.IGNORECASE
)
_PROJECT_NAME = regex(r"""^\s*name\s*=\s*["']?([\w.\-]+)["']?|\bname\s*=\s*["']([\w.\-]+)["']""", re.MULTILINE)
_LIBRARY_CLASSIFIER = "Topic :: Software Development :: Libraries"
_INIT_APP = regex(r"^[ \t]+def init_app\(self", re.MULTILINE)
_MADE_INSIDE = regex(r"^[ \t]+(?:[\w.]+ *= *|return )(?:flask\.)?(?:Flask|Quart|FastAPI|Dash)\(", re.MULTILINE)
_OTHER_LANGUAGES = {
    "package.json": "JavaScript", "go.mod": "Go", "Cargo.toml": "Rust", "pom.xml": "Java", "build.gradle": "Java",
    "composer.json": "PHP", "Gemfile": "Ruby", "mix.exs": "Elixir", "CMakeLists.txt": "C or C++",
}  # fmt: skip


def library_reason(tree: SourceTree, index: ModuleIndex, apps: Sequence[str] = ()) -> str | None:
    """Why the project is an extension or a library rather than an application, None where nothing says so.

    A name like an extension's, and a class with an `init_app` that applications would call, make an extension.
    So does metadata that speaks of a library where all applications, the modules `apps`, are demonstrations.
    """
    metadata = "\n".join(tree.read(name) or "" for name in ("pyproject.toml", "setup.cfg", "setup.py"))
    extension = _is_named_like_an_extension(metadata)
    if apps and all(map(is_aside, apps)) and (extension or _LIBRARY_CLASSIFIER in metadata):
        return f"it is a library, and its applications are demonstrations ({apps[0]})"
    if not extension:
        return None
    for path in index.python_paths:
        if not is_foreign(path) and path.count("/") <= 4 and _INIT_APP.search(tree.read(path) or ""):
            return f"it is an extension for applications ({path} has an init_app), not an application"
    return None


def _is_named_like_an_extension(metadata: str) -> bool:
    names = [one or other for one, other in _PROJECT_NAME.findall(metadata)]
    return any(_NAME_OF_EXTENSION.fullmatch(name) for name in names[:2])


def refusal_text(tree: SourceTree, index: ModuleIndex, drafts: Drafts, foreign: Sequence[Draft]) -> str:
    """The reason for which nothing can be started, the most telling one first."""
    if drafts.hidden:
        draft = drafts.hidden[0]
        return f"{draft.path} has a factory {draft.name}, but nothing shows what to give for {draft.note}"
    if drafts.script_only:
        draft = drafts.script_only[0]
        return (
            f"the application in {draft.path} line {draft.line} exists only when that file is run as a script; "
            "move it to module level, where a server can import it"
        )
    library = library_reason(tree, index)
    if library is not None:
        return library
    if foreign:
        return f"applications stand only among tests, documentation or examples ({foreign[0].path})"
    return _general_reason(tree, index)


def _general_reason(tree: SourceTree, index: ModuleIndex) -> str:
    if any(is_template(path) for path in tree.paths) or tree.has("cookiecutter.json") or tree.has("copier.yml"):
        return "this is a template that has not been rendered yet: render it first"
    if not index.python_paths:
        if any(path.endswith(".ipynb") for path in tree.paths):
            return "there are only notebooks here, and a server cannot import those"
        language = next((name for file, name in _OTHER_LANGUAGES.items() if tree.has(file)), None)
        return f"this is a {language} project without Python files" if language else "there are no Python files here"
    broken = next(
        (path for path in index.python_paths if _mentions_app(tree, path) and index.facts(path) is None), None
    )
    if broken is not None:
        return f"{broken} is not valid Python 3"
    return _inner_reason(tree, index) or "no module makes a Flask, Dash, Quart, FastAPI or Django application"


def _inner_reason(tree: SourceTree, index: ModuleIndex) -> str | None:
    """Where an application is made that no name of a module leads to."""
    for path in index.python_paths:
        made = _MADE_INSIDE.search(tree.read(path) or "") if _mentions_app(tree, path) else None
        if made is not None:
            line = made.string.count("\n", 0, made.start()) + 1
            return (
                f"the application in {path} line {line} is made inside a class or function that a server cannot call; "
                "give it a name at module level"
            )
    return None


def _mentions_app(tree: SourceTree, path: str) -> bool:
    return (
        not is_foreign(path)
        and re.search(r"\b(?:import|from) (?:flask|dash|quart|fastapi)\b", tree.read(path) or "") is not None
    )
