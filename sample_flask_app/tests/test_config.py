from pathlib import Path

import pytest

from guestbook import create_app
from guestbook.config import ConfigurationError, settings_from


def url(environ: dict[str, str], **options: bool) -> str:
    settings, _ = settings_from(environ, **options)
    return settings["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)


def test_an_empty_environment_is_enough():
    settings, remarks = settings_from({})

    assert settings["SECRET_KEY"]
    assert [remark.split()[0] for remark in remarks] == ["SECRET_KEY", "Neither"]
    assert url({}) == "mysql+pymysql://guestbook@localhost:3306/guestbook?charset=utf8mb4"


def test_development_uses_a_file():
    assert url({}, development=True) == "sqlite:///guestbook.db"


def test_a_made_up_key_is_never_the_same():
    assert settings_from({})[0]["SECRET_KEY"] != settings_from({})[0]["SECRET_KEY"]


def test_a_secret_can_be_a_file(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("p@ss/word\n", encoding="utf-8")

    assert url({"DATABASE_HOST": "db", "DATABASE_PASSWORD_FILE": str(secret)}).startswith(
        "mysql+pymysql://guestbook:p%40ss%2Fword@db:3306/"
    )


def test_a_variable_and_its_file_together_are_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="both set"):
        settings_from({"SECRET_KEY": "a", "SECRET_KEY_FILE": str(tmp_path)})


def test_a_secret_file_that_is_missing_is_named():
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FILE names /no/such/file"):
        settings_from({"SECRET_KEY_FILE": "/no/such/file"})


def test_a_plain_mysql_url_uses_the_installed_driver():
    assert url({"DATABASE_URL": "mysql://u:p@db/book"}) == "mysql+pymysql://u:p@db/book"


def test_a_broken_url_is_refused_without_showing_it():
    with pytest.raises(ConfigurationError) as caught:
        settings_from({"DATABASE_URL": "hunter2"})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_number_is_a_number(value: str):
    with pytest.raises(ConfigurationError, match="TRUSTED_PROXIES is"):
        settings_from({"TRUSTED_PROXIES": value})


def test_forwarded_headers_count_only_behind_a_proxy():
    def remote(trusted: int) -> tuple[str, str]:
        seen = []
        app = create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://", "TRUSTED_PROXIES": trusted})

        @app.before_request
        def remember():
            from flask import request

            seen.append((request.remote_addr, request.scheme))

        headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        app.test_client().get("/healthz", headers=headers)
        return seen[0]

    assert remote(0) == ("127.0.0.1", "http")
    assert remote(1) == ("203.0.113.7", "https")
