from __future__ import annotations

import pytest

from packer.system.proxies import Proxies

URL = "https://files.example.com:8443/x"


def chosen(url: str, **environment: str) -> str | None:
    return Proxies.from_environment(environment).proxy_for(url)


def test_no_variable_means_no_proxy() -> None:
    assert chosen(URL) is None


def test_the_scheme_decides_and_all_proxy_is_the_rest() -> None:
    environment = {"HTTPS_PROXY": "http://a:1", "ALL_PROXY": "http://b:2"}
    assert chosen(URL, **environment) == "http://a:1"
    assert chosen("http://example.com", **environment) == "http://b:2"


def test_the_lower_case_variable_wins_and_a_scheme_is_added() -> None:
    assert chosen(URL, HTTPS_PROXY="http://a:1", https_proxy="b:2") == "http://b:2"


@pytest.mark.parametrize(
    "rule",
    ["*", "files.example.com", "example.com", ".example.com", "*.example.com", "other.test, EXAMPLE.com",
     "files.example.com:8443"],
)  # fmt: skip
def test_no_proxy_exempts_hosts_and_their_domains(rule: str) -> None:
    assert chosen(URL, https_proxy="http://a:1", no_proxy=rule) is None


@pytest.mark.parametrize("rule", ["ample.com", "files.example.com:443", "10.0.0.0/8", "", " , "])
def test_no_proxy_exempts_nothing_else(rule: str) -> None:
    assert chosen(URL, https_proxy="http://a:1", no_proxy=rule) == "http://a:1"


@pytest.mark.parametrize(("host", "rule"), [("10.1.2.3", "10.0.0.0/8"), ("[fd00::1]", "fd00::/8"), ("[::1]", "::1")])
def test_no_proxy_exempts_networks(host: str, rule: str) -> None:
    assert chosen(f"https://{host}/x", https_proxy="http://a:1", no_proxy=rule) is None
