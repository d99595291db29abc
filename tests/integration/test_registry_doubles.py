"""The testbed's registry is no invention: it agrees with a real one, and a real client works with both."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packer.oci.config import Execution
from packer.oci.entry import Entry
from packer.oci.image import Image, assemble
from packer.oci.layer import LayerRecipe
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.store.layout import write_layout
from tests.testbed.registry import BasicLogin, NoLogin, Profile, Step, TokenLogin, running_registry
from tests.testbed.registry.certificates import Authority, Identity
from tests.testbed.registry.judge import Judge
from tests.testbed.registry.logins import Login
from tests.testbed.registry.profiles import (
    ARTIFACTORY,
    AZURE,
    DISTRIBUTION_2_8,
    GITLAB,
    GOOGLE,
    OPENSHIFT,
    QUAY,
    amazon,
    docker_hub,
)
from tests.testbed.registry.raw_client import OCI_MANIFEST, RawClient, Reply, digest_of, image_manifest, with_query

BLOB, CONFIG = b"0123456789", b"{}"
DIGEST, ABSENT = digest_of(BLOB), digest_of(b"absent")
MANIFEST = image_manifest(CONFIG, BLOB)
LOGINS: dict[str, Login] = {"open": NoLogin(), "password": BasicLogin(), "token": TokenLogin()}


class Skopeo:
    """The `skopeo` command, which copies images between a layout and a registry."""

    def __init__(self, program: Path, authority: Authority) -> None:
        self._program = program
        self._trust = authority.trust

    def push(self, layout: Path, reference: str, *, user: str = "ada") -> None:
        """Copy the whole index of a layout to a registry."""
        self.copy(f"oci:{layout}:1", f"docker://{reference}", *self._login("dest", user))

    def pull(self, reference: str, layout: Path, *, user: str = "ada") -> None:
        """Copy it back."""
        self.copy(f"docker://{reference}", f"oci:{layout}:1", *self._login("src", user))

    def _login(self, side: str, user: str) -> tuple[str, ...]:
        trust = (f"--{side}-cert-dir={self._trust}", f"--{side}-tls-verify={'true' if user else 'false'}")
        return (f"--{side}-creds={user}:countess", *trust) if user else (f"--{side}-no-creds", *trust)

    def copy(self, *arguments: str) -> None:
        """Copy an image with all its platforms, and its digests as they are."""
        command = [str(self._program), "--insecure-policy", "copy", "--all", "--preserve-digests", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


@pytest.fixture
def copier(skopeo: Path, authority: Authority) -> Skopeo:
    return Skopeo(skopeo, authority)


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image for two platforms, with one layer of some size each."""
    folder = tmp_path_factory.mktemp("image")
    cache = DiskCache(folder / "cache")

    def image(platform: Platform) -> Image:
        noise = hashlib.shake_256(str(platform).encode()).digest(3_000_000)
        entries = [Entry.file("app/data", noise), Entry.file("app/name", str(platform).encode())]
        recipe = LayerRecipe(name="app", inputs=(str(platform),), created_by="pack", entries=lambda: entries)
        layers = [DiskLayerCache(cache).layer(recipe)]
        return assemble(layers, platform=platform, execution=Execution(entrypoint=("/a",)), created=1_700_000_000)

    images = PlatformImages((image(LINUX_AMD64), image(LINUX_ARM64)))
    write_layout(folder / "layout", images, [Reference.parse("pushed:1")], cache)
    return folder / "layout"


def contents(layout: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (layout / "blobs" / "sha256").iterdir()}


def there_and_back(copier: Skopeo, layout: Path, reference: str, back: Path, *, user: str = "ada") -> None:
    """Push the image and pull it, then compare every byte."""
    copier.push(layout, reference, user=user)
    copier.pull(reference, back, user=user)
    assert contents(back) == contents(layout)
    first, second = (json.loads((folder / "index.json").read_text())["manifests"][0] for folder in (layout, back))
    assert first["digest"] == second["digest"]


@pytest.mark.parametrize("kind", LOGINS)
def test_skopeo_pushes_to_the_double_and_pulls_the_same(
    copier: Skopeo, layout: Path, identity: Identity, tmp_path: Path, kind: str
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    tls = None if kind == "open" else identity.server_side()
    with running_registry(login=LOGINS[kind], tls=tls, folder=store) as registry:
        user = "" if kind == "open" else "ada"
        there_and_back(copier, layout, f"{registry.address}/team/app:1", tmp_path / "back", user=user)
        assert registry.traffic.received > 6_000_000
        uploaded = len(registry.traffic.of(Step.UPLOAD_END))
        registry.traffic.forget()
        copier.push(layout, f"{registry.address}/team/app:2", user=user)
        assert (uploaded, registry.traffic.of(Step.UPLOAD_END)) == (4, ())


@pytest.mark.parametrize("kind", LOGINS)
def test_skopeo_pushes_to_the_judge_and_pulls_the_same(
    copier: Skopeo, layout: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    judge: Judge = request.getfixturevalue(f"{kind}_judge")
    user = "" if kind == "open" else "ada"
    there_and_back(copier, layout, f"{judge.address}/team/app:1", tmp_path / "back", user=user)


@pytest.mark.parametrize(
    ("profile", "user"),
    [
        (amazon("team/app"), "AWS"),
        (ARTIFACTORY, "ada"),
        (DISTRIBUTION_2_8, ""),
        (GITLAB, "ada"),
        (GOOGLE, "oauth2accesstoken"),
        (OPENSHIFT, "ada"),
        (QUAY, "ada"),
        (docker_hub(), "ada"),
    ],
    ids=lambda value: value.name if isinstance(value, Profile) else "",
)
def test_a_real_client_gets_along_with_the_ways_of_vendors(
    copier: Skopeo, layout: Path, identity: Identity, tmp_path: Path, *, profile: Profile, user: str
) -> None:
    tls = identity.server_side() if user else None
    with running_registry(profile=profile, tls=tls) as registry:
        there_and_back(copier, layout, f"{registry.address}/team/app:1", tmp_path / "back", user=user)


def test_a_real_client_exchanges_an_identity_token(
    skopeo: Path, authority: Authority, layout: Path, identity: Identity, tmp_path: Path
) -> None:
    with running_registry(profile=AZURE, tls=identity.server_side()) as registry:
        name = base64.b64encode(b"00000000-0000-0000-0000-000000000000:").decode()
        known = {registry.address: {"auth": name, "identitytoken": "identity"}}
        (tmp_path / "auth.json").write_text(json.dumps({"auths": known}))
        login = (f"--authfile={tmp_path}/auth.json", f"--dest-cert-dir={authority.trust}")
        Skopeo(skopeo, authority).copy(f"oci:{layout}:1", f"docker://{registry.address}/team/app:1", *login)
        assert {exchange.method for exchange in registry.token_traffic.exchanges} == {"POST"}


def test_an_encrypted_registry_may_have_a_token_service_that_is_not(identity: Identity, authority: Authority) -> None:
    trusting = ssl.create_default_context(cafile=authority.certificate)
    with running_registry(login=TokenLogin(plain_realm=True), tls=identity.server_side()) as registry:
        with RawClient(registry.url, tls=trusting) as client:
            assert 'realm="http://127.0.0.1:' in client("GET", "/v2/").headers["www-authenticate"]
        with RawClient(registry.url, tls=ssl.create_default_context()) as stranger, pytest.raises(ssl.SSLError):
            stranger("GET", "/v2/")


@pytest.fixture(params=["double", "judge"])
def client(request: pytest.FixtureRequest) -> Iterator[RawClient]:
    """A client by hand of either registry; no test may be able to tell them apart."""
    with _address(request) as url, RawClient(url) as client:
        yield client


@contextmanager
def _address(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "judge":
        judge: Judge = request.getfixturevalue("open_judge")
        yield judge.url
    else:
        with running_registry() as registry:
            yield registry.url


def seen(reply: Reply, *fields: str) -> tuple[object, ...]:
    return (reply.status, *(reply.headers[name] for name in fields))


def test_both_keep_blobs_alike(client: RawClient) -> None:
    client.push_blob("like/blobs", BLOB)
    target = f"/v2/like/blobs/blobs/{DIGEST}"
    assert seen(client("HEAD", target), "content-length", "docker-content-digest") == (200, "10", DIGEST)
    assert client("GET", target).content == BLOB
    part = client("GET", target, range="bytes=2-4")
    assert (seen(part, "content-range"), part.content) == ((206, "bytes 2-4/10"), b"234")
    missing = client("GET", f"/v2/like/blobs/blobs/{ABSENT}")
    assert (missing.status, missing.code) == (404, "BLOB_UNKNOWN")
    assert (client("DELETE", target).status, client("HEAD", target).status) == (202, 404)


def test_the_judge_promises_a_body_with_a_416_as_its_profile_does(open_judge: Judge) -> None:
    with running_registry(profile=DISTRIBUTION_2_8) as registry:
        for url in (open_judge.url, registry.url):
            with RawClient(url) as client:
                client.push_blob("like/ranges", BLOB)
                with pytest.raises(http.client.IncompleteRead):
                    client("GET", f"/v2/like/ranges/blobs/{DIGEST}", range="bytes=10-")


def test_the_judge_differs_from_the_specification_as_its_profile_does(open_judge: Judge) -> None:
    with running_registry(profile=DISTRIBUTION_2_8) as registry:
        assert _deviations(registry.url) == _deviations(open_judge.url) == [202, True, None, 404, 200, 404]


def _deviations(url: str) -> list[object]:
    """What a client sees of a single POST, an OCI manifest without Accept, a subject, and referrers."""
    subject = {"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": len(BLOB)}
    manifest = image_manifest(CONFIG, BLOB, subject=subject)
    with RawClient(url) as client:
        for content in (CONFIG, BLOB):
            client.push_blob("like/deviations", content)
        single = client("POST", f"/v2/like/deviations/blobs/uploads/?digest={DIGEST}", BLOB)
        pushed = client.push_manifest("like/deviations", "1", manifest)
        target = "/v2/like/deviations/manifests/1"
        return [
            single.status,
            single.headers["location"].startswith(url),
            pushed.headers["oci-subject"],
            client("GET", target).status,
            client("GET", target, accept=OCI_MANIFEST).status,
            client("GET", f"/v2/like/deviations/referrers/{DIGEST}").status,
        ]


def test_both_take_uploads_alike(client: RawClient) -> None:
    uploads = "/v2/like/uploads/blobs/uploads/"
    begun = client("POST", uploads)
    assert seen(begun, "range", "content-length") == (202, "0-0", "0")
    first = client("PATCH", begun.headers["location"], BLOB[:4], content_range="0-3")
    assert seen(first, "range") == (202, "0-3")
    status = client("GET", first.headers["location"])
    assert seen(status, "range") == (204, "0-3")
    second = client("PATCH", status.headers["location"], iter([BLOB[4:]]), transfer_encoding="chunked")
    end = client("PUT", with_query(second.headers["location"], f"digest={DIGEST}"))
    assert seen(end, "docker-content-digest") == (201, DIGEST)
    wrong = client("PUT", with_query(client("POST", uploads).headers["location"], f"digest={ABSENT}"), BLOB)
    assert (wrong.status, wrong.code) == (400, "DIGEST_INVALID")
    cancelled = client("POST", uploads).headers["location"]
    assert (client("DELETE", cancelled).status, client("GET", cancelled).code) == (204, "BLOB_UPLOAD_UNKNOWN")


def test_both_mount_alike(client: RawClient) -> None:
    client.push_blob("like/source", BLOB)
    uploads = "/v2/like/target/blobs/uploads/"
    assert seen(client("POST", f"{uploads}?mount={DIGEST}&from=like/source"), "docker-content-digest") == (201, DIGEST)
    assert client("GET", f"/v2/like/target/blobs/{DIGEST}").content == BLOB
    assert client("POST", f"{uploads}?mount={ABSENT}&from=like/source").status == 202


def test_both_keep_manifests_alike(client: RawClient) -> None:
    digest = digest_of(MANIFEST)
    client.push_blob("like/manifests", CONFIG)
    assert client.push_manifest("like/manifests", "1", MANIFEST).code in {"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"}
    client.push_blob("like/manifests", BLOB)
    for reference in (digest, "b", "a", "c"):
        pushed = client.push_manifest("like/manifests", reference, MANIFEST)
        assert seen(pushed, "docker-content-digest") == (201, digest)
    got = client("GET", "/v2/like/manifests/manifests/a", accept=OCI_MANIFEST)
    assert seen(got, "content-type", "docker-content-digest") == (200, OCI_MANIFEST, digest)
    assert got.content == MANIFEST
    assert client("GET", "/v2/like/manifests/manifests/a", accept="application/json").status == 404
    assert client.push_manifest("like/manifests", ABSENT, MANIFEST).code == "DIGEST_INVALID"
    assert client.push_manifest("like/manifests", "1", b"no JSON").code == "MANIFEST_INVALID"
    tags = client("GET", "/v2/like/manifests/tags/list").document
    assert (tags["name"], sorted(tags["tags"])) == ("like/manifests", ["a", "b", "c"])  # distribution 2.8 has no order
    assert client("DELETE", f"/v2/like/manifests/manifests/{digest}").status == 202
    gone = client("GET", "/v2/like/manifests/manifests/a", accept=OCI_MANIFEST)
    assert (gone.status, gone.code) == (404, "MANIFEST_UNKNOWN")
    assert client("GET", "/v2/like/nobody/tags/list").code == "NAME_UNKNOWN"
