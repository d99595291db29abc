from flask import Flask

from config import configurations


def create_app(environment):
    app = Flask(__name__)
    app.config.from_object(configurations[environment])

    @app.route("/")
    def index():
        return "index"

    return app
