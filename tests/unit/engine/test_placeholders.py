from __future__ import annotations

import re

import pytest

from packer.engine.placeholders import placeholder_environment
from packer.project.model import EnvironmentVariable


def wanted(name: str, role: str | None = None, *, required: bool = True) -> EnvironmentVariable:
    return EnvironmentVariable(name=name, required=required, role=role)


def test_only_required_variables_get_a_value():
    given = placeholder_environment([wanted("A"), wanted("B", required=False)], secret="s")

    assert list(given) == ["A"]


def test_a_secret_key_is_always_given_and_a_whole_address_beside_parts():
    key, address = wanted("KEY", "secret-key", required=False), wanted("URL", "database-url", required=False)

    assert list(placeholder_environment([key, address], secret="s")) == ["KEY"]
    assert list(placeholder_environment([key, address, wanted("AT", "database-host")], secret="s")) == [
        "AT",
        "KEY",
        "URL",
    ]


def test_an_example_is_better_than_a_guess():
    mode = EnvironmentVariable(name="MODE", required=True, role="mode", example="config.Live")

    assert placeholder_environment([mode], secret="s") == {"MODE": "config.Live"}


def test_the_port_stays_the_images_own():
    assert placeholder_environment([wanted("PORT", "port")], secret="s") == {}


def test_the_order_of_variables_does_not_matter():
    variables = [wanted("B"), wanted("A"), wanted("C_URL")]

    assert list(placeholder_environment(variables, secret="s").items()) == list(
        placeholder_environment(reversed(variables), secret="s").items()
    )


@pytest.mark.parametrize("role", ["secret-key", "database-password", "mail-password", "password", "token"])
def test_what_must_not_be_guessed_gets_the_callers_secret(role):
    assert placeholder_environment([wanted("X", role)], secret="tell-nobody") == {"X": "tell-nobody"}


def test_a_token_of_a_bot_has_the_form_that_clients_look_for():
    assert placeholder_environment([wanted("TELEGRAM_TOKEN", "token")], secret="s") == {"TELEGRAM_TOKEN": "100000:s"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_URL", "http://127.0.0.1:9"), ("MAIL_PORT", "9"), ("UPLOAD_FOLDER", "/tmp"), ("GREETING", "pack-check")],
)
def test_a_variable_without_a_role_gets_what_its_name_asks_for(name, value):
    assert placeholder_environment([wanted(name)], secret="s") == {name: value}


def test_numbers_where_roles_promise_numbers():
    for name, role in (("DB_PORT", "database-port"), ("REDIS_PORT", "redis-port"), ("WORKERS", "workers")):
        assert re.fullmatch(r"\d+", placeholder_environment([wanted(name, role)], secret="s")[name])
