from flask import Flask

app = Flask(__name__)


@app.route("/")
def old():
    return "an old page, kept for reference"
