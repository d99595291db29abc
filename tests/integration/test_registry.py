"""`pack` and a registry that nobody here wrote, by the real command line; `skopeo` reads what pack pushed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from packer.cli.wiring import registries
from packer.oci.config import Execution
from packer.oci.descriptor import MEDIA_TYPE_LAYER, Descriptor
from packer.oci.digest import Digest
from packer.oci.image import Image, assemble
from packer.oci.layer import Layer
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.plan.settings import Settings
from packer.registry.shared_cache import SharedCache
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.system.chunks import stream_of
from tests.testbed.daemon import Daemon
from tests.testbed.measured import measured
from tests.testbed.pack_command import PackCommand
from tests.testbed.registry import BasicLogin, Step, once, running_registry
from tests.testbed.registry.certificates import Authority, Identity
from tests.testbed.registry.judge import Judge
from tests.testbed.registry.wire import Answer, Handler, Request

SECRET = "countess"
JUDGES = ("open", "password", "token")
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Machine:
    """A user's machine: a home, a cache and a store of its own."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What pack sees."""
        own = {"HOME": self.home, "PACK_CACHE_DIR": self.home / "cache", "PACK_DATA_DIR": self.home / "data"}
        return {"PATH": os.environ["PATH"], **{name: str(path) for name, path in own.items()}}

    def pack(self, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end, whatever that is."""
        return subprocess.run(
            [sys.executable, "-m", "packer", *words],
            check=False,
            capture_output=True,
            text=True,
            env={**self.environment, **more},
            input=stdin,
            cwd=self.home,
        )

    def good(self, *words: str, stdin: str = "", **more: str) -> str:
        """Run it to a good end; what it printed on standard output."""
        done = self.pack(*words, stdin=stdin, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log_in(self, judge: Judge) -> None:
        """With the testbed's account."""
        self.good("login", judge.address, "-u", "ada", "--password-stdin", stdin=f"{SECRET}\n")

    def trust(self, authority: Authority, address: str) -> None:
        """Believe an authority for one registry, as Docker's users do."""
        folder = self.home / ".docker" / "certs.d" / address
        folder.mkdir(parents=True)
        (folder / "ca.crt").write_bytes(authority.certificate.read_bytes())

    def keep(self, reference: str, *platforms: Platform, size: int = 100_000, seed: str = "") -> PlatformImages:
        """An image with a layer of noise in its store."""
        cache = DiskCache(self.home / "cache")
        images = PlatformImages(tuple(_image(cache, one, size, seed) for one in platforms or (LINUX_AMD64,)))
        ImageStore(self.home / "data", cache).add(images, [Reference.parse(reference)], created=1_700_000_000)
        return images


def _noise(seed: str, size: int) -> Iterator[bytes]:
    for block in range(0, size, MEBIBYTE):
        yield hashlib.shake_128(f"{seed} {block}".encode()).digest(min(MEBIBYTE, size - block))


def _image(cache: DiskCache, platform: Platform, size: int, seed: str) -> Image:
    digest = cache.add(stream_of(_noise(f"{platform} {seed}", size)))
    descriptor = Descriptor(media_type=MEDIA_TYPE_LAYER, digest=digest, size=size)
    layer = Layer(descriptor=descriptor, diff_id=digest, name="app", created_by="test")
    return assemble([layer], platform=platform, execution=Execution(entrypoint=("/a",)), created=1_700_000_000)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "home").mkdir()
    return Machine(tmp_path / "home")


@pytest.fixture
def other_machine(tmp_path: Path) -> Machine:
    (tmp_path / "other").mkdir()
    return Machine(tmp_path / "other")


@pytest.fixture(params=JUDGES)
def judge(request: pytest.FixtureRequest) -> Judge:
    """Debian's docker-registry, open, with a password, with tokens."""
    found: Judge = request.getfixturevalue(f"{request.param}_judge")
    return found


def believing(judge: Judge, authority: Authority, *machines: Machine) -> None:
    """Let machines trust an encrypted registry and its token service."""
    for machine in machines:
        machine.trust(authority, judge.address)


def with_authority(authority: Authority) -> dict[str, str]:
    return {"SSL_CERT_FILE": str(authority.certificate)}


def skopeo_copy(skopeo: Path, *words: str) -> None:
    command = [str(skopeo), "--insecure-policy", "copy", "--all", "--preserve-digests", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("platforms", [(LINUX_AMD64,), (LINUX_AMD64, LINUX_ARM64)], ids=["one", "two"])
def test_what_pack_pushes_skopeo_reads_and_the_other_way_round(
    platforms: tuple[Platform, ...], judge: Judge, skopeo: Path, authority: Authority, tmp_path: Path
) -> None:
    machine, other = Machine(tmp_path / "home"), Machine(tmp_path / "other")
    for one in (machine, other):
        one.home.mkdir()
    trust = with_authority(authority)
    name = f"{judge.address}/team/{len(platforms)}"
    images = machine.keep(f"{name}:1", *platforms)
    for one in (machine, other):
        login = one.pack("login", judge.address, "-u", "ada", "--password-stdin", stdin=f"{SECRET}\n", **trust)
        assert login.returncode == 0, login.stderr
    assert machine.good("push", f"{name}:1", **trust) == f"{name}:1@{images.digest}\n"

    layout = f"oci:{tmp_path}/layout:1"
    sides = [
        f"--{side}-{option}"
        for side in ("src", "dest")
        for option in (
            f"creds=ada:{SECRET}",
            f"cert-dir={authority.trust}",
            f"tls-verify={str(judge.url.startswith('https')).lower()}",
        )
    ]
    skopeo_copy(skopeo, *sides[:3], f"docker://{name}:1", layout)
    [entry] = json.loads((tmp_path / "layout/index.json").read_text())["manifests"]
    assert entry["digest"] == str(images.digest)
    skopeo_copy(skopeo, *sides[3:], layout, f"docker://{name}:by-skopeo")
    words = [word for platform in platforms for word in ("--platform", str(platform))]
    assert other.good("pull", f"{name}:by-skopeo", *words, **trust) == f"{name}:by-skopeo@{images.digest}\n"
    for digest, layer in images.layers.items():
        path = DiskCache(other.home / "cache").path(digest)
        assert path is not None
        assert path.stat().st_size == layer.size


def test_old_entries_of_a_shared_cache_go_and_the_image_stays(
    judge: Judge, authority: Authority, machine: Machine, other_machine: Machine
) -> None:
    reference, trust = f"{judge.address}/team/pruned:1", with_authority(authority)
    for one in (machine, other_machine):
        one.good("login", judge.address, "-u", "ada", "--password-stdin", stdin=f"{SECRET}\n", **trust)
    images = machine.keep(reference, seed="pruned")
    machine.good("push", reference, **trust)
    notes: list[str] = []
    reached = registries({**machine.environment, **trust}, Settings(), note=notes.append)
    shared = SharedCache(reached.repository(Reference.parse(reference), push=True))
    now = datetime.now(timezone.utc)
    for state, age in (("old", timedelta(days=60)), ("new", timedelta())):
        shared.write(Digest.of(state.encode()), {("elf", state): b"{}"}, tuple(images.layers.values()), now=now - age)

    prune = ("cache", "prune", "--json", "--registry", reference, "--keep-days")
    document = json.loads(machine.good(*prune, "30", **trust))
    assert (len(document["removed"]), len(document["kept"])) == (1, 2)
    assert shared.recall(Digest.of(b"new")) is not None
    document = json.loads(machine.good(*prune, "0", **trust))
    assert (len(document["removed"]), document["kept"]) == (2, [])
    assert list(shared.repository.tags()) == ["1"]
    assert shared.recall(Digest.of(b"new")) is None
    assert (
        other_machine.good("pull", reference, "--platform", "linux/amd64", **trust) == f"{reference}@{images.digest}\n"
    )


def test_login_push_pull_and_logout(
    password_judge: Judge, authority: Authority, machine: Machine, other_machine: Machine
) -> None:
    reference = f"{password_judge.address}/team/login:1"
    images = machine.keep(reference)
    believing(password_judge, authority, machine, other_machine)
    refused = machine.pack("push", reference)
    assert refused.returncode == 6
    assert f"next:  log in: pack login {password_judge.address}" in refused.stderr
    wrong = machine.pack("login", password_judge.address, "-u", "ada", "--password-stdin", stdin="wrong\n")
    assert wrong.returncode == 6
    assert "check the name and the password" in wrong.stderr
    assert not (machine.home / ".docker/config.json").exists()
    wrong_key = machine.pack("push", reference, PACK_REGISTRY_USER="ada", PACK_REGISTRY_PASSWORD="wrong")
    rights = "repository:team/login:pull,push, with the credential from PACK_REGISTRY_USER and PACK_REGISTRY_PASSWORD"
    assert f"HEAD {password_judge.url}/v2/team/login/manifests/1 ({rights})" in wrong_key.stderr
    machine.log_in(password_judge)
    (machine.home / "pack.toml").write_text(f'image = "{password_judge.address}/team/login"\n')
    machine.good("push", ":1")
    other_machine.log_in(password_judge)
    assert other_machine.good("pull", reference) == f"{reference}@{images.digest}\n"
    assert "logged out of" in machine.good("logout", password_judge.address)
    assert machine.good("logout", password_judge.address) == f"not logged in to {password_judge.address}\n"
    assert machine.pack("push", f"{reference}").returncode == 6


@pytest.mark.parametrize("file", ["docker", "docker-alias", "podman", "podman-repository", "stated"])
def test_the_files_of_docker_and_podman_are_read(
    file: str, password_judge: Judge, authority: Authority, machine: Machine
) -> None:
    address = password_judge.address
    key, path, more = {
        "docker": (address, ".docker/config.json", {}),
        "docker-alias": (f"https://{address}/v2/", ".docker/config.json", {}),
        "podman": (address, "run/containers/auth.json", {"XDG_RUNTIME_DIR": f"{machine.home}/run"}),
        "podman-repository": (f"{address}/team", ".config/containers/auth.json", {}),
        "stated": (address, "auth.json", {"REGISTRY_AUTH_FILE": f"{machine.home}/auth.json"}),
    }[file]
    auth = base64.b64encode(f"ada:{SECRET}".encode()).decode()
    document = {"auths": {key: {"auth": auth}}, "currentContext": "default", "HttpHeaders": {"User-Agent": "Docker"}}
    (machine.home / path).parent.mkdir(parents=True, exist_ok=True)
    (machine.home / path).write_text(json.dumps(document))
    believing(password_judge, authority, machine)
    machine.keep(f"{address}/team/files:{file}")
    machine.good("push", f"{address}/team/files:{file}", **more)


def test_a_certificate_is_passed_over_only_where_the_user_says_so(password_judge: Judge, machine: Machine) -> None:
    words = ("login", password_judge.address, "-u", "ada", "--password-stdin")
    refused = machine.pack(*words, stdin=SECRET)
    assert refused.returncode == 5
    assert "the TLS certificate of 127.0.0.1 does not hold" in refused.stderr
    allowed = machine.pack(*words, "--insecure", password_judge.address, stdin=SECRET)
    assert allowed.returncode == 0, allowed.stderr
    assert "Warning" not in allowed.stderr
    (machine.home / "pack.toml").write_text(f'insecure-registries = ["{password_judge.address}"]\n')
    machine.keep(f"{password_judge.address}/team/insecure:1")
    machine.good("push", f"{password_judge.address}/team/insecure:1")


def test_an_expired_certificate_is_named(authority: Authority, machine: Machine, tmp_path: Path) -> None:
    expired = _expired(authority, tmp_path)
    with running_registry(tls=expired.server_side()) as registry:
        done = machine.pack("pull", f"{registry.address}/team/app:1", **with_authority(authority))
    assert done.returncode == 5
    assert "certificate has expired" in done.stderr


def _expired(authority: Authority, folder: Path) -> Identity:
    """A certificate whose last day was yesterday."""
    identity = authority.identity("expired")
    request = folder / "expired.csr"
    names = "subjectAltName=IP:127.0.0.1"
    command = ["openssl", "req", "-new", "-key", str(identity.key), "-subj", "/CN=expired", "-out", str(request)]
    subprocess.run([*command, "-addext", names], check=True, capture_output=True)
    (folder / "extensions").write_text(names)
    sign = ["openssl", "x509", "-req", "-in", str(request), "-days", "-1", "-extfile", str(folder / "extensions")]
    authorities = ["-CA", str(authority.certificate), "-CAkey", str(authority.folder / "ca.key"), "-CAcreateserial"]
    certificate = folder / "expired.crt"
    subprocess.run([*sign, *authorities, "-out", str(certificate)], check=True, capture_output=True)
    return Identity(certificate, identity.key)


def test_a_host_that_nobody_knows_is_named_soon(machine: Machine) -> None:
    done = machine.pack("pull", "registry.invalid/team/app:1")
    assert done.returncode == 75
    assert "the host registry.invalid is not known" in done.stderr


def test_a_proxy_that_is_not_there_is_named(machine: Machine) -> None:
    done = machine.pack("pull", "registry.invalid/team/app:1", HTTPS_PROXY="http://me:hidden@127.0.0.1:9")
    assert done.returncode == 75
    assert "the proxy http://127.0.0.1:9 does not answer" in done.stderr
    assert "hidden" not in done.stderr


def test_a_repository_that_is_not_there_is_named(open_judge: Judge, machine: Machine) -> None:
    done = machine.pack("pull", f"{open_judge.address}/team/nothing:1")
    assert done.returncode == 6
    assert f"{open_judge.address} has no team/nothing:1" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_leaves_nothing_half_written(open_judge: Judge, machine: Machine, other_machine: Machine) -> None:
    reference = f"{open_judge.address}/team/full:1"
    machine.keep(reference, size=8 * MEBIBYTE)
    machine.good("push", reference)
    cache = other_machine.home / "cache"
    cache.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", cache], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        done = other_machine.pack("pull", reference)
        assert done.returncode == 5
        assert "the disk is full" in done.stderr
        assert list((cache / "tmp").iterdir()) == []
    finally:
        subprocess.run(["umount", cache], check=True)


def test_a_mirror_is_asked_first(open_judge: Judge, machine: Machine, other_machine: Machine) -> None:
    images = machine.keep(f"{open_judge.address}/hub/team/mirrored:1")
    machine.good("push", f"{open_judge.address}/hub/team/mirrored:1")
    settings = f'registry-mirrors = {{ "registry.invalid" = ["127.0.0.1:9", "{open_judge.address}/hub"] }}\n'
    (other_machine.home / "pack.toml").write_text(settings)
    done = other_machine.pack("pull", "registry.invalid/team/mirrored:1")
    assert done.stdout == f"registry.invalid/team/mirrored:1@{images.digest}\n"
    assert "the mirror 127.0.0.1:9 is passed over: no connection to 127.0.0.1" in done.stderr


@pytest.mark.engine
def test_an_image_goes_straight_from_a_registry_into_an_engine(
    open_judge: Judge, any_engine: Daemon, machine: Machine, other_machine: Machine
) -> None:
    reference = f"{open_judge.address}/team/loaded:1"
    cache = DiskCache(machine.home / "cache")
    empty = bytes(10_240)
    digest = cache.add(stream_of([empty]))
    layer = Layer(
        descriptor=Descriptor(media_type=MEDIA_TYPE_LAYER, digest=digest, size=len(empty)),
        diff_id=Digest.of(empty),
        name="app",
        created_by="test",
    )
    image = assemble([layer], platform=LINUX_AMD64, execution=Execution(entrypoint=("/a",)), created=1_700_000_000)
    ImageStore(machine.home / "data", cache).add(PlatformImages((image,)), [Reference.parse(reference)], created=1)
    machine.good("push", reference)
    other_machine.good("pull", reference, "--load", "--platform", "linux/amd64", DOCKER_HOST=any_engine.host)
    command = [str(any_engine.client), "image", "inspect", "--format", "{{json .RepoTags}}", reference]
    environment = {**os.environ, **any_engine.environment}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert json.loads(found.stdout) == [reference]


def test_a_large_layer_is_pushed_and_pulled_in_little_memory(tmp_path: Path) -> None:
    """300 MB in at most 100 MB: what is moved is never held."""
    machine, other = Machine(tmp_path / "home"), Machine(tmp_path / "other")
    for one in (machine, other):
        one.home.mkdir()
    with running_registry(folder=tmp_path / "registry", login=BasicLogin()) as registry:
        reference = f"{registry.address}/team/large:1"
        machine.keep(reference, size=300_000_000)
        more = {"PACK_REGISTRY_USER": "ada", "PACK_REGISTRY_PASSWORD": SECRET}
        assert _peak(machine, more, "push", reference) < 100_000_000
        assert _peak(other, more, "pull", "--platform", "linux/amd64", reference) < 100_000_000


def _peak(machine: Machine, more: dict[str, str], *words: str) -> int:
    """The largest resident set of a run, in bytes."""
    command = [sys.executable, "-m", "packer", *words]
    done = measured(command, environment={**machine.environment, **more}, folder=machine.home)
    assert done.code == 0
    return done.peak_memory


@pytest.mark.parametrize(
    "step", [Step.MANIFEST_HEAD, Step.BLOB_HEAD, Step.UPLOAD_START, Step.UPLOAD_END, Step.MANIFEST_PUT]
)
def test_an_interrupt_at_any_moment_ends_clearly_and_the_next_push_goes_on(step: Step, machine: Machine) -> None:
    pushes: list[subprocess.Popen[str]] = []

    def interrupt(request: Request, proceed: Handler) -> Answer:
        pushes[0].send_signal(signal.SIGINT)
        return proceed(request)

    with running_registry(once(interrupt, step)) as registry:
        reference = f"{registry.address}/team/interrupted:1"
        images = machine.keep(reference, size=3_000_000)
        command = [sys.executable, "-m", "packer", "push", reference]
        pipe = subprocess.PIPE
        pushes.append(subprocess.Popen(command, env=machine.environment, stdout=pipe, stderr=pipe, text=True))
        _, said = pushes[0].communicate(timeout=60)
        assert pushes[0].returncode == 130
        assert "Traceback" not in said
        assert machine.good("push", reference) == f"{reference}@{images.digest}\n"


@pytest.mark.network
def test_a_build_is_pushed_as_it_is_made(open_judge: Judge, pack: PackCommand, skopeo: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    (project / "requirements.txt").write_text("flask\n")
    reference = f"{open_judge.address}/team/shop:1"
    for text in ("first", "second"):
        (project / "note.py").write_text(f"text = {text!r}\n")
        done = pack("build", project, "-t", reference, "--push")
        assert done.returncode == 0, done.stderr
        inspected = subprocess.run(
            [skopeo, "inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{reference}"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == f"{reference}@{inspected.stdout.strip()}"
