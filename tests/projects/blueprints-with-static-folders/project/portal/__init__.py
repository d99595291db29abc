from flask import Flask

from portal import preview
from portal.admin import admin
from portal.api import api


def create_app():
    app = Flask(__name__, static_folder="../public", static_url_path="")
    app.register_blueprint(admin, url_prefix="/office")
    app.register_blueprint(api, url_prefix="/v2")
    return app
