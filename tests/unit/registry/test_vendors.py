"""Registries that people use, each from login to pull; and that no secret gets out on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import PackError
from packer.oci.image import Image
from packer.oci.platform import LINUX_AMD64
from packer.oci.reference import Reference
from packer.registry.credentials import Credential
from packer.registry.pull import pull
from packer.store.cache import DiskCache
from packer.workflows.login import log_in
from tests.testbed.registry import BasicLogin, TokenLogin, always, running_registry
from tests.testbed.registry.faults import AnswerStatus
from tests.testbed.registry.profiles import (
    ARTIFACTORY,
    AZURE,
    DISTRIBUTION_2_8,
    GITHUB,
    GITLAB,
    GOOGLE,
    OPENSHIFT,
    QUAY,
    Profile,
    amazon,
    docker_hub,
)

from .conftest import SECRET, Client, Purse, ada

MakeImage = Callable[..., Image]
IDENTITY = Purse(Credential.of("00000000-0000-0000-0000-000000000000", "identity"))
VENDORS = [
    (amazon("team/app", "team/base"), ada(name="AWS")),
    (docker_hub(rate_limited=2), ada()),
    (QUAY, ada()),
    (ARTIFACTORY, ada()),
    (GITLAB, ada()),
    (GITHUB, ada()),
    (GOOGLE, ada(name="oauth2accesstoken")),
    (AZURE, IDENTITY),
    (DISTRIBUTION_2_8, ada()),
    (OPENSHIFT, ada()),
]


@pytest.mark.parametrize(("profile", "purse"), VENDORS, ids=[profile.name for profile, _ in VENDORS])
def test_every_vendor_takes_an_image_and_gives_it_back(
    profile: Profile, purse: Purse, make_image: MakeImage, tmp_path: Path
) -> None:
    cache, elsewhere = DiskCache(tmp_path / "cache"), DiskCache(tmp_path / "elsewhere")
    image, changed = make_image("base", "tools", "app"), make_image("base", "tools", "changed")
    with running_registry(profile=profile) as registry:
        client = Client(purse)
        environment = {"HOME": str(tmp_path)}
        log_in(registry.address, purse.credential, registries=client.registries, environment=environment)
        client.push(registry, cache, image, tags=("1", "latest"))
        client.push(registry, cache, changed, tags=("2", "latest"))
        mountable = {layer.descriptor.digest: "team/app" for layer in image.layers}
        client.push(registry, cache, image, name="team/base", mountable=mountable)
        for reference, wanted in (("1", image), ("latest", changed), (str(image.digest), image)):
            found = pull(client.repository(registry), reference, LINUX_AMD64, elsewhere, watch=client.watcher)
            assert found.digest == wanted.digest


def test_a_repository_that_amazon_does_not_know_ends_with_a_hint(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(profile=amazon("team/other")) as registry:
        with pytest.raises(PackError) as caught:
            Client(ada(name="AWS")).push(registry, cache, make_image("base"))
        assert "create the repository team/app" in str(caught.value)


@pytest.mark.parametrize("login", [BasicLogin(), TokenLogin()])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_no_error_and_no_note_shows_a_secret(
    status: int, login: BasicLogin, cache: DiskCache, make_image: MakeImage
) -> None:
    with running_registry(login=login) as registry:
        registry.rules.add(always(AnswerStatus(status=status, retry_after="5")))
        client = Client(ada())
        with pytest.raises(PackError) as caught:
            client.push(registry, cache, make_image("base"))
        cause: BaseException | None = caught.value
        while cause is not None:
            assert SECRET not in f"{cause} {cause!r} {vars(cause)}"
            assert ada().credential.basic.partition(" ")[2] not in f"{cause} {cause!r}"
            cause = cause.__cause__ or cause.__context__
        assert SECRET not in " ".join(client.notes)


def test_a_run_of_pack_shows_the_secret_nowhere(tmp_path: Path) -> None:
    """Everything that is printed, also with a traceback, and every file but the one that is to keep it."""
    memory = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CACHE", "DATA", "STATE")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), **memory}
    printed = ""

    def run(*words: str, stdin: str = "") -> None:
        nonlocal printed
        command = [sys.executable, "-m", "packer", *words]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment, input=stdin, cwd=tmp_path
        )
        printed += done.stdout + done.stderr

    with running_registry(login=TokenLogin()) as registry:
        reference = Reference.parse(f"{registry.address}/team/app:1")
        run("login", registry.address, "-u", "ada", "--password-stdin", stdin=f"{SECRET}\n")
        run("--verbose", "pull", str(reference))
        run("--verbose", "push", str(reference))
        run("login", registry.address, "-u", "ada", "--password-stdin", stdin="another-secret\n")
        run("logout", registry.address)
        grants = len(registry.token_traffic.exchanges)
    assert grants > 1
    assert f"logged in to {registry.address}" in printed
    assert f"{registry.address} has no team/app:1" in printed
    assert "refuses to" in printed
    for secret in (SECRET, "another-secret", ada().credential.basic.partition(" ")[2], "testbed-token"):
        assert secret not in printed
        kept = [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
        assert kept == []
