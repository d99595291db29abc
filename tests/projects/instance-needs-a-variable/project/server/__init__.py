from flask import Flask

from server.config import app_config


def create_app(config_name):
    app = Flask(__name__)
    app.config.from_object(app_config[config_name])

    @app.route("/")
    def index():
        return "index"

    return app
