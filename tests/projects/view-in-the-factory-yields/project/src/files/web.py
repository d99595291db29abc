from flask import Flask, Response


def create_app(base_dir=None):
    app = Flask(__name__)

    @app.route("/events")
    def events():
        def generate():
            while True:
                yield "data: tick\n\n"

        return Response(generate(), mimetype="text/event-stream")

    return app
