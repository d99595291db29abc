"""Pages for what goes wrong. A traceback goes to the log, never to a visitor."""

from flask import Flask, current_app, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException, InternalServerError

__all__ = ["init_app"]

DATABASE_ERRORS = (OperationalError, InterfaceError, ProgrammingError)
"""The database is away, or its tables are not there yet."""


def init_app(app: Flask) -> None:
    """Answer every error with a page of the guest book's own."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _form_expired)
    for kind in DATABASE_ERRORS:
        app.register_error_handler(kind, _database_unavailable)


def _http_error(error: HTTPException) -> tuple[str, int]:
    code = error.code or InternalServerError.code
    return _page(code, error.name, error.description or ""), code


def _form_expired(_: CSRFError) -> tuple[str, int]:
    return _page(400, "That form is too old", "Go back, reload the page and sign again."), 400


def _database_unavailable(error: DBAPIError) -> tuple[str, int]:
    current_app.logger.error("The database cannot be used (is it there? has `flask db upgrade` run?): %s", error.orig)
    explanation = "Its pages cannot be reached right now. Please come back in a few minutes."
    return _page(503, "The guest book is closed for a moment", explanation), 503


def _page(code: int, title: str, explanation: str) -> str:
    return render_template("error.html", code=code, title=title, explanation=explanation)
