"""The project's own name and distribution, as its files declare them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from packer.errors import ProjectError
from packer.project.declared_version import version_in_text, version_of_attribute, version_of_file
from packer.project.dependencies.documents import Document, read_toml, string, strings, table
from packer.project.dependencies.names import normalized_name
from packer.project.dependencies.setup_files import SetupConfig, read_setup_cfg, setup_literal, setup_mapping
from packer.project.dependencies.tree_paths import ancestors, inside
from packer.project.model import OwnPackage
from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["image_name", "read_metadata"]

MAX_NAME = 100
_SCRIPT_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TARGET = regex(r"[A-Za-z_][\w.]*(\s*:\s*[A-Za-z_][\w.]*)?(\s*\[[\w\s,.-]*\])?")
_GROUP = regex(r"[A-Za-z0-9_][\w.-]*")


def read_metadata(tree: SourceTree, subfolder: str = ".") -> tuple[str, OwnPackage | None]:
    """A name fit for an image, and the distribution that the nearest manifest at or above `subfolder` declares.

    Without a declared name the image is named after the project's folder. Broken files count as absent here: the
    reading of dependencies speaks of them.
    """
    for folder in ancestors(subfolder):
        for read in (_from_pyproject, _from_setup, _from_pkg_info):
            own = read(tree, folder)
            if own is not None:
                return image_name(own.name), own
    return image_name(tree.name), None


def image_name(name: str) -> str:
    """Any text as one path component of an image reference; `app` when nothing is left of it.

    >>> image_name("My Shop (v2)!"), image_name("../../etc"), image_name("Élan_Café")
    ('my-shop-v2', 'etc', 'elan_cafe')
    """
    plain = unicodedata.normalize("NFKD", name[:1000]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9._-]+", "-", plain.lower())
    # Between letters the distribution specification allows one dot, one or two underscores, or hyphens.
    parted = re.sub(r"[._-]{2,}", "-", words)[:MAX_NAME]
    return parted.strip("._-") or "app"


class _Scripts(Struct, frozen=True):
    """Entry points by group, as tables or texts gave them."""

    groups: dict[str, dict[str, str]]

    def lines(self, group: str) -> tuple[str, ...]:
        return tuple(
            f"{name} = {target}"
            for name, target in sorted(self.groups.get(group, {}).items())
            if _SCRIPT_NAME.fullmatch(name) and _TARGET.fullmatch(target)
        )

    def others(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        names = sorted(name for name in self.groups if name != "console_scripts" and _GROUP.fullmatch(name))
        return tuple((name, lines) for name in names if (lines := self.lines(name)))


def _own(name: str, version: str | None, scripts: _Scripts) -> OwnPackage | None:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?", name):
        return None
    return OwnPackage(
        name=normalized_name(name),
        version=_checked(version),
        scripts=scripts.lines("console_scripts"),
        entry_points=scripts.others(),
    )


def _checked(version: str | None) -> str | None:
    """A version in its normal form; None for whatever is not one."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - slow to import; notes spare it

    try:
        return str(Version(version)) if version else None
    except InvalidVersion:
        return None


def _from_pyproject(tree: SourceTree, folder: str) -> OwnPackage | None:
    path = inside(folder, "pyproject.toml")
    if not tree.has(path):
        return None
    try:
        document = read_toml(tree, path)
    except ProjectError:
        return None
    project, poetry = table(document, "project"), table(document, "tool", "poetry")
    flit = table(document, "tool", "flit", "metadata")
    name = string(project, "name") or string(poetry, "name") or string(flit, "dist-name") or string(flit, "module")
    if not name:
        return None
    version = string(project, "version") or string(poetry, "version")
    if version is None or "version" in strings(project.get("dynamic")):
        version = next(_dynamic_versions(tree, folder, document, name), None) or version
    groups = {group: _targets(entries) for group, entries in table(project, "entry-points").items()}
    groups |= {group: _targets(entries) for group, entries in table(poetry, "plugins").items()}
    groups["console_scripts"] = _targets(table(poetry, "scripts")) | _targets(table(project, "scripts"))
    return _own(name, version, _Scripts(groups))


def _targets(entries: object) -> dict[str, str]:
    """Names and targets of a table; Poetry also writes `{callable = "module:function"}`."""
    if not isinstance(entries, dict):
        return {}
    found = {}
    for name, value in entries.items():
        target = value.get("callable", value.get("reference")) if isinstance(value, dict) else value
        if isinstance(target, str):
            found[name] = target
    return found


def _dynamic_versions(tree: SourceTree, folder: str, document: Document, name: str) -> Iterator[str]:
    """What the build back ends' own tables say of a dynamic version, where that is a literal in some file."""
    tool = table(document, "tool")
    setuptools = table(tool, "setuptools", "dynamic", "version")
    if attribute := string(setuptools, "attr"):
        yield from version_of_attribute(tree, folder, attribute)
    for file in strings(setuptools.get("file")):
        yield from version_of_file(tree, inside(folder, file))
    for settings in (table(tool, "hatch", "version"), table(tool, "pdm", "version")):
        if path := string(settings, "path"):
            yield from version_in_text(tree, inside(folder, path))
    backend = string(table(document, "build-system"), "build-backend") or ""
    if backend.startswith("flit"):
        yield from version_of_attribute(tree, folder, f"{name.replace('-', '_')}.__version__")
    own = _from_setup(tree, folder)
    if own and own.version:
        yield own.version


def _from_setup(tree: SourceTree, folder: str) -> OwnPackage | None:
    config = read_setup_cfg(tree, inside(folder, "setup.cfg"))
    script = inside(folder, "setup.py")
    name = (config.get("metadata", "name") if config else None) or setup_literal(tree, script, "name")
    if not name:
        return None
    groups = _config_entry_points(config) if config else {}
    for group, lines in setup_mapping(tree, script, "entry_points").items():
        groups.setdefault(group, {}).update(_split(lines))
    version = next(_setup_versions(tree, folder, config, script), None)
    return _own(name.strip(), version, _Scripts(groups))


def _setup_versions(tree: SourceTree, folder: str, config: SetupConfig | None, script: str) -> Iterator[str]:
    stated = (config.get("metadata", "version") if config else None) or ""
    if stated.startswith("attr:"):
        yield from version_of_attribute(tree, folder, stated.removeprefix("attr:").strip())
    elif stated.startswith("file:"):
        yield from version_of_file(tree, inside(folder, stated.removeprefix("file:").strip()))
    elif stated:
        yield stated.strip()
    if literal := setup_literal(tree, script, "version"):
        yield literal


def _config_entry_points(config: SetupConfig) -> dict[str, dict[str, str]]:
    section = "options.entry_points"
    if not config.parser.has_section(section):
        return {}
    return {
        group: _split(config.parser.get(section, group, raw=True).split("\n"))
        for group in config.parser.options(section)
    }


def _split(lines: list[str]) -> dict[str, str]:
    """`name = target` lines as a mapping."""
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.strip(): target.strip() for name, target in pairs}


def _from_pkg_info(tree: SourceTree, folder: str) -> OwnPackage | None:
    """The PKG-INFO of an unpacked source distribution."""
    text = tree.read(inside(folder, "PKG-INFO"))
    if text is None:
        return None
    fields = dict(line.split(": ", 1) for line in text.split("\n\n", 1)[0].split("\n") if re.match(r"\w[\w-]*: ", line))
    name = fields.get("Name")
    return _own(name.strip(), fields.get("Version", "").strip(), _Scripts({})) if name else None
