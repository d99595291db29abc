"""From a mirror to a `PackageIndex`: signed release file, then the index that it names by hash."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from packer.debian.decompression import decompressed
from packer.debian.download import fetch_verified
from packer.debian.index import PackageIndex
from packer.debian.keyring import Keyring
from packer.debian.mirrors import Mirrors
from packer.debian.release_file import IndexFile, ReleaseFile, check_release, parse_release
from packer.debian.releases import Suite
from packer.debian.trust import verify_clearsigned
from packer.errors import ArchiveError, PackError, TransientError, TrustError
from packer.oci.digest import Digest
from packer.store.cache import BlobCache
from packer.system.http import Http

__all__ = ["SignedSuite", "fetch_suites", "open_index"]

_LARGEST_RELEASE_FILE = 16 << 20
_LARGEST_INDEX = 512 << 20
_COMPRESSIONS = ("xz", "gz")


class SignedSuite(Struct, frozen=True, kw_only=True):
    """A suite whose release file holds.

    Attributes:
        suite: which one.
        url: the folder it was read from.
        release: the release file.
        index_name: its path to the index of packages.
        index: that file's hash and size.
    """

    suite: Suite
    url: str
    release: ReleaseFile
    index_name: str
    index: IndexFile


def fetch_suites(
    suites: tuple[Suite, ...],
    architecture: str,
    *,
    http: Http,
    mirrors: Mirrors,
    keyring: Keyring,
    now: datetime,
    allow_expired: bool,
) -> tuple[SignedSuite, ...]:
    """The suites' release files, fetched at once and verified.

    Every mirror is tried; the last one's error is raised: `TrustError` for what does not hold, `TransientError` when
    no mirror answers.
    """

    def fetch(suite: Suite) -> SignedSuite:
        failures: list[PackError] = []
        for mirror in mirrors.of(suite.archive):
            url = f"{mirror}/dists/{suite.path}"
            try:
                text = verify_clearsigned(_read(http, f"{url}/InRelease"), keyring, now=now, where=f"{url}/InRelease")
                release = parse_release(text.text, where=f"{url}/InRelease")
                check_release(release, suite, now=now, allow_expired=allow_expired, where=f"{url}/InRelease")
                name, index = _index_of(release, architecture, where=f"{url}/InRelease")
                return SignedSuite(suite=suite, url=url, release=release, index_name=name, index=index)
            except (TrustError, TransientError) as error:
                failures.append(error)
        raise failures[-1]

    with ThreadPoolExecutor(len(suites), thread_name_prefix="debian") as threads:
        return tuple(threads.map(fetch, suites))


def open_index(signed: SignedSuite, *, http: Http, cache: BlobCache, mirrors: Mirrors) -> PackageIndex:
    """Fetch, verify and unpack a suite's index. The compressed file stays in the cache."""
    folder, _, name = signed.index_name.rpartition("/")
    path = f"{folder}/by-hash/SHA256/{signed.index.sha256}" if signed.release.by_hash else signed.index_name
    others = (f"{mirror}/dists/{signed.suite.path}" for mirror in mirrors.of(signed.suite.archive))
    urls = tuple(f"{url}/{path}" for url in dict.fromkeys((signed.url, *others)))
    what = f"package index of {signed.suite.codename}"
    digest = Digest.from_hex(signed.index.sha256)
    file = fetch_verified(urls, http=http, cache=cache, digest=digest, size=signed.index.size, what=what)
    limit = min(_LARGEST_INDEX, signed.index.size * 40 + (1 << 20))
    text = _unpacked(file, f".{name.rpartition('.')[2]}", limit=limit, where=urls[0])
    return PackageIndex(text, archive=signed.suite.archive, where=urls[0])


def _read(http: Http, url: str) -> bytes:
    with http.get(url) as response:
        if response.status != 200:
            raise TrustError(
                f"the mirror has no release file here (it answers {response.status})",
                where=url,
                hint='set a complete Debian mirror: debian.mirror = "https://HOST/debian"',
            )
        return response.read(_LARGEST_RELEASE_FILE)


def _index_of(release: ReleaseFile, architecture: str, *, where: str) -> tuple[str, IndexFile]:
    """The index of `main`. Debian's security archive writes its component as `updates/main`, its paths as `main`."""
    for suffix in _COMPRESSIONS:
        name = f"main/binary-{architecture}/Packages.{suffix}"
        if name in release.files:
            return name, release.files[name]
    raise TrustError(
        f"the suite has no packages for {architecture}", where=where, hint="set a complete `debian.mirror`"
    )


def _unpacked(file: Path, suffix: str, *, limit: int, where: str) -> bytearray:
    """The whole index in one growing buffer: joining pieces would take its size twice."""
    text = bytearray()
    try:
        with file.open("rb") as stream:
            for piece in decompressed(stream, suffix, size=file.stat().st_size):
                text += piece
                if len(text) > limit:
                    raise ArchiveError(f"it unpacks to more than {limit >> 20} MiB")  # noqa: TRY301 - told in one place
    except ArchiveError as error:
        raise ArchiveError(
            f"the package index is refused: {error.what}", where=where, hint=error.hint or "use another mirror"
        ) from error
    return text
