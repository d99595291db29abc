from flask import Flask


def make_app():
    app = Flask(__name__)

    @app.route("/")
    def pictures():
        return "pictures"

    return app
