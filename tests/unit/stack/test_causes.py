"""The commonest reasons why a stack does not come up, by the words in which engines and databases tell them."""

from __future__ import annotations

import pytest

from packer.stack.causes import CAUSES, explain


@pytest.mark.parametrize(
    ("words", "cause", "advice"),
    [
        (
            "driver failed programming connectivity: Bind for 127.0.0.1:8080 failed: port is already allocated",
            "port 8080",
            "--port",
        ),
        ("listen tcp4 127.0.0.1:8081: bind: address already in use", "port 8081", "--port"),
        ("toomanyrequests: You have reached your pull rate limit.", "pull", "pack login"),
        ("pull access denied for mysql, repository does not exist", "mysql", "pack login"),
        ("manifest for mysql:99 not found: manifest unknown", "mysql:99", "mysql.image"),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "linux/arm64/v8", "mysql.image"),
        ("exec /app/.venv/bin/python: exec format error", "processor", "--platform"),
        ("write /var/lib/docker/tmp: no space left on device", "disk is full", "pack prune"),
        ("could not find an available, non-overlapping IPv4 address pool among the defaults", "addresses", "prune"),
        (
            'invalid mount config for type "bind": bind source path does not exist: /shop/.secrets/secret_key',
            "/shop/.secrets/secret_key",
            "pack generate compose",
        ),
        ("required variable STRIPE_KEY is missing a value: the application needs it", "STRIPE_KEY", ".env"),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "does not answer", "docker"),
        (
            "[ERROR] [MY-000067] [Server] unknown variable 'default-authentication-plugin=mysql_native_password'.",
            "default-authentication-plugin",
            "take it out",
        ),
        (
            "[ERROR] [MY-014061] [Server] Invalid MySQL server downgrade: Cannot downgrade from 90700 to 80400.",
            "version",
            "pack db dump",
        ),
        ("[ERROR] --initialize specified but the data directory has files in it. Aborting.", "volume", "pack down"),
        ("(1045, \"Access denied for user 'shop'@'172.18.0.4' (using password: YES)\")", "shop", "database_password"),
        ('FATAL:  password authentication failed for user "shop"', "shop", "database_password"),
        ("(1049, \"Unknown database 'shop'\")", "shop", "pack db shell"),
        ("Authentication plugin 'caching_sha2_password' cannot be loaded: No such file", "caching_sha2", "driver"),
        (
            "'cryptography' package is required for sha256_password or caching_sha2_password",
            "cryptography",
            "PyMySQL[rsa]",
        ),
        ("alembic.util.exc.CommandError: Can't locate revision identified by '7cec9d48'", "7cec9d48", "stamp"),
        ("Multiple head revisions are present for given argument 'head'", "two ends", "merge heads"),
        ("(1146, \"Table 'shop.user' doesn't exist\")", "shop.user", "migrations"),
        ('psycopg2.errors.UndefinedTable: relation "user" does not exist', "user", "migrations"),
        (
            "(2003, \"Can't connect to MySQL server on 'localhost' ([Errno 111] Connection refused)\")",
            "localhost",
            "environment",
        ),
    ],
)
def test_what_is_said_is_understood(words: str, cause: str, advice: str) -> None:
    found = explain(words, "")

    assert cause in found.cause
    assert advice in found.hint


def test_there_are_at_least_twenty_of_them() -> None:
    assert len(CAUSES) >= 20


def test_the_service_s_own_words_come_before_those_of_compose() -> None:
    found = explain("dependency failed to start: container shop-app-1 is unhealthy", "Unknown database 'shop'")

    assert "shop" in found.cause


def test_an_app_is_explained_by_its_traceback() -> None:
    log = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'flask_cors'"

    assert "flask_cors" in explain("", log).cause


def test_memory_comes_first() -> None:
    assert "memory" in explain("", "whatever", out_of_memory=True).cause


def test_last_words_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in explain("", "a\x1b[31mb").excerpt


def test_without_any_words_the_state_is_told() -> None:
    assert explain("", "", why="its health check fails").cause == "its health check fails"
