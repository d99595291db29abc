from flask import Flask

from bloggery import posts


def create_app():
    app = Flask(__name__)
    register_blueprints(app)
    return app


def register_blueprints(app):
    app.register_blueprint(posts.blueprint)
