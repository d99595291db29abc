"""A guest book: visitors leave a name and a few lines, and read what others left."""

import logging
import os
from collections.abc import Mapping

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from guestbook import errors, security
from guestbook.config import engine_options, settings_from
from guestbook.extensions import csrf, db, migrate
from guestbook.views import entries, health

__all__ = ["create_app"]


def create_app(overrides: Mapping[str, object] | None = None) -> Flask:
    """Make the application; `overrides` win over the environment (tests use them)."""
    app = Flask(__name__)
    app.logger.setLevel(logging.INFO)
    settings, remarks = settings_from(os.environ, development=app.debug)
    app.config.from_mapping(settings)
    app.config.from_mapping(overrides or {})
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    for remark in remarks:
        app.logger.warning(remark)

    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    errors.init_app(app)
    security.init_app(app)
    app.register_blueprint(entries.blueprint)
    app.register_blueprint(health.blueprint)

    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
    return app
