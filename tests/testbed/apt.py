"""Debian packages: installed on the machine, or only unpacked into a folder.

Unpacking goes through a private configuration of apt, so that packages of another Debian release can be used without
adding a source to the machine. apt itself checks signatures and digests there, as always.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from .privilege import NoPrivilegeError, as_root

__all__ = ["AptError", "install", "mirror", "missing", "unpack"]

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_DEBIAN_RELEASES = frozenset({"bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing", "unstable"})
_FALLBACK_MIRROR = "http://ftp.debian.org/debian"
_CONFIGURATION = """\
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Etc::SourceList "{root}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "";
"""


class AptError(Exception):
    """apt or dpkg could not do it; the text says what and, in its own words, why."""


def missing(packages: Iterable[str]) -> list[str]:
    """Those of the packages that are not installed."""
    if not shutil.which("dpkg-query"):
        raise AptError("this is not a Debian or Ubuntu machine: there is no dpkg")
    return [name for name in packages if not _is_installed(name)]


def install(packages: Iterable[str]) -> list[str]:
    """Install what is missing, as root, asking nobody. Returns the names of the packages that were."""
    wanted = missing(packages)
    if not wanted:
        return []
    try:
        prefix = as_root()
    except NoPrivilegeError as error:
        advice = f"sudo apt-get install --no-install-recommends {' '.join(wanted)}"
        raise AptError(f"{error}; install them yourself: {advice}") from error
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends"]
    if not _indexes_are_there():
        _run([*command, "update"])
    try:
        _run([*command, "install", *wanted])
    except AptError:
        _run([*command, "update"])  # the index was older than the mirror: its files are gone there
        _run([*command, "install", *wanted])
    return wanted


def unpack(packages: Iterable[str], *, release: str, into: Path) -> None:
    """Unpack packages of a Debian release (`trixie`) into an existing folder. Nothing is installed or run."""
    if not KEYRING.exists():
        raise AptError(f"Debian's keys are not on this machine ({KEYRING}): install debian-archive-keyring")
    with tempfile.TemporaryDirectory(prefix="pack-apt-") as folder:
        root = Path(folder)
        for part in ("state/lists/partial", "cache/archives/partial", "downloads"):
            (root / part).mkdir(parents=True)
        (root / "status").touch()
        (root / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} {release} main\n")
        configuration = root / "apt.conf"
        configuration.write_text(_CONFIGURATION.format(root=root))
        environment = {"APT_CONFIG": str(configuration)}
        _run(["apt-get", "-q", "update"], environment=environment)
        _run(["apt-get", "-q", "download", *packages], environment=environment, directory=root / "downloads")
        for archive in sorted((root / "downloads").glob("*.deb")):
            _run(["dpkg-deb", "-x", str(archive), str(into)])


@cache
def mirror() -> str:
    """The Debian mirror that the machine's own apt sources name, else Debian's."""
    listing = _run(["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Created-By: Packages"])
    for line in listing.splitlines():
        release, _, address = line.partition(" ")
        if release in _DEBIAN_RELEASES:
            return address.rstrip("/")
    return _FALLBACK_MIRROR


def _is_installed(name: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", name]
    return subprocess.run(query, check=False, capture_output=True, text=True).stdout == "installed"


def _indexes_are_there() -> bool:
    return any(Path("/var/lib/apt/lists").glob("*_Packages*"))


def _run(command: list[str], *, environment: Mapping[str, str] | None = None, directory: Path | None = None) -> str:
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
        cwd=directory,
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-4:]
        raise AptError(f"`{' '.join(command[:6])} …` failed: {' / '.join(words)}")
    return done.stdout
