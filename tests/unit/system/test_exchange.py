"""`UrllibHttp.send`: one request, one answer; and whom to trust at single hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from packer.errors import TransientError, TrustError, UsageError
from packer.system.host_trust import HostTrust
from packer.system.http import Body, Request
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import Registry, Step, always, running_registry
from tests.testbed.registry.certificates import Authority
from tests.testbed.registry.faults import AnswerStatus, DropConnection, RedirectTo

Sender = Callable[..., int]


class Stream(BytesIO):
    """Bytes, and how often somebody opened and closed them."""

    opened = 0


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as registry:
        yield registry


def status_of(http: UrllibHttp, method: str, url: str, **fields: object) -> int:
    with http.send(Request(method=method, url=url, **fields)) as response:  # type: ignore[arg-type]
        return response.status


@pytest.mark.parametrize("status", [200, 307, 401, 404, 429, 503])
def test_every_status_is_an_answer_and_asked_for_once(status: int, registry: Registry) -> None:
    registry.rules.add(always(AnswerStatus(status=status)))
    assert status_of(UrllibHttp({}), "GET", f"{registry.url}/v2/") == status
    assert len(registry.traffic.exchanges) == 1


def test_a_redirect_is_not_followed(registry: Registry) -> None:
    registry.rules.add(always(RedirectTo(location="/v2/"), Step.MANIFEST_GET))
    assert status_of(UrllibHttp({}), "GET", f"{registry.url}/v2/a/manifests/1") == 307


@pytest.mark.parametrize(("method", "body"), [("PUT", b""), ("PUT", b"x" * 1_000_000), ("POST", None), ("PATCH", b"x")])
def test_a_body_goes_with_its_length_and_is_closed(method: str, body: bytes | None, registry: Registry) -> None:
    streams: list[Stream] = []

    def opened() -> Stream:
        streams.append(Stream(body or b""))
        return streams[-1]

    sent = Body(size=len(body), open=opened) if body is not None else None
    status_of(UrllibHttp({}), method, f"{registry.url}/v2/a/blobs/uploads/", body=sent)
    assert registry.traffic.exchanges[0].headers["content-length"] == str(len(body or b""))
    assert "transfer-encoding" not in registry.traffic.exchanges[0].headers
    assert all(stream.closed for stream in streams)


def test_a_dropped_connection_is_an_error_and_the_body_is_closed(registry: Registry) -> None:
    registry.rules.add(always(DropConnection()))
    stream = Stream(b"abc")
    with pytest.raises(TransientError, match="ended the connection"):
        status_of(UrllibHttp({}), "PUT", f"{registry.url}/v2/", body=Body(size=3, open=lambda: stream))
    assert stream.closed


@pytest.mark.parametrize("url", ["ftp://example.com/", "file:///etc/passwd", "http://", "nonsense", "http://[/"])
def test_what_is_no_address_is_an_error(url: str) -> None:
    with pytest.raises(UsageError, match="is not an address"):
        status_of(UrllibHttp({}), "GET", url)


def test_a_proxy_that_is_not_there_is_named_without_its_password(registry: Registry) -> None:
    http = UrllibHttp({"http_proxy": "http://me:hidden@127.0.0.1:1"})
    with pytest.raises(TransientError, match=r"the proxy http://127\.0\.0\.1:1 does not answer") as caught:
        status_of(http, "GET", "http://registry.example.com/v2/")
    assert "hidden" not in str(caught.value)
    assert (
        status_of(
            UrllibHttp({"http_proxy": "http://127.0.0.1:1", "no_proxy": "127.0.0.1"}), "GET", f"{registry.url}/v2/"
        )
        == 200
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture(scope="module")
def encrypted(authority: Authority) -> Iterator[Registry]:
    with running_registry(tls=authority.identity().server_side()) as registry:
        yield registry


def trusting(folder: Path, registry: Registry, **files: Path) -> UrllibHttp:
    """A client with a folder of certificates for a registry: `ca_crt=…` becomes `ca.crt`."""
    own = folder / registry.address
    own.mkdir(parents=True)
    for name, path in files.items():
        (own / name.replace("_", ".")).write_bytes(path.read_bytes())
    return UrllibHttp({}, trust=HostTrust(folders=(folder,)))


def test_a_certificate_of_nobody_known_is_refused(encrypted: Registry) -> None:
    with pytest.raises(TrustError, match="certificate"):
        status_of(UrllibHttp({}), "GET", f"{encrypted.url}/v2/")


def test_a_hosts_own_authority_is_believed_for_that_host_only(
    tmp_path: Path, authority: Authority, encrypted: Registry
) -> None:
    http = trusting(tmp_path, encrypted, ca_crt=authority.certificate)
    assert status_of(http, "GET", f"{encrypted.url}/v2/") == 200
    other = f"https://localhost:{encrypted.address.rpartition(':')[2]}/v2/"
    with pytest.raises(TrustError):
        status_of(http, "GET", other)


def test_a_clients_own_certificate_is_loaded_with_its_key(
    tmp_path: Path, authority: Authority, encrypted: Registry
) -> None:
    own = authority.identity("client")
    files = {"ca_crt": authority.certificate, "client_cert": own.certificate, "client_key": own.key}
    assert status_of(trusting(tmp_path, encrypted, **files), "GET", f"{encrypted.url}/v2/") == 200


def test_a_broken_certificate_is_named(tmp_path: Path, authority: Authority, encrypted: Registry) -> None:
    http = trusting(tmp_path, encrypted, ca_crt=authority.folder / "ca.conf")
    with pytest.raises(UsageError, match="cannot be used") as caught:
        status_of(http, "GET", f"{encrypted.url}/v2/")
    assert (caught.value.where or "").endswith("ca.crt")


def test_a_host_is_unverified_only_where_the_user_says_so(encrypted: Registry) -> None:
    http = UrllibHttp({}, trust=HostTrust(unverified=frozenset({encrypted.address})))
    assert status_of(http, "GET", f"{encrypted.url}/v2/") == 200
    with pytest.raises(TrustError):
        status_of(http, "GET", f"https://localhost:{encrypted.address.rpartition(':')[2]}/v2/")


def test_an_authority_of_a_host_is_believed_at_its_other_ports_unless_they_have_their_own(tmp_path: Path) -> None:
    for name in ("git.example.com:5050", "other.example.com:5050", "two.example.com:1", "two.example.com:2"):
        (tmp_path / name).mkdir()
    trust = HostTrust(folders=(tmp_path,))
    other_port = trust.folders_of("git.example.com")
    assert other_port == trust.folders_of("git.example.com:8443") == (tmp_path / "git.example.com:5050",)
    assert trust.folders_of("two.example.com:2") == (tmp_path / "two.example.com:2",)
    assert trust.folders_of("example.com") == ()


@pytest.mark.parametrize("host", ["../etc", "a/b", "/etc", ""])
def test_a_host_leads_to_no_other_folder(host: str, tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    assert HostTrust(folders=(tmp_path,)).folders_of(host) == ()
