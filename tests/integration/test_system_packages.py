"""The table of Debian packages by distribution, against what the releases have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from packer.cli.wiring import workshop
from packer.debian.index import Universe
from packer.debian.keyring import debian_keyring
from packer.debian.releases import release_named
from packer.debian.resolver import resolve
from packer.debian.suites import fetch_suites, open_index
from packer.errors import LockError
from packer.plan.settings import Settings
from packer.plan.system_packages import TABLE
from packer.store.cache import DiskCache


@pytest.mark.network
@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_each_half_of_each_row_can_be_installed(release: str, tmp_path: Path) -> None:
    tools = workshop(os.environ, DiskCache(tmp_path), settings=Settings(), offline=False, note=print)
    suites = fetch_suites(
        release_named(release).suites,
        "amd64",
        http=tools.http,
        mirrors=tools.mirrors,
        keyring=debian_keyring(),
        now=tools.now,
        allow_expired=False,
    )
    indexes = [open_index(one, http=tools.http, cache=tools.cache, mirrors=tools.mirrors) for one in suites]
    universe = Universe(indexes, architecture="amd64")

    refusals = {name: [refusal(universe, half) for half in (row.build, row.runtime)] for name, row in TABLE.items()}

    assert {name: found for name, found in refusals.items() if any(found)} == {}
    assert len(TABLE) >= 50


def refusal(universe: Universe, packages: tuple[str, ...]) -> str | None:
    """Why they cannot be installed together; None where they can."""
    try:
        resolve(universe, packages)
    except LockError as error:
        return str(error)
    return None
