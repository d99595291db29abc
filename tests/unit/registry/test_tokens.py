"""Tokens: got when they are asked for, renewed when they no longer hold, never asked of the wrong server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from packer.errors import RegistryError, TransientError
from packer.oci.image import Image
from packer.registry.challenge import Challenge, parse_challenges
from packer.registry.credentials import Credential, NoKeychain
from packer.registry.endpoint import Endpoint
from packer.registry.push import Pushed
from packer.registry.scope import Scope
from packer.registry.tokens import Authorizer
from packer.store.cache import DiskCache
from packer.system.urllib_http import UrllibHttp
from tests.testbed.registry import (
    Account,
    BasicLogin,
    Registry,
    ScopeReading,
    Step,
    TokenLogin,
    TokenTerms,
    always,
    once,
    running_registry,
)
from tests.testbed.registry.faults import AnswerStatus, AnswerText, DropConnection, EndlessAnswer

from .conftest import Client, Purse, ada

MakeImage = Callable[..., Image]
EVIL = "https://auth.example.com/token"


def token_scopes(registry: Registry) -> list[list[str]]:
    """What each token was asked for."""
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415

    return [parse_qs(urlsplit(one.target).query).get("scope", []) for one in registry.token_traffic.exchanges]


def mount_one(registry: Registry, cache: DiskCache, image: Image) -> Pushed:
    """A push that tries to mount the first layer."""
    return Client(ada()).push(registry, cache, image, mountable={image.layers[0].descriptor.digest: "team/base"})


def test_one_token_serves_a_whole_push(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        Client(ada()).push(registry, cache, make_image("a", "b", "c"))
        assert token_scopes(registry) == [["repository:team/app:pull,push"]]


def test_the_push_scope_stands_first(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        mount_one(registry, cache, make_image("a"))
        assert token_scopes(registry)[-1] == ["repository:team/app:pull,push", "repository:team/base:pull"]


@pytest.mark.parametrize("reading", ScopeReading)
def test_a_server_that_reads_one_scope_gives_the_right_to_push(
    reading: ScopeReading, cache: DiskCache, make_image: MakeImage
) -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(scopes=reading))) as registry:
        mount_one(registry, cache, make_image("a"))
        assert registry.contents.repositories["team/app"].tags.keys() == {"latest"}


def test_without_a_credential_a_token_for_nobody_is_taken(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        Client(ada()).push(registry, cache, make_image("a"))
        assert Client().repository(registry, push=False).head_manifest("latest") is not None
        with pytest.raises(RegistryError) as caught:
            Client().push(registry, cache, make_image("b"))
        assert caught.value.hint == f"log in: pack login {registry.address}"


def test_a_token_that_is_refused_in_the_middle_is_renewed(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(uses=12))) as registry:
        Client(ada()).push(registry, cache, make_image(*"abcdefghijklmnop"))
        assert len(registry.token_traffic.exchanges) >= 3
        assert registry.contents.repositories["team/app"].tags.keys() == {"latest"}


def test_all_tokens_revoked_is_no_harm(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        client = Client(ada())
        client.push(registry, cache, make_image("a"))
        assert registry.tokens is not None
        registry.tokens.revoke_all()
        client.push(registry, cache, make_image("b"))


@pytest.mark.parametrize("key", ["token", "access_token"])
def test_a_token_holds_as_long_as_it_says_and_a_minute_by_itself(key: str) -> None:
    times = [0.0]
    with running_registry(login=TokenLogin(terms=TokenTerms(key=key, lifetime=300))) as registry:
        authorizer, challenges, scope = _authorizer(registry, clock=lambda: times[0])
        assert authorizer.renew(challenges, scope, refused=None)
        first = authorizer.header(scope)
        times[0] = 290
        assert authorizer.header(scope) == first
        times[0] = 296
        assert authorizer.header(scope) is None
        assert authorizer.header(Scope("team/other")) is None
    with running_registry(login=TokenLogin(terms=TokenTerms(key=key, stated=False))) as registry:
        times[0] = 0
        authorizer, challenges, scope = _authorizer(registry, clock=lambda: times[0])
        assert authorizer.renew(challenges, scope, refused=None)
        times[0] = 54
        assert authorizer.header(scope)
        times[0] = 56
        assert authorizer.header(scope) is None


def test_a_thread_that_comes_late_takes_what_another_got() -> None:
    with running_registry(login=TokenLogin()) as registry:
        authorizer, challenges, scope = _authorizer(registry)
        assert authorizer.renew(challenges, scope, refused=None)
        assert authorizer.renew(challenges, scope, refused="Bearer an older one")
        assert len(registry.token_traffic.exchanges) == 1


def test_an_identity_token_is_exchanged() -> None:
    terms = TokenTerms(accounts=(Account(name="<token>", refresh_token="refresh"),), anonymous_pull=False)
    with running_registry(login=TokenLogin(terms=terms)) as registry:
        assert Client(ada("refresh", name="<token>")).repository(registry).head_manifest("1") is None
        assert [one.method for one in registry.token_traffic.exchanges] == ["POST"]


def test_an_identity_token_goes_by_get_where_the_server_knows_no_post() -> None:
    account = Account(name="<token>", password="refresh")
    terms = TokenTerms(accounts=(account,), anonymous_pull=False, takes_post=False)
    with running_registry(login=TokenLogin(terms=terms)) as registry:
        assert Client(ada("refresh", name="<token>")).repository(registry).head_manifest("1") is None
        assert [one.method for one in registry.token_traffic.exchanges] == ["POST", "GET"]
        assert "account" not in registry.token_traffic.exchanges[1].target


def test_a_registrys_own_token_is_sent_as_it_is() -> None:
    with running_registry(login=TokenLogin()) as registry:
        purse = Purse(Credential(username="", secret="ready", kind="bearer"))
        with pytest.raises(RegistryError):
            Client(purse).repository(registry).head_manifest("1")
        assert [one.authorization for one in registry.traffic.of(Step.MANIFEST_HEAD)] == [None, "Bearer ready"]
        assert registry.token_traffic.exchanges == ()


def test_a_mount_scope_that_is_refused_is_left_out(cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    with running_registry(login=TokenLogin(mount_needs_both=True)) as registry:
        registry.token_rules.add(once(AnswerStatus(status=403, code="DENIED"), Step.TOKEN, after=1))
        done = mount_one(registry, cache, image)
        assert (image.layers[0].descriptor in done.sent, done.mounted) == (True, ())
        assert token_scopes(registry)[2] == ["repository:team/app:pull,push"]


def test_a_mount_that_the_token_does_not_allow_becomes_an_upload(cache: DiskCache, make_image: MakeImage) -> None:
    image = make_image("a")
    account = Account(limited_to=frozenset({"team/app"}))
    terms = TokenTerms(accounts=(account,), anonymous_pull=False)
    with running_registry(login=TokenLogin(mount_needs_both=True, terms=terms)) as registry:
        assert image.layers[0].descriptor in mount_one(registry, cache, image).sent


def test_removing_asks_for_the_right_that_the_challenge_names(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=TokenLogin()) as registry:
        client, image = Client(ada()), make_image("a")
        client.push(registry, cache, image)
        repository = client.repository(registry)
        assert repository.delete_manifest(str(image.digest))
        assert not repository.delete_manifest(str(image.digest))


@pytest.mark.parametrize("service", [None, "registry.testbed"])
def test_a_challenge_may_leave_out_the_service(service: str | None) -> None:
    with running_registry(login=TokenLogin(service=service)) as registry:
        assert Client(ada()).repository(registry).head_manifest("1") is None
        asked = registry.token_traffic.exchanges[0].target
        assert ("service=" in asked) is (service is not None)


@pytest.mark.parametrize("before", [("Negotiate",), ("Negotiate", 'Basic realm="other"')])
def test_other_challenges_are_passed_by(before: tuple[str, ...]) -> None:
    terms = TokenTerms(anonymous_pull=True)
    for login in (TokenLogin(before=before, terms=terms), TokenLogin(beside=before, terms=terms)):
        with running_registry(login=login) as registry:
            assert Client().repository(registry, push=False).head_manifest("1") is None


def test_a_wrong_password_is_said_with_its_source_and_without_it() -> None:
    for login in (TokenLogin(), BasicLogin()):
        with running_registry(login=login) as registry:
            with pytest.raises(RegistryError) as caught:
                Client(ada("wrong-secret")).repository(registry).head_manifest("1")
            assert "the credential from the test may not write to team/app" in str(caught.value)
            assert "wrong-secret" not in str(caught.value)


def test_the_credential_is_looked_up_once_for_a_repository(cache: DiskCache, make_image: MakeImage) -> None:
    with running_registry(login=BasicLogin()) as registry:
        purse = ada()
        Client(purse).push(registry, cache, make_image("a", "b"))
        assert purse.asked == [(registry.address, "team/app")]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (AnswerText(content=b"<html>"), "a token server's answer cannot be read"),
        (AnswerText(content=b"[" * 60_000), "a token server's answer cannot be read"),
        (AnswerText(content=b'{"expires_in": 1}'), "a token server's answer has no token"),
        (AnswerText(content=b'{"token": "a\\r\\nX-Evil: 1"}'), "a token server's answer has no token"),
        (AnswerText(content=b'{"token": ""}'), "a token server's answer has no token"),
        (AnswerText(content=b'{"token": 1}'), "a token server's answer cannot be read"),
        (AnswerText(content=b'{"token": "' + b"x" * 100_000 + b'"}'), "a token server's answer cannot be read"),
        (EndlessAnswer(), "a token server's answer cannot be read"),
        (AnswerStatus(status=401, code="UNAUTHORIZED", message="bad \x1b[31m password"), "refuses to give a token"),
        (AnswerStatus(status=404), "refuses to give a token"),
        (EndlessAnswer(status=403), "refuses to give a token: it answers 403"),
    ],
)
def test_a_token_servers_nonsense_is_a_clear_error(fault: AnswerText, message: str) -> None:
    with running_registry(login=TokenLogin()) as registry:
        registry.token_rules.add(always(fault, Step.TOKEN))
        with pytest.raises(RegistryError) as caught:
            Client(ada()).repository(registry).head_manifest("1")
        assert message in str(caught.value)
        assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "fault", [DropConnection(), AnswerStatus(status=503), AnswerStatus(status=429, retry_after="7")]
)
def test_a_token_server_in_trouble_is_asked_again(fault: AnswerStatus) -> None:
    with running_registry(login=TokenLogin()) as registry:
        registry.token_rules.add(once(fault, Step.TOKEN))
        client = Client(ada())
        assert client.repository(registry).head_manifest("1") is None
        assert client.pauses == ([7.0] if getattr(fault, "retry_after", None) else [1.0])


def test_a_token_server_that_is_not_there_is_a_clear_error() -> None:
    with (
        running_registry(login=TokenLogin(realm="http://127.0.0.1:1/token")) as registry,
        pytest.raises(TransientError, match=r"no connection to 127\.0\.0\.1"),
    ):
        Client(ada()).repository(registry).head_manifest("1")


def _authorizer(
    registry: Registry, *, clock: Callable[[], float] = lambda: 0.0
) -> tuple[Authorizer, tuple[Challenge, ...], Scope]:
    endpoint = Endpoint(registry=registry.address, url=registry.url)
    realm = f"{registry_realm(registry)}"
    challenges = parse_challenges([f'Bearer realm="{realm}",service="registry.testbed"'])
    return Authorizer(endpoint, ada(), UrllibHttp({}), clock=clock), challenges, Scope("team/app")


def registry_realm(registry: Registry) -> str:
    """Where its token service is, as its challenge says."""
    from tests.testbed.registry.raw_client import RawClient  # noqa: PLC0415

    with RawClient(registry.url) as client:
        return str(client("GET", "/v2/").headers["www-authenticate"].split('"')[1])


class _Silent:
    """A network that must not be used."""

    def send(self, request: object) -> None:
        raise AssertionError(request)


@pytest.mark.parametrize(
    ("registry", "realm", "message"),
    [
        ("https://registry.example.com", "http://auth.example.com/token", "wants credentials sent unencrypted"),
        ("https://registry.example.com", "https://10.0.0.5/token", "inside a private network"),
        ("https://registry.example.com", "https://169.254.169.254/latest/meta-data", "inside a private network"),
        ("https://registry.example.com", "https://[::1]/token", "inside a private network"),
        ("https://registry.example.com", "https://localhost/token", "inside a private network"),
        ("https://registry.example.com", "https://2130706433/token", "inside a private network"),
        ("http://10.0.0.1:5000", "ftp://10.0.0.1/token", "no address"),
        ("https://registry.example.com", "https://[/token", "no address"),
        ("https://registry.example.com", "token", "no address"),
        ("https://registry.example.com", "file:///etc/passwd", "no address"),
    ],
)
def test_a_realm_that_is_not_to_be_trusted_gets_nothing(registry: str, realm: str, message: str) -> None:
    authorizer = Authorizer(Endpoint(registry="r", url=registry), ada(), _Silent())  # type: ignore[arg-type]
    with pytest.raises(RegistryError, match=message):
        authorizer.renew(parse_challenges([f'Bearer realm="{realm}"']), Scope("team/app"), refused=None)


def test_basic_without_a_credential_gives_nothing_to_try() -> None:
    endpoint = Endpoint(registry="r", url="https://registry.example.com")
    authorizer = Authorizer(endpoint, NoKeychain(), _Silent())  # type: ignore[arg-type]
    assert not authorizer.renew(parse_challenges(["Basic realm=x"]), Scope("team/app"), refused=None)
    assert not authorizer.renew((), Scope("team/app"), refused=None)
    assert not authorizer.renew(parse_challenges(["Bearer service=x"]), Scope("team/app"), refused=None)
