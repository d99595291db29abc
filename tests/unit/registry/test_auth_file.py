"""The files in which Docker and podman keep credentials."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.errors import RegistryError
from packer.registry.auth_file import AuthFile, with_credential, without_credential
from packer.registry.credentials import Credential

HUB = "https://index.docker.io/v1/"
NOBODY = "00000000-0000-0000-0000-000000000000"


def auth(name: str, secret: str) -> str:
    return base64.b64encode(f"{name}:{secret}".encode()).decode()


def parsed(document: object) -> AuthFile:
    return AuthFile.parse(json.dumps(document).encode(), "config.json")


def found(document: object, registry: str, repository: str = "team/app") -> tuple[str, str, str] | None:
    credential = parsed(document).find(registry, repository)
    return (credential.username, credential.secret, credential.kind) if credential else None


@pytest.mark.parametrize(
    "key",
    [
        "registry.example.com",
        "https://registry.example.com",
        "https://registry.example.com/",
        "https://registry.example.com/v1/",
        "https://registry.example.com/v2/",
        "registry.example.com/v2",
        "http://Registry.example.com",
    ],
)
def test_every_spelling_of_a_registry_is_found(key: str) -> None:
    assert found({"auths": {key: {"auth": auth("ada", "pw")}}}, "registry.example.com") == ("ada", "pw", "password")


@pytest.mark.parametrize(
    "key",
    [
        HUB,
        "docker.io",
        "index.docker.io",
        "https://registry-1.docker.io",
        "registry.hub.docker.com",
        "https://docker.io",
    ],
)
def test_docker_hub_is_found_by_all_its_names(key: str) -> None:
    assert found({"auths": {key: {"auth": auth("ada", "pw")}}}, "docker.io") == ("ada", "pw", "password")


def test_a_port_makes_another_registry() -> None:
    document = {"auths": {"registry.example.com": {"auth": auth("ada", "pw")}}}
    assert found(document, "registry.example.com:5000") is None


def test_the_longest_name_above_a_repository_wins() -> None:
    auths = {
        name: {"auth": auth(name.replace("/", "-"), "pw")} for name in ("quay.io", "quay.io/team", "quay.io/team/a")
    }
    names = [found({"auths": auths}, "quay.io", path) for path in ("team/a", "team/b", "teams/a", "", "team/a/b")]
    assert [name[0] for name in names if name] == [
        "quay.io-team-a",
        "quay.io-team",
        "quay.io",
        "quay.io",
        "quay.io-team-a",
    ]


@pytest.mark.parametrize(
    ("entry", "meaning"),
    [
        ({"auth": auth("ada", "p:w:é")}, ("ada", "p:w:é", "password")),
        ({"username": "ada", "password": "pw"}, ("ada", "pw", "password")),
        ({"auth": auth("ada", "pw\0\0")}, ("ada", "pw", "password")),
        ({"auth": auth("<token>", "x"), "identitytoken": "identity"}, ("<token>", "identity", "identity")),
        ({"identitytoken": "identity"}, ("", "identity", "identity")),
        ({"auth": auth(NOBODY, "refresh")}, (NOBODY, "refresh", "identity")),
        ({"registrytoken": "ready"}, ("", "ready", "bearer")),
        ({}, None),
        (None, None),
        ({"email": "ada@example.com"}, None),
    ],
)
def test_an_entry_means_what_docker_means_by_it(entry: object, meaning: tuple[str, str, str] | None) -> None:
    assert found({"auths": {"registry.example.com": entry}}, "registry.example.com") == meaning


def test_helpers_for_one_registry_win_over_the_store() -> None:
    file = parsed(
        {"credsStore": "desktop", "credHelpers": {"123.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login", HUB: "hub"}}
    )
    assert file.helper("123.dkr.ecr.eu-west-1.amazonaws.com") == "ecr-login"
    assert file.helper("docker.io") == "hub"
    assert file.helper("ghcr.io") == "desktop"
    assert parsed({}).helper("ghcr.io") == ""


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"auths": []}',
        b'{"auths": {"a.example": "text"}}',
        b'{"auths": {"a.example": {"auth": 1}}}',
        b'{"auths": {"a.example": {"auth": "5"}}}',
        b'{"auths": {"a.example": {"auth": "////"}}}',
        b'{"credHelpers": {"a.example": 3}}',
        b'{"credsStore": {}}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
    ],
    ids=lambda content: content[:20],
)
def test_a_broken_file_is_an_error_that_names_it_and_shows_nothing_of_it(content: bytes) -> None:
    with pytest.raises(RegistryError, match="cannot be read") as caught:
        AuthFile.parse(content, "/home/ada/.docker/config.json")
    assert caught.value.where == "/home/ada/.docker/config.json"
    assert "a.example" not in str(caught.value)


NAMES = st.sampled_from(
    ["a.example", "b.example:5000", HUB, "docker.io", "https://c.example/v2/", "quay.io/team", "ghcr.io"]
)
SECRETS = st.text(st.characters(exclude_characters=":\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ENTRIES = st.builds(
    lambda name, secret, more: {"auth": auth(name, secret), **more},
    SECRETS,
    SECRETS,
    st.dictionaries(st.just("email"), st.text()),
)
FILES = st.builds(
    lambda auths, more: {**more, "auths": auths},
    st.dictionaries(NAMES, ENTRIES, max_size=4),
    st.dictionaries(
        st.text(max_size=8).filter(lambda key: key not in ("auths", "credHelpers", "credsStore")), JSON, max_size=3
    ),
)
REGISTRIES = st.sampled_from(["a.example", "b.example:5000", "docker.io", "c.example", "new.example"])


def others(document: dict[str, Any], registry: str) -> dict[str, Any]:
    """The file without what is about one registry."""
    names = {"docker.io": {HUB, "docker.io"}, "c.example": {"c.example", "https://c.example/v2/"}}.get(
        registry, {registry}
    )
    return {**document, "auths": {key: value for key, value in document.get("auths", {}).items() if key not in names}}


@given(FILES, REGISTRIES, SECRETS, SECRETS)
def test_a_login_keeps_everything_else(document: dict[str, Any], registry: str, name: str, secret: str) -> None:
    credential = Credential.of(name, secret)
    after = with_credential(json.dumps(document).encode(), registry, credential, "config.json")
    assert others(json.loads(after), registry) == others(document, registry)
    assert AuthFile.parse(after, "config.json").find(registry, "") == credential


@given(FILES, REGISTRIES)
def test_a_logout_keeps_everything_else(document: dict[str, Any], registry: str) -> None:
    after = without_credential(json.dumps(document).encode(), registry, "config.json")
    if after is None:
        assert others(document, registry) == document
        return
    assert json.loads(after) == others(document, registry)
    assert AuthFile.parse(after, "config.json").find(registry, "") is None


def test_a_login_without_a_file_makes_one_and_a_logout_without_one_makes_none() -> None:
    made = with_credential(None, "docker.io", Credential.of("ada", "pw"), "config.json")
    assert json.loads(made) == {"auths": {HUB: {"auth": auth("ada", "pw")}}}
    assert without_credential(None, "docker.io", "config.json") is None
    assert without_credential(b'{"auths": null}', "docker.io", "config.json") is None


def test_a_broken_file_is_not_overwritten() -> None:
    with pytest.raises(RegistryError):
        with_credential(b"{", "docker.io", Credential.of("ada", "pw"), "config.json")
