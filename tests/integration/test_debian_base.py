"""Bases assembled from the mirror that this machine uses, judged by running them and by Debian's own tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pytest

from packer.debian.base import DebianBaseImage, debian_base
from packer.debian.keyring import debian_keyring, parse_keyring
from packer.debian.lock import BaseLock
from packer.debian.mirrors import find_mirrors, machine_sources
from packer.debian.releases import RELEASES
from packer.debian.resolution import resolve_base
from packer.debian.trust import verify_clearsigned
from packer.debian.versions import Version
from packer.errors import TransientError, TrustError
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.system.urllib_http import UrllibHttp

pytestmark = pytest.mark.network

MIRRORS = find_mirrors(None, machine_sources())
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
NO_LIBRARY = {  # of other systems, of packages that Debian splits off, or left out of images on purpose
    *("_dbm", "_gdbm", "_ios_support", "_msi", "_overlapped", "_scproxy", "_tkinter", "_winapi", "_wmi"),
    *("ensurepip", "idlelib", "lib2to3", "msilib", "msvcrt", "nt", "pydoc_data", "tkinter", "turtle", "turtledemo"),
    *("winreg", "winsound"),
}


@dataclass(frozen=True)
class Assembled:
    """A base that was made: its lock, description, layers and unpacked root."""

    lock: BaseLock
    image: DebianBaseImage
    stored: int
    unpacked: int
    root: Path

    @property
    def release(self):
        return RELEASES[self.lock.release]

    @property
    def python(self) -> str:
        return f"python{self.release.python}"


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> DiskCache:
    return DiskCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def lock_of(cache) -> Callable[[str, str], BaseLock]:
    http = UrllibHttp(os.environ)
    known: dict[tuple[str, str], BaseLock] = {}

    def lock_of(release: str, architecture: str) -> BaseLock:
        if (release, architecture) not in known:
            try:
                known[release, architecture] = resolve_base(
                    release,
                    architecture,
                    (),
                    http=http,
                    cache=cache,
                    mirrors=MIRRORS,
                    now=datetime.now(timezone.utc),
                    allow_expired=True,
                )
            except TransientError as error:
                pytest.skip(f"the Debian mirror {MIRRORS.debian[0]} does not answer: {error.what}")
        return known[release, architecture]

    return lock_of


@pytest.fixture(scope="session")
def assemble(cache, lock_of, tmp_path_factory) -> Callable[..., Assembled]:
    known: dict[tuple[str, str], Assembled] = {}

    def assemble(release: str, architecture: str = "amd64") -> Assembled:
        if (release, architecture) not in known:
            lock = lock_of(release, architecture)
            image = debian_base(
                lock,
                http=UrllibHttp(os.environ),
                cache=cache,
                mirrors=MIRRORS,
                bytecode=True,
                host_base=lock_of(release, "amd64"),
            )
            root = tmp_path_factory.mktemp(f"{release}-{architecture}")
            root.chmod(0o755)
            stored = unpacked = 0
            for recipe in image.recipes:
                layer = DiskLayerCache(cache).layer(recipe)
                blob = cache.path(layer.descriptor.digest)
                assert blob is not None
                stored += layer.descriptor.size
                with tarfile.open(blob) as tar:
                    members = tar.getmembers()
                    unpacked += sum(member.size for member in members)
                    tar.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)  # new in Python 3.11.4
                    tar.extractall(root, members)
            known[release, architecture] = Assembled(lock, image, stored, unpacked, root)
        return known[release, architecture]

    return assemble


@pytest.fixture(params=["trixie", "bookworm"])
def base(request, assemble) -> Assembled:
    if os.uname().machine != "x86_64":
        pytest.skip("the base is for amd64 and cannot run here")
    return assemble(request.param)


@pytest.fixture
def inside(base) -> Callable[[str], object]:
    """Runs Python code in the root, as the image's user; the code prints JSON."""
    if os.geteuid() != 0:
        pytest.skip("only root may change the root folder")
    null = base.root / "dev" / "null"
    if not null.exists():
        null.parent.mkdir(exist_ok=True)
        os.mknod(null, 0o666 | 0o020000, os.makedev(1, 3))
        null.chmod(0o666)

    def enter() -> None:
        os.chroot(base.root)
        os.chdir("/")
        os.setgroups([])
        os.setgid(65532)
        os.setuid(65532)

    def inside(code: str) -> object:
        finished = subprocess.run(
            [f"/usr/bin/{base.python}", "-c", code],
            preexec_fn=enter,
            env={"LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout.splitlines()[-1])

    return inside


def test_the_base_is_small(base):
    assert base.unpacked < 60_000_000
    assert base.stored < 25_000_000


def test_its_own_loader_runs_python_with_every_module(base):
    triplet = base.root / "usr/lib/x86_64-linux-gnu"
    code = (
        "import importlib, json, sys, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "failed = []\n"
        "for name in sorted(sys.stdlib_module_names - {'this', 'antigravity'}):\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError: failed.append(name)\n"
        "import encodings, pkgutil\n"
        "[importlib.import_module('encodings.' + item.name) for item in pkgutil.iter_modules(encodings.__path__)\n"
        " if item.name not in ('mbcs', 'oem')]\n"
        "import zoneinfo, sqlite3\n"
        "zones = len(zoneinfo.available_timezones())\n"
        "print(json.dumps([failed, zones, sqlite3.connect(':memory:').execute('select 6*7').fetchone(), sys.prefix]))"
    )
    finished = subprocess.run(
        [
            triplet / "ld-linux-x86-64.so.2",
            "--library-path",
            triplet,
            base.root / "usr/bin" / base.python,
            "-S",
            "-c",
            code,
        ],
        env={"PYTHONTZPATH": str(base.root / "usr/share/zoneinfo")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    failed, zones, row, prefix = json.loads(finished.stdout.splitlines()[-1])
    assert set(failed) <= NO_LIBRARY
    assert zones > 590
    assert row == [42]
    assert prefix == str(base.root / "usr")


def test_inside_the_root_everything_is_where_programs_look(base, inside):
    found = inside(
        "import ctypes.util, getpass, json, mimetypes, os, pwd, socket, ssl, tempfile, time, zoneinfo\n"
        "print(json.dumps({\n"
        "  'authorities': len(ssl.create_default_context().get_ca_certs()),\n"
        "  'libraries': [ctypes.util.find_library(name) for name in ('c', 'ssl', 'stdc++', 'nothing')],\n"
        "  'user': [getpass.getuser(), pwd.getpwuid(os.getuid()).pw_dir, os.path.expanduser('~')],\n"
        "  'temporary': tempfile.gettempdir(),\n"
        "  'zone': [time.tzname[0], str(zoneinfo.ZoneInfo('US/Eastern'))],\n"
        "  'names': [mimetypes.guess_type('x.woff2')[0], socket.getservbyname('https')],\n"
        "}))"
    )
    assert found["authorities"] > 100
    assert found["libraries"] == ["libc.so.6", "libssl.so.3", "libstdc++.so.6", None]
    assert found["user"] == ["app", "/tmp", "/tmp"]
    assert found["temporary"] == "/tmp"
    assert found["zone"] == ["UTC", "US/Eastern"]
    assert found["names"] == ["font/woff2", 443]


def test_all_modules_have_bytecode_that_is_used(base, inside):
    missing, cached = inside(
        "import json, pathlib, sys, sysconfig, importlib.util, email.message\n"
        "root = pathlib.Path(sysconfig.get_path('stdlib'))\n"
        "missing = [str(path) for path in root.rglob('*.py') if not path.is_symlink()\n"
        "           and not pathlib.Path(importlib.util.cache_from_source(path)).exists()]\n"
        "flags = pathlib.Path(email.message.__cached__).read_bytes()[4:8]\n"
        "print(json.dumps([missing, flags[0]]))"
    )
    assert missing == []
    assert cached == 1  # unchecked hash


def test_the_real_ldconfig_finds_the_same_libraries(base, inside):
    code = (
        "import json, subprocess\n"
        "ask = lambda *extra: sorted(line for line in subprocess.run(['/sbin/ldconfig', '-p', *extra],\n"
        "    capture_output=True, text=True).stdout.splitlines() if '=>' in line)\n"
        "made = ask()\n"
        "subprocess.run(['/sbin/ldconfig', '-X', '-C', '/tmp/ld.so.cache'], check=True)\n"
        "print(json.dumps([made, ask('-C', '/tmp/ld.so.cache')]))"
    )
    made, real = inside(code)
    assert made == real
    assert len(made) == len(base.image.sonames)


def test_another_architecture_is_assembled_with_the_same_bytecode(assemble):
    ours, foreign = assemble("trixie", "amd64"), assemble("trixie", "arm64")
    machine = (foreign.root / "usr/bin/python3.13").read_bytes()[18]
    assert machine == 183
    name = "usr/lib/python3.13/__pycache__/argparse.cpython-313.pyc"
    if ours.lock.package("python3.13-minimal").version == foreign.lock.package("python3.13-minimal").version:
        assert (ours.root / name).read_bytes() == (foreign.root / name).read_bytes()
    assert foreign.image.sonames >= ours.image.sonames - {"ld-linux-x86-64.so.2", "libmvec.so.1"}


BUILD = """
import json, os, sys
from pathlib import Path
from packer.debian.base import debian_base
from packer.debian.lock import BaseLock
from packer.debian.mirrors import Mirrors
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.system.urllib_http import UrllibHttp
lock = BaseLock.from_data(json.load(sys.stdin))
cache = DiskCache(Path(sys.argv[1]))
mirrors = Mirrors(debian=(sys.argv[2],), security=(sys.argv[3],))
image = debian_base(lock, http=UrllibHttp(os.environ), cache=cache, mirrors=mirrors, bytecode=True)
print(json.dumps([DiskLayerCache(cache).layer(recipe).descriptor.digest.text for recipe in image.recipes]))
"""


def test_two_builds_anywhere_give_the_same_bytes(lock_of, tmp_path):
    lock = json.dumps(lock_of("trixie", "amd64").to_data())

    def build(folder: Path, *, umask: int, zone: str, language: str) -> list[str]:
        folder.mkdir()
        finished = subprocess.run(
            [sys.executable, "-c", BUILD, str(folder / "cache"), MIRRORS.debian[0], MIRRORS.security[0]],
            input=lock,
            env={
                **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
                "TZ": zone,
                "LC_ALL": language,
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "PYTHONHASHSEED": str(umask + 1),
            },
            cwd=folder,
            umask=umask,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    one = build(tmp_path / "one", umask=0o022, zone="UTC", language="C")
    two = build(tmp_path / "a folder, två", umask=0o077, zone="Asia/Kathmandu", language="C.UTF-8")
    assert one == two


def test_gpgv_agrees_on_every_suite(tmp_path):
    if not (shutil.which("gpgv") and KEYS.is_file()):
        pytest.skip("gpgv or Debian's keyring is not installed")
    http = UrllibHttp(os.environ)
    now = datetime.now(timezone.utc)
    for suite in (suite for release in RELEASES.values() for suite in release.suites):
        url = f"{MIRRORS.of(suite.archive)[0]}/dists/{suite.path}/InRelease"
        with http.get(url) as response:
            message = response.read(16 << 20)
        file = tmp_path / "InRelease"
        file.write_bytes(message)
        verified = verify_clearsigned(message, debian_keyring(), now=now, where=url)
        output = subprocess.run(
            ["gpgv", "--output", tmp_path / "text", "--keyring", KEYS, file], capture_output=True, check=False
        )
        assert output.returncode in (0, 2), output.stderr  # 2: a newer key than this machine's keyring has
        assert (tmp_path / "text").read_text().strip("\n") == verified.text.strip("\n")
        (tmp_path / "text").unlink()
        changed = message.replace(b"Origin: Debian", b"Origin: Evil  ")
        with pytest.raises(TrustError, match="changed on its way"):
            verify_clearsigned(changed, debian_keyring(), now=now, where=url)


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa3072"])
def test_what_gpg_signs_is_believed(tmp_path, algorithm):
    if not shutil.which("gpg"):
        pytest.skip("gpg is not installed")
    home = Path(os.environ.get("TMPDIR", "/tmp")) / f"pack-gpg-{os.getpid()}-{algorithm}"  # sockets want short paths
    home.mkdir(mode=0o700)
    try:
        gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
        subprocess.run([*gpg, "--quick-generate-key", "m@example.com", algorithm, "sign", "2y"], check=True)
        text = "Origin: Company\n- dash\ntrailing \t\n\nend"
        signed = subprocess.run([*gpg, "--clearsign"], input=text.encode(), check=True, capture_output=True).stdout
        for armor in ((), ("--armor",)):
            exported = subprocess.run([*gpg, *armor, "--export"], check=True, capture_output=True).stdout
            keyring = parse_keyring(exported)
            result = verify_clearsigned(signed, keyring, now=datetime.now(timezone.utc), where="x")
            assert result.text == "Origin: Company\n- dash\ntrailing\n\nend"
            with pytest.raises(TrustError, match="expired on"):
                verify_clearsigned(signed, keyring, now=datetime(2099, 1, 1, tzinfo=timezone.utc), where="x")
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


def test_dpkg_agrees_on_the_order_of_versions():
    if not shutil.which("dpkg"):
        pytest.skip("dpkg is not installed")
    texts = ["1.0", "1.0-0", "1.0~", "1.0~a", "1.0+b", "1.0a", "1.00", "1:0", "1.0-1", "1.0-1~b", "2a+1", "2a1", "2a~1"]
    for one in texts:
        for other in texts:
            expected = Version(one) < Version(other)
            result = subprocess.run(["dpkg", "--compare-versions", one, "lt", other], check=False).returncode
            assert (result == 0) == expected, (one, other)
