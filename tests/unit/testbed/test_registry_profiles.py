"""Each profile is like its registry in what clients stumble over."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlencode, urlsplit

import pytest

from tests.testbed.registry import Registry, running_registry
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
from tests.testbed.registry.raw_client import OCI_MANIFEST, RawClient, Reply, digest_of, image_manifest, with_query

BLOB = b"0123456789"
DIGEST = digest_of(BLOB)
SCOPES = ("repository:team/app:pull,push", "repository:team/base:pull,push")
UPLOADS = "/v2/team/app/blobs/uploads/"
MOUNT = f"{UPLOADS}?mount={DIGEST}&from=team/base"


def basic(name: str, password: str = "countess") -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def token_reply(registry: Registry, authorization: str | None, *scopes: str) -> Reply:
    with RawClient(registry.url) as client:
        realm = client("GET", "/v2/").headers["www-authenticate"].split('"')[1]
    with RawClient(realm, authorization=authorization) as service:
        return service("GET", f"{urlsplit(realm).path}?{urlencode([('scope', scope) for scope in scopes])}")


@contextmanager
def logged_in(profile: Profile, *scopes: str, name: str = "ada") -> Iterator[tuple[Registry, RawClient]]:
    """A registry like this, and a client with a token for the scopes."""
    with ExitStack() as stack:
        registry = stack.enter_context(running_registry(profile=profile))
        answer = token_reply(registry, basic(name), *(scopes or SCOPES)).document
        client = RawClient(registry.url, authorization=f"Bearer {answer['token']}")
        yield registry, stack.enter_context(client)


@contextmanager
def with_password(profile: Profile, name: str = "ada") -> Iterator[RawClient]:
    """A client with a password, of a registry like this."""
    with running_registry(profile=profile) as registry, RawClient(registry.url, authorization=basic(name)) as client:
        yield client


def test_amazon_keeps_the_first_chunk_only_and_says_201() -> None:
    with with_password(amazon("team/app"), "AWS") as client:
        begun = client("POST", UPLOADS)
        assert begun.headers["oci-chunk-min-length"] == str(5 * 1024 * 1024)
        first = client("PATCH", begun.headers["location"], BLOB[:5], content_range="0-4")
        second = client("PATCH", first.headers["location"], BLOB[5:], content_range="5-9")
        assert (first.status, second.status, second.headers["range"]) == (201, 201, "0-9")
        end = client("PUT", with_query(second.headers["location"], f"digest={DIGEST}"))
        assert end.code == "DIGEST_INVALID"
        assert client.push_blob("team/app", BLOB) == DIGEST


def test_amazon_hangs_up_on_a_repository_that_nobody_made() -> None:
    with with_password(amazon("team/other"), "AWS") as client, pytest.raises(http.client.RemoteDisconnected):
        client("POST", UPLOADS)


def test_docker_hub_mounts_with_both_rights_only_and_limits_its_rate() -> None:
    with logged_in(docker_hub(rate_limited=1)) as (_, client):
        client.push_blob("team/base", BLOB)
        assert client("POST", MOUNT).status == 201
        limited, unlimited = (client("HEAD", "/v2/team/app/manifests/1") for _ in range(2))
        assert (limited.status, limited.headers["retry-after"], unlimited.status) == (429, "1", 404)
    with logged_in(docker_hub(), SCOPES[0]) as (_, client):
        assert client("POST", MOUNT).status == 401
        assert client("POST", UPLOADS).status == 202


def test_quay_refuses_a_mount_from_nowhere() -> None:
    with logged_in(QUAY) as (_, client):
        assert client("POST", f"{UPLOADS}?mount={DIGEST}").status == 400
        assert client("POST", MOUNT).status == 202


def test_artifactory_forbids_what_is_not_there_and_mounts_nothing() -> None:
    with with_password(ARTIFACTORY) as client:
        client.push_blob("team/base", BLOB)
        assert client("HEAD", "/v2/team/base/manifests/none").status == 403
        assert client("POST", MOUNT).status == 202


def test_gitlab_reads_the_last_scope() -> None:
    with logged_in(GITLAB, *SCOPES) as (_, client):
        assert client("POST", UPLOADS).status == 401
    with logged_in(GITLAB, *reversed(SCOPES)) as (_, client):
        assert client("POST", UPLOADS).status == 202


def test_github_loses_one_of_two_uploads_at_a_time() -> None:
    with logged_in(GITHUB) as (registry, client), RawClient(registry.url, authorization=client.authorization) as other:
        slow = with_query(other("POST", UPLOADS).headers["location"], f"digest={DIGEST}")
        other.connection.putrequest("PUT", slow)
        other.connection.putheader("content-length", str(len(BLOB)))
        other.connection.putheader("expect", "100-continue")
        other.connection.putheader("authorization", str(client.authorization))
        other.connection.endheaders()
        assert other.connection.sock.recv(100).startswith(b"HTTP/1.1 100")  # now it is being answered
        lost = client("PUT", with_query(client("POST", UPLOADS).headers["location"], f"digest={DIGEST}"), BLOB)
        assert lost.code == "BLOB_UPLOAD_UNKNOWN"
        other.connection.send(BLOB)
        with other.connection.getresponse() as response:
            assert response.status == 201


def test_google_has_uploads_elsewhere() -> None:
    with logged_in(GOOGLE, name="oauth2accesstoken") as (_, client):
        begun = client("POST", UPLOADS)
        assert begun.headers["location"].startswith("/artifacts-uploads/v2/")
        patched = client("PATCH", begun.headers["location"], BLOB)
        assert client("PUT", with_query(patched.headers["location"], f"digest={DIGEST}")).status == 201
        assert client("GET", f"/artifacts-uploads/v2/team/app/blobs/{DIGEST}").status == 404


def test_azure_exchanges_an_identity_token() -> None:
    with running_registry(profile=AZURE) as registry:
        nobody = basic("00000000-0000-0000-0000-000000000000", "identity")
        assert token_reply(registry, nobody, *SCOPES).status == 401
        with RawClient(registry.url) as client:
            realm = client("GET", "/v2/").headers["www-authenticate"].split('"')[1]
        form = {"grant_type": "refresh_token", "client_id": "pack", "refresh_token": "identity", "scope": SCOPES[0]}
        with RawClient(realm) as service:
            got = service("POST", realm, urlencode(form).encode()).document
        with RawClient(registry.url, authorization=f"Bearer {got['access_token']}") as client:
            begun = client("POST", UPLOADS).headers["location"]
            assert client("PATCH", begun, BLOB, content_range="bytes 0-9").status == 416
            assert client("PATCH", begun, BLOB, content_range="0-9").status == 202


def test_distribution_2_8_wants_accept_and_knows_neither_single_posts_nor_referrers() -> None:
    with running_registry(profile=DISTRIBUTION_2_8) as registry, RawClient(registry.url) as client:
        single = client("POST", f"{UPLOADS}?digest={DIGEST}", BLOB)
        assert (single.status, single.headers["location"][:7]) == (202, "http://")
        assert client("HEAD", f"/v2/team/app/blobs/{DIGEST}").status == 404
        for content in (b"{}", BLOB):
            client.push_blob("team/app", content)
        subject = {"mediaType": OCI_MANIFEST, "digest": DIGEST, "size": 1}
        manifest = image_manifest(b"{}", BLOB, subject=subject)
        assert "oci-subject" not in client.push_manifest("team/app", "1", manifest).headers
        assert client("GET", "/v2/team/app/manifests/1").status == 404
        assert client("GET", "/v2/team/app/manifests/1", accept=OCI_MANIFEST).status == 200
        assert client("GET", f"/v2/team/app/referrers/{DIGEST}").status == 404
        with pytest.raises(http.client.IncompleteRead):
            client("GET", f"/v2/team/app/blobs/{DIGEST}", range="bytes=10-")


def test_openshift_names_no_service() -> None:
    with running_registry(profile=OPENSHIFT) as registry, RawClient(registry.url) as client:
        assert "service=" not in client("GET", "/v2/").headers["www-authenticate"]
