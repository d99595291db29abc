"""What pack tells uv about an index by a file of settings, where neither the user nor the project has one for uv.

A file of an index never changes: its address or its hash says so. An index that sends no header to say it as well
(mirrors and company proxies seldom do) makes uv fetch every source distribution again and ask its build system again
what it depends on, each time it resolves: 12 s instead of 0.3 s for a dozen pins of years ago.
uv reads one file of settings only, so that a user's own is left alone.

https://docs.astral.sh/uv/concepts/configuration-files/ · https://docs.astral.sh/uv/concepts/indexes/#customizing-cache-control-headers
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from packer.system.urls import without_userinfo

__all__ = ["is_configured", "lasting_files"]

_LARGEST = 4 << 20
_A_YEAR = 365 * 24 * 3600


def is_configured(environment: Mapping[str, str], folder: Path) -> bool:
    """Whether uv would read settings, run in this folder: the user's, the machine's, or the project's."""
    if environment.get("UV_CONFIG_FILE") or environment.get("UV_NO_CONFIG"):
        return True
    if any((place / "uv" / "uv.toml").exists() for place in _places(environment)):
        return True
    absolute = folder.absolute()
    return any(
        (one / "uv.toml").exists() or _speaks_to_uv(one / "pyproject.toml") for one in (absolute, *absolute.parents)
    )


def lasting_files(index: str) -> str:
    """The text of a uv.toml by which the files of the default index, once fetched, are not asked for again."""
    url = json.dumps(without_userinfo(index))  # a JSON text is a TOML text
    return f'[[index]]\nurl = {url}\ndefault = true\ncache-control = {{ files = "max-age={_A_YEAR}, immutable" }}\n'


def _places(environment: Mapping[str, str]) -> Iterator[Path]:
    """The folders that hold settings by the XDG base directory specification."""
    home = environment.get("HOME")
    own = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    shared = environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    yield from (Path(place) for place in (own, *shared.split(":"), "/etc") if place)


def _speaks_to_uv(manifest: Path) -> bool:
    try:
        with manifest.open("rb") as stream:
            return b"tool.uv" in stream.read(_LARGEST)
    except OSError:
        return False
