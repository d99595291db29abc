from flask import Blueprint

indexBlueprint = Blueprint("index", __name__)


@indexBlueprint.route("/")
def index():
    return "index"
