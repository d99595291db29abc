from flask import Flask

entry = Flask(__name__)
other = Flask("other")


@entry.route("/")
def index():
    return "index"


@other.route("/")
def second():
    return "second"
