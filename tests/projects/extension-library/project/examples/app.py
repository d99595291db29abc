from flask import Flask

from flask_stamps import Stamps

app = Flask(__name__)
Stamps(app)


@app.route("/")
def index():
    return "stamped"
