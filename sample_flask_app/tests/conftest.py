from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from guestbook import create_app
from guestbook.extensions import db


@pytest.fixture
def app() -> Iterator[Flask]:
    """The application on an empty database in memory."""
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "for tests only",
            "SQLALCHEMY_DATABASE_URI": "sqlite://",
            "WTF_CSRF_ENABLED": False,
            "ENTRIES_PER_PAGE": 3,
        }
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
