"""The testbed's registry asks for a password or a token, in each of the ways that registries have."""

from __future__ import annotations

import base64
from urllib.parse import urlencode, urlsplit

import pytest

from tests.testbed.registry import (
    Account,
    BasicLogin,
    Registry,
    ScopeReading,
    Step,
    TokenLogin,
    TokenTerms,
    running_registry,
)
from tests.testbed.registry.raw_client import RawClient, Reply, digest_of

ADA = "Basic " + base64.b64encode(b"ada:countess").decode()
PUSH = "repository:team/app:pull,push"
PULL_BASE = "repository:team/base:pull"
UPLOADS = "/v2/team/app/blobs/uploads/"
MOUNT = f"{UPLOADS}?mount={digest_of(b'x')}&from=team/base"


def challenge(reply: Reply) -> dict[str, str]:
    """The parameters of the Bearer challenge."""
    assert reply.status == 401
    ours = reply.headers["www-authenticate"].partition("Bearer ")[2]
    pairs = (part.partition("=") for part in ours.removesuffix('"').split('",'))
    return {name: value.removeprefix('"') for name, _, value in pairs}


def token_reply(registry: Registry, *scopes: str, authorization: str | None = ADA) -> Reply:
    with RawClient(registry.url) as client:
        realm = urlsplit(challenge(client("GET", "/v2/"))["realm"])
    with RawClient(f"http://{realm.netloc}", authorization=authorization) as client:
        query = urlencode([("service", "registry.testbed"), *(("scope", scope) for scope in scopes)])
        return client("GET", f"{realm.path}?{query}")


def token(registry: Registry, *scopes: str, authorization: str | None = ADA) -> str:
    return f"Bearer {token_reply(registry, *scopes, authorization=authorization).document['token']}"


def posted(registry: Registry, **form: str) -> Reply:
    with RawClient(registry.url) as client:
        realm = urlsplit(challenge(client("GET", "/v2/"))["realm"])
    with RawClient(f"http://{realm.netloc}") as client:
        return client("POST", realm.path, urlencode(form).encode())


def status(registry: Registry, authorization: str | None, method: str = "POST", target: str = UPLOADS) -> int:
    with RawClient(registry.url, authorization=authorization) as client:
        return client(method, target).status


def test_a_password_is_asked_for_and_taken() -> None:
    with running_registry(login=BasicLogin()) as registry, RawClient(registry.url) as client:
        refused = client("GET", "/v2/")
        assert (refused.status, refused.code) == (401, "UNAUTHORIZED")
        assert refused.headers["www-authenticate"] == 'Basic realm="testbed"'
        words = [None, ADA, "Basic " + base64.b64encode(b"ada:wrong").decode(), "Basic %", "Bearer x"]
        assert [status(registry, word) for word in words] == [401, 202, 401, 401, 401]


def test_somebody_known_may_still_be_denied() -> None:
    reader = Account(actions=frozenset({"pull"}))
    with (
        running_registry(login=BasicLogin(accounts=(reader,))) as registry,
        RawClient(registry.url, authorization=ADA) as client,
    ):
        assert (client("GET", "/v2/").status, client("POST", UPLOADS).code) == (200, "DENIED")


def test_a_token_is_good_for_its_scopes_only() -> None:
    with running_registry(login=TokenLogin()) as registry:
        with RawClient(registry.url) as client:
            asked = challenge(client("POST", UPLOADS))
        assert (asked["service"], asked["scope"]) == ("registry.testbed", PUSH)
        assert status(registry, token(registry, PUSH)) == 202
        assert status(registry, token(registry, "repository:team/app:pull")) == 401
        assert status(registry, token(registry, PULL_BASE)) == 401
        assert status(registry, token(registry), "GET", "/v2/") == 200
        with RawClient(registry.url, authorization=token(registry, PULL_BASE)) as client:
            assert challenge(client("POST", UPLOADS))["error"] == "insufficient_scope"
        assert registry.token_traffic.of(Step.TOKEN)[0].authorization == ADA


def test_nobody_may_pull_and_no_more() -> None:
    with running_registry(login=TokenLogin()) as registry:
        nobody = token(registry, PUSH, authorization=None)
        assert status(registry, nobody) == 401
        assert status(registry, nobody, "GET", "/v2/team/app/tags/list") == 404


def test_a_wrong_password_gets_no_token() -> None:
    with running_registry(login=TokenLogin()) as registry:
        wrong = "Basic " + base64.b64encode(b"ada:wrong").decode()
        assert token_reply(registry, PUSH, authorization=wrong).status == 401


def test_an_account_gets_what_it_has_of_what_it_asks() -> None:
    account = Account(limited_to=frozenset({"team/app"}))
    with running_registry(login=TokenLogin(terms=TokenTerms(accounts=(account,)))) as registry:
        both = token(registry, PUSH, PULL_BASE)
        assert status(registry, both) == 202
        assert status(registry, both, "GET", "/v2/team/base/tags/list") == 401


@pytest.mark.parametrize(
    ("reading", "statuses"),
    [(ScopeReading.ALL, [202, 202]), (ScopeReading.FIRST, [202, 401]), (ScopeReading.LAST, [401, 202])],
)
def test_a_service_may_read_one_scope_only(reading: ScopeReading, statuses: list[int]) -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(scopes=reading))) as registry:
        orders = [(PUSH, PULL_BASE), (PULL_BASE, PUSH)]
        assert [status(registry, token(registry, *scopes)) for scopes in orders] == statuses


def test_a_mount_may_need_both_rights() -> None:
    with running_registry(login=TokenLogin(mount_needs_both=True)) as registry:
        assert status(registry, token(registry, PUSH), target=MOUNT) == 401
        assert status(registry, token(registry, PUSH, PULL_BASE), target=MOUNT) == 202
        with RawClient(registry.url) as client:
            assert challenge(client("POST", MOUNT))["scope"] == f"{PUSH} {PULL_BASE}"


def test_an_answer_may_call_the_token_otherwise_and_leave_its_life_open() -> None:
    terms = TokenTerms(key="access_token", stated=False)
    with running_registry(login=TokenLogin(terms=terms)) as registry:
        assert list(token_reply(registry, PUSH).document) == ["access_token"]


def test_a_refresh_token_is_exchanged() -> None:
    terms = TokenTerms(accounts=(Account(refresh_token="again"),))
    with running_registry(login=TokenLogin(terms=terms)) as registry:
        form = {"grant_type": "refresh_token", "client_id": "pack", "service": "registry.testbed", "scope": PUSH}
        got = posted(registry, refresh_token="again", **form).document
        assert (got["refresh_token"], got["expires_in"]) == ("again", 300)
        assert status(registry, f"Bearer {got['access_token']}") == 202
        assert posted(registry, refresh_token="wrong", **form).status == 401
        by_password = {**form, "grant_type": "password", "username": "ada", "password": "countess"}
        assert posted(registry, **by_password).status == 200
        assert posted(registry, grant_type="refresh_token", refresh_token="again").status == 400


def test_a_service_may_know_no_exchange() -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(takes_post=False))) as registry:
        assert posted(registry, grant_type="refresh_token", client_id="pack").status == 404


def test_a_challenge_may_leave_out_the_service_and_stand_behind_others() -> None:
    login = TokenLogin(service=None, before=("Negotiate", 'Basic realm="a, b"'))
    with running_registry(login=login) as registry, RawClient(registry.url) as client:
        field = client("GET", "/v2/").headers["www-authenticate"]
    assert field.startswith('Negotiate, Basic realm="a, b", Bearer realm="http://127.0.0.1:')
    assert "service" not in field


def test_challenges_may_come_in_several_fields() -> None:
    login = TokenLogin(beside=("Negotiate", 'Basic realm="a"'))
    with running_registry(login=login) as registry, RawClient(registry.url) as client:
        fields = client("GET", "/v2/").headers.get_all("www-authenticate", [])
    assert [field.partition(" ")[0] for field in fields] == ["Negotiate", "Basic", "Bearer"]


def test_a_realm_may_be_anywhere() -> None:
    login = TokenLogin(realm="http://169.254.0.1/token")
    with running_registry(login=login) as registry, RawClient(registry.url) as client:
        assert challenge(client("GET", "/v2/"))["realm"] == login.realm


def test_a_token_ends_after_its_uses() -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(uses=2))) as registry:
        mine = token(registry, PUSH)
        assert [status(registry, mine) for _ in range(3)] == [202, 202, 401]
        with RawClient(registry.url, authorization=mine) as client:
            assert challenge(client("POST", UPLOADS))["error"] == "invalid_token"


def test_a_token_ends_with_its_lifetime() -> None:
    with running_registry(login=TokenLogin(terms=TokenTerms(lifetime=60))) as registry:
        assert registry.tokens is not None
        now = 1_000.0
        registry.tokens.clock = lambda: now
        mine = token(registry, PUSH)
        assert status(registry, mine) == 202
        now += 60
        assert status(registry, mine) == 401


def test_all_tokens_can_be_revoked() -> None:
    with running_registry(login=TokenLogin()) as registry:
        mine = token(registry, PUSH)
        assert registry.tokens is not None
        registry.tokens.revoke_all()
        assert status(registry, mine) == 401
