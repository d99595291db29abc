from flask import Flask

from . import quotes


def create_app():
    app = Flask(__name__)
    app.register_blueprint(quotes.blueprint)
    return app
