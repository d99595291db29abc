"""The source of a distribution in a folder of its own, ready for a build back end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packer.errors import ArchiveError, BuildError
from packer.system.process import run
from packer.system.urls import redacted
from packer.wheels.model import SourceOnly
from packer.wheels.source_archive import unpack_source

__all__ = ["check_out", "lay_archive"]

_SCHEMES = frozenset({"https", "http", "ssh", "git", "file"})
_TARBALLS = (".tar.gz", ".tgz")


def lay_archive(source: SourceOnly, archive: Path, folder: Path) -> Path:
    """What `uv build` is pointed at: the archive under its own name, or its unpacked content.

    Raises:
        ArchiveError: the archive is broken, hostile or of an unknown kind.
    """
    filename = unquote(urlsplit(source.url).path).rpartition("/")[2]
    if filename.endswith(_TARBALLS) and source.subdirectory is None and source.kind == "sdist":
        named = folder / filename
        named.symlink_to(archive)
        return named
    unpacked = folder / "source"
    unpacked.mkdir()
    unpack_source(archive, unpacked, label=filename)
    tops = [path for path in unpacked.iterdir() if path.is_dir()]
    return _inside(tops[0] if len(tops) == 1 else unpacked, source)


def check_out(source: SourceOnly, folder: Path, environment: Mapping[str, str]) -> Path:
    """The repository at the locked commit, without its history. git must be installed.

    Raises:
        BuildError: git is missing, or the repository does not give the commit.
    """
    if urlsplit(source.url).scheme not in _SCHEMES or source.revision is None or source.revision.startswith("-"):
        raise BuildError(f"{source.name} comes from a repository that cannot be read", where=redacted(source.url))
    checkout = folder / "source"
    checkout.mkdir()
    env = {**environment, "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
    commands = (
        ("init", "--quiet"),
        ("fetch", "--quiet", "--depth=1", "--", source.url, source.revision),
        ("checkout", "--quiet", "--detach", "FETCH_HEAD"),
        ("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"),
    )
    userinfo = urlsplit(source.url).netloc.rpartition("@")[0]
    for arguments in commands:
        finished = run(
            ["git", "-c", "protocol.ext.allow=never", *arguments], env=env, cwd=checkout, secrets=(userinfo,)
        )
        if finished.status:
            raise BuildError(
                f"the repository of {source.name} does not give {source.revision}: {finished.stderr.strip()[-300:]}",
                where=redacted(source.url),
                hint="check that the commit still exists and that git may read the repository",
            )
    return _inside(checkout, source)


def _inside(folder: Path, source: SourceOnly) -> Path:
    """The subdirectory that holds the project, which must not lead out."""
    inside = (folder / (source.subdirectory or "")).resolve()
    if not inside.is_relative_to(folder.resolve()) or not inside.is_dir():
        raise ArchiveError(f"the source of {source.name} has no folder {source.subdirectory!r}")
    return inside
