from flask import Flask
from src.helper import splitter

app = Flask(__name__)


@app.route("/")
def index():
    return splitter.__name__
