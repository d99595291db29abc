from flask import Flask

from forum.views import board


def create_app(config=None):
    app = Flask("forum")
    if config:
        app.config.from_pyfile(config, silent=True)
    app.register_blueprint(board)
    return app
