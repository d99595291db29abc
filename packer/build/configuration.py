"""The configuration layer: small files that pack writes, between the dependencies and the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packer.oci.digest import Digest
from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.plan.model import FORMER_NAMES_MODULE, FORWARDING_MODULE, VENV, Plan
from packer.project.model import OwnPackage
from packer.render.rendered import RenderedFile

__all__ = ["configuration_recipe"]

_LAYOUT_VERSION = "configuration/1"
_UNKNOWN_VERSION = "0"
"""A build back end would compute the version; pack runs none, and metadata must state one."""

_FORMER_NAMES = '''"""Gives older distributions the names back that Python 3.10 and 3.11 took from its library."""

import collections
import collections.abc
import inspect

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))


def getargspec(function):
    """The arguments of a function that has neither keyword-only arguments nor annotations."""
    return inspect.ArgSpec(*inspect.getfullargspec(function)[:4])


if not hasattr(inspect, "getargspec"):
    inspect.ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")
    inspect.getargspec = getargspec
'''


def configuration_recipe(plan: Plan, rendered: Sequence[RenderedFile]) -> LayerRecipe:
    """The rendered files at their places, and the metadata of the project's own distribution."""
    site_packages = f"{VENV}/lib/python{plan.python}/site-packages".lstrip("/")
    written = _metadata(plan.source.own_package, site_packages) if plan.source.own_package else []
    if plan.server.forwards:
        written.append((f"{site_packages}/{FORWARDING_MODULE}.py", _forwarding(plan.server.forwards)))
    if plan.former_names:
        written += [
            (f"{site_packages}/{FORMER_NAMES_MODULE}.pth", f"import {FORMER_NAMES_MODULE}\n"),
            (f"{site_packages}/{FORMER_NAMES_MODULE}.py", _FORMER_NAMES),
        ]
    written.sort()

    def entries() -> Iterator[Entry]:
        for file in rendered:
            yield Entry.file(file.path.lstrip("/"), file.text.encode())
        for path, text in written:
            yield Entry.file(path, text.encode())

    inputs = (
        _LAYOUT_VERSION,
        *(f"{file.path}\0{file.key}" for file in rendered),
        *(f"{path}\0{Digest.of(text.encode())}" for path, text in written),
    )
    return LayerRecipe(
        name="configuration", inputs=inputs, created_by="pack: server configuration, project metadata", entries=entries
    )


def _metadata(package: OwnPackage, site_packages: str) -> list[tuple[str, str]]:
    """The project's `.dist-info`, so that `importlib.metadata` and entry points work as if it were installed.

    Specification: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    version = package.version or _UNKNOWN_VERSION
    escaped = package.name.replace("-", "_").replace(".", "_")
    folder = f"{site_packages}/{escaped}-{version}.dist-info"
    files = [
        (f"{folder}/INSTALLER", "pack\n"),
        (f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {version}\n"),
    ]
    groups = dict(package.entry_points)
    if package.scripts:
        groups["console_scripts"] = package.scripts
    if groups:
        sections = (f"[{group}]\n" + "".join(f"{line}\n" for line in lines) for group, lines in sorted(groups.items()))
        files.append((f"{folder}/entry_points.txt", "\n".join(sections)))
    return files


def _forwarding(target: str) -> str:
    """A module whose `app` is what `module:dotted.attribute` names."""
    module, _, attributes = target.partition(":")
    return (
        '"""Names the application for the server."""\n\n'
        "from importlib import import_module\n"
        "from operator import attrgetter\n\n"
        f"app = attrgetter({attributes!r})(import_module({module!r}))\n"
    )
