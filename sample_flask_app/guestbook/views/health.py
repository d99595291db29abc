"""What a container engine asks. Neither answer needs a session, a form or a page."""

from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from guestbook.extensions import db

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers. A database that is away must not get the process restarted, so it is not asked."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """The process can do its work: the database answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        current_app.logger.warning("Not ready: %s", error)
        return {"status": "unavailable", "reason": "the database does not answer"}, 503
    return {"status": "ok"}, 200
