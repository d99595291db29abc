from __future__ import annotations

import doctest

import pytest

from packer.system import urls
from packer.system.urls import basic_authorization, origin, redacted


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(urls).failed == 0


@pytest.mark.parametrize(
    "other", ["http://example.com/", "https://example.com:8443/", "https://sub.example.com/", "https://example.com:x/"]
)
def test_another_scheme_port_or_host_is_another_origin(other: str) -> None:
    assert (origin(other) == origin("https://example.com/")) == (other == "https://example.com:x/")


@pytest.mark.parametrize(
    "url", ["https://me:p@ss@example.com/x", "https://token@example.com/x", "https://example.com/x"]
)
def test_what_is_shown_has_no_credentials(url: str) -> None:
    assert redacted(url) == "https://example.com/x"


def test_an_address_that_cannot_be_read_is_not_shown_at_all() -> None:
    assert "secret" not in redacted("http://me:secret@[broken/")


def test_no_credentials_are_no_header() -> None:
    assert basic_authorization("https://example.com/a@b") == {}
