from flask import Flask


def create_app(debug=False):
    flask_app = Flask(__name__)
    flask_app.debug = debug

    @flask_app.route("/ping")
    def ping():
        return "pong"

    return flask_app


if __name__ == "__main__":
    app = create_app(debug=True)
    app.run()
