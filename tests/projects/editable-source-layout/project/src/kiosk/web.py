import yaml
from flask import Flask


def create_app():
    app = Flask(__name__)
    app.config["MENU"] = yaml.safe_load("[tea, coffee]")
    return app
