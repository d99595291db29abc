"""`WWW-Authenticate`: several challenges in one header, in several, and garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.registry.challenge import parse_challenges

BEARER = 'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a:pull,push"'
PARAMETERS = {
    "realm": "https://auth.example.com/token",
    "service": "registry.example.com",
    "scope": "repository:a:pull,push",
}


def parsed(*headers: str) -> list[tuple[str, dict[str, str]]]:
    return [(one.scheme, dict(one.parameters)) for one in parse_challenges(headers)]


@pytest.mark.parametrize(
    "headers",
    [
        [BEARER],
        [BEARER.replace(",s", ", s").replace("=", " = ", 1)],
        [f"Negotiate, {BEARER}"],
        [f"Negotiate YIIabc==, {BEARER}"],
        ["Negotiate", BEARER],
        ['Basic realm="a"', BEARER],
        [f'Basic realm="a, b", {BEARER}'],
        [f"{BEARER}, Basic realm=other"],
        [BEARER.replace("Bearer realm", "bearer REALM")],
        ["", ",,,", f" ,, {BEARER}"],
        [f"?? {BEARER}"],
    ],
    ids=str,
)
def test_a_bearer_challenge_is_found_wherever_it_stands(headers: list[str]) -> None:
    assert ("bearer", PARAMETERS) in parsed(*headers)


def test_challenges_keep_their_order_over_headers() -> None:
    assert [scheme for scheme, _ in parsed("Negotiate, Basic realm=x", BEARER)] == ["negotiate", "basic", "bearer"]


def test_quotes_and_backslashes_are_taken_off_and_addresses_may_stand_without_quotes() -> None:
    assert parsed(r'Basic realm="a\"b\\c"') == [("basic", {"realm": 'a"b\\c'})]
    assert parsed("Bearer realm=https://a.example/t?x=1,service=s") == [
        ("bearer", {"realm": "https://a.example/t?x=1", "service": "s"})
    ]


def test_the_first_of_two_values_counts() -> None:
    assert parsed('Bearer realm="https://good.example",realm="https://other.example"') == [
        ("bearer", {"realm": "https://good.example"})
    ]


@pytest.mark.parametrize("header", ['Bearer realm="open', "=", '"', "a=b", 'Bearer "x"', "\0", "é=ü", "Bearer realm="])
def test_garbage_gives_no_parameter(header: str) -> None:
    assert all(not parameters for _, parameters in parsed(header))


@given(st.lists(st.text(max_size=200), max_size=4))
def test_any_text_is_read_without_an_error(headers: list[str]) -> None:
    parse_challenges(headers)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Bearer", "basic", "NEGOTIATE"]),
            st.dictionaries(
                st.sampled_from(["realm", "service", "scope"]),
                st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
            ),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_what_is_written_is_read(challenges: list[tuple[str, dict[str, str]]], together: bool) -> None:  # noqa: FBT001
    texts = [
        " ".join((scheme, ", ".join(f'{name}="{_quoted(value)}"' for name, value in parameters.items())))
        for scheme, parameters in challenges
    ]
    headers = [", ".join(texts)] if together else texts
    assert parsed(*headers) == [(scheme.lower(), parameters) for scheme, parameters in challenges]


@pytest.mark.parametrize("filling", [" ", ",", "a", 'a="', "a =", '\\"', "= ", " ,"])
def test_a_long_header_is_read_in_part(filling: str) -> None:
    assert not any(one.parameters.get("realm") for one in parse_challenges([filling * 50_000, filling * 50_000]))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
