"""The virtual environment in the image: where things stand in it, and the files that make it one.

It is laid out as the `venv` module would have done it, with absolute links to the base's interpreter, so it is the
same whatever folder the base's own Python calls its own (`dist-packages`, `/usr/local/lib`, …).
"""

from __future__ import annotations

from msgspec import Struct

from packer.oci.entry import Entry
from packer.plan.model import VENV

__all__ = ["VirtualEnvironment"]


class VirtualEnvironment(Struct, frozen=True, kw_only=True):
    """An environment for one Python.

    Attributes:
        python: X.Y.
        interpreter: the base's interpreter in the image, absolute: `/usr/bin/python3.13`.
        python_full: X.Y.Z, for `pyvenv.cfg`.
        prefix: the environment's folder, absolute.
    """

    python: str
    interpreter: str
    python_full: str
    prefix: str = str(VENV)

    @property
    def site_packages(self) -> str:
        """Where modules go, relative to the prefix."""
        return f"lib/python{self.python}/site-packages"

    @property
    def executable(self) -> str:
        """The interpreter that scripts name, absolute."""
        return f"{self.prefix}/bin/python"

    @property
    def reserved(self) -> frozenset[str]:
        """Paths relative to the prefix that no wheel may write."""
        return frozenset({"pyvenv.cfg", *(f"bin/{name}" for name in self._interpreter_names)})

    def scheme_folder(self, scheme: str, distribution: str) -> str:
        """Where the files of a wheel's scheme go, relative to the prefix; empty for the prefix itself."""
        folders = {
            "purelib": self.site_packages,
            "platlib": self.site_packages,
            "scripts": "bin",
            "headers": f"include/site/python{self.python}/{distribution}",
            "data": "",
        }
        return folders[scheme]

    def entries(self) -> tuple[Entry, ...]:
        """What makes the folder an environment: its configuration, the interpreter's names, the modules' folder."""
        folder = self.prefix.lstrip("/")
        home = self.interpreter.rpartition("/")[0]
        config = f"home = {home}\ninclude-system-site-packages = false\nversion = {self.python_full}\n"
        return (
            Entry.file(f"{folder}/pyvenv.cfg", config.encode()),
            Entry.directory(f"{folder}/{self.site_packages}"),
            *(Entry.symlink(f"{folder}/bin/{name}", self.interpreter) for name in self._interpreter_names),
        )

    @property
    def _interpreter_names(self) -> tuple[str, ...]:
        return ("python", "python3", f"python{self.python}")
