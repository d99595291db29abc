from flask import Flask

from content import topics

app = Flask(__name__)


@app.route("/")
def index():
    return topics()
