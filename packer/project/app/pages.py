"""The pages of a Dash application: modules that Dash imports by itself from a folder, with no import statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from packer.project.app.modules import ModuleIndex, joined
from packer.project.app.places import folder_of

__all__ = ["page_modules"]

_DEFAULT_FOLDER = "pages"


def page_modules(index: ModuleIndex, path: str, call: ast.Call) -> Iterator[str]:
    """The modules that a call in `path` has Dash import; none where it is not Dash with pages.

    Dash takes every module below the folder that registers a page, except those whose name begins with `_` or `.`.
    """
    name = _folder_named(call)
    if name is None:
        return
    folder = joined(folder_of(path), name.strip("/"))
    for other in index.python_paths:
        stem = other.rpartition("/")[2]
        if other.startswith(f"{folder}/") and stem[0] not in "_." and "register_page" in (index.tree.read(other) or ""):
            yield other


def _folder_named(call: ast.Call) -> str | None:
    """The folder of pages, beside the module; naming another one than usual turns pages on."""
    function = call.func
    if getattr(function, "id", getattr(function, "attr", None)) not in {"Dash", "DashProxy"}:
        return None
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    folder, wanted = given.get("pages_folder"), given.get("use_pages")
    if isinstance(folder, ast.Constant):
        return folder.value if isinstance(folder.value, str) and folder.value else None
    refused = wanted is None or (isinstance(wanted, ast.Constant) and not wanted.value)
    return None if refused else _DEFAULT_FOLDER
