from flask import Flask, jsonify

application = Flask(__name__)


@application.route("/")
def index():
    return jsonify(status="up")


if __name__ == "__main__":
    application.run(debug=True)
