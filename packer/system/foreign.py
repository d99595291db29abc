"""Folders that belong to somebody else: version control, virtual environments, caches, other tools' output.

Names that people also give to their own packages (`env`, `build`, `dist`, `vendor`) are judged by what is inside.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

__all__ = ["is_foreign_inside", "is_foreign_name"]

_NAMES = frozenset(
    {
        # version control
        ".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS",
        # pack's own
        ".pack", ".secrets",
        # Python's tools
        "__pycache__", ".venv", ".virtualenv", "__pypackages__", "site-packages", "dist-packages", ".eggs", ".tox",
        ".nox", ".pixi", ".direnv", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".pytype", ".pyre", ".hypothesis",
        ".ipynb_checkpoints", "htmlcov",
        # JavaScript's and others
        "node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store", ".parcel-cache", ".next", ".nuxt",
        ".svelte-kit", ".sass-cache", ".terraform", ".serverless", ".gradle", ".vagrant",
    }
)  # fmt: skip
_SUFFIXES = (".egg-info", ".dist-info", ".egg")
_DISTRIBUTIONS = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".egg", ".deb", ".rpm")
_SETUPTOOLS_OUTPUT = ("lib.", "bdist.", "temp.", "scripts-")
_OTHER_LANGUAGES_VENDOR = frozenset({"autoload.php", "modules.txt", "bundle"})


def is_foreign_name(name: str) -> bool:
    """Whether a folder of this name is somebody else's, whatever is in it."""
    return name in _NAMES or name.endswith(_SUFFIXES)


def is_foreign_inside(name: str, names: AbstractSet[str]) -> bool:
    """Whether a folder `name` that holds `names` is somebody else's."""
    if "pyvenv.cfg" in names or "conda-meta" in names or "CACHEDIR.TAG" in names:
        return True
    if "oci-layout" in names and "blobs" in names:
        return True
    if "activate" in names and ("activate.csh" in names or "activate_this.py" in names):
        return True
    if name == "build":
        return any(one == "lib" or one.startswith(_SETUPTOOLS_OUTPUT) for one in names)
    if name == "dist":
        return bool(names) and all(one.endswith(_DISTRIBUTIONS) for one in names)
    return name == "vendor" and not names.isdisjoint(_OTHER_LANGUAGES_VENDOR)
