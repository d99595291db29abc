"""Templates: where they are, and how a value gets into one.

A template prints only what a quoting filter made (`{{ name | py }}`, `packer.render.quoting`): a value from a project
can therefore never become code, whatever it holds. Printing anything else is an error of the template, found by its
first test.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from packer.errors import PackError
from packer.oci.digest import Digest
from packer.render.quoting import FILTERS, Quoted
from packer.render.rendered import RenderedFile

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

    from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["find_templates", "rendered_file"]

_KEY_VERSION = 1
"""To be raised when the same template and values give another text."""
_INSTALLED, _CHECKED_OUT = "_templates", "templates"


def find_templates(package: Traversable | None = None) -> Traversable:
    """The folder of templates: inside the package in a wheel, beside it in a source checkout or an editable install.

    `package` is pack's own import package, wherever it is (also in a zip file). Raises `PackError` when the
    installation is broken.
    """
    package = files("packer") if package is None else package
    installed = package / _INSTALLED
    if installed.is_dir():
        return installed
    if isinstance(package, Path) and (package.parent / _CHECKED_OUT).is_dir():
        return package.parent / _CHECKED_OUT
    raise PackError("pack's own templates are missing", where=str(installed), hint="install pack again")


def rendered_file(path: str, *, template: str, values: Mapping[str, object]) -> RenderedFile:
    """The file `path` from a template (`gunicorn/gunicorn.conf.py.j2`) and the values that it asks for.

    Values are plain: texts, numbers, booleans, None, and tuples of them. A value that the template asks for and that
    is missing, or one that it prints without a quoting filter, is an error in pack and shows when the text is made.
    """
    source = _source(template)
    stated = json.dumps([_KEY_VERSION, source, dict(values)], sort_keys=True)
    return RenderedFile(path=path, key=Digest.of(stated.encode()).hex, make=lambda: _render(template, values))


def _source(template: str) -> str:
    place = find_templates()
    for part in template.split("/"):
        place /= part
    return place.read_text(encoding="utf-8")


def _render(template: str, values: Mapping[str, object]) -> str:
    return _environment().get_template(template).render(values)


def _only_quoted(value: object) -> object:
    if not isinstance(value, Quoted):
        raise TypeError(f"a template prints {type(value).__name__} without a quoting filter")
    return value


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined  # noqa: PLC0415 - a tenth of a second that few commands need
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_only_quoted,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    return environment
