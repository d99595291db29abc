from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from guestbook import create_app


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    app = create_app({"SECRET_KEY": "for tests only", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/no/such.db"})
    return app.test_client()


def test_the_process_is_healthy(client: FlaskClient):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_the_process_is_not_ready(client: FlaskClient):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")


def test_the_book_is_closed_for_a_moment(client: FlaskClient):
    answer = client.get("/")

    assert answer.status_code == 503
    assert "closed for a moment" in answer.text
    assert "Traceback" not in answer.text


def test_missing_tables_close_the_book_too(app: Flask):
    from guestbook.extensions import db

    with app.app_context():
        db.drop_all()

    assert app.test_client().get("/").status_code == 503


def test_a_database_that_answers_makes_it_ready(app: Flask):
    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
