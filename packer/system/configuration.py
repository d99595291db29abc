"""Settings from where a user states them: the project's files, the environment, the command line."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from packer.errors import UsageError
from packer.plan.settings import Settings
from packer.plan.settings_lines import line_of_setting
from packer.plan.settings_parser import Layer, environment_layer, flag_layer, parse_settings, table_layer

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["load_settings"]

_OWN_FILE = "pack.toml"
_SHARED_FILE = "pyproject.toml"
_MAX_BYTES = 4 * 1024 * 1024


def load_settings(folder: Path, environ: Mapping[str, str], *, flags: Mapping[str, object]) -> Settings:
    """The settings for the project in `folder`: defaults < `[tool.pack]` or `pack.toml` < `PACK_*` < flags.

    Args:
        folder: the project.
        environ: the process's environment.
        flags: command-line values by setting name (`app`, `worker-class`, `debian.mirror`); None for one not given.

    Raises:
        UsageError: a file cannot be read, both files state settings, or a setting has a wrong name or value.
    """
    return parse_settings([*_file_layers(folder), environment_layer(environ), flag_layer(flags)])


def _file_layers(folder: Path) -> list[Layer]:
    layers = [layer for layer in (_shared_layer(folder), _own_layer(folder)) if layer]
    if len(layers) > 1:
        raise UsageError(
            f"both {_SHARED_FILE} and {_OWN_FILE} state settings",
            where=str(folder),
            hint=f"move the [tool.pack] table of {_SHARED_FILE} into {_OWN_FILE}, or the other way round",
        )
    return layers


def _own_layer(folder: Path) -> Layer | None:
    text = _read(folder, _OWN_FILE)
    if text is None:
        return None
    return table_layer(_parsed(text, _OWN_FILE), path=_OWN_FILE, line_of=lambda name: line_of_setting(text, (), name))


def _shared_layer(folder: Path) -> Layer | None:
    text = _read(folder, _SHARED_FILE)
    if text is None or not re.search(r"\bpack\b", text):
        return None  # whoever reads the project says what else may be wrong with the file
    tool = _parsed(text, _SHARED_FILE).get("tool")
    table = tool.get("pack") if isinstance(tool, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, Mapping):
        raise UsageError("tool.pack is not a table", where=_SHARED_FILE, hint="write settings under [tool.pack]")
    return table_layer(table, path=_SHARED_FILE, line_of=lambda name: line_of_setting(text, ("tool", "pack"), name))


def _parsed(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one; a number too long to convert raises a bare one
        raise UsageError(f"not valid TOML: {error}", where=name) from error
    except RecursionError as error:
        raise UsageError("nested too deeply to be settings", where=name) from error


def _read(folder: Path, name: str) -> str | None:
    """The text of a file, None when there is none or when it is a link to somewhere outside of the folder."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not stop us
        with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError("not a regular file", where=str(path))
            content = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = error.strerror if isinstance(error, OSError) else "its links run in a circle"
        raise UsageError(f"cannot be read: {reason}", where=str(path)) from error
    if len(content) > _MAX_BYTES:
        raise UsageError(f"larger than {_MAX_BYTES // 1024 // 1024} MiB", where=str(path))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"not UTF-8 at byte {error.start}", where=str(path), hint="save the file as UTF-8") from error
