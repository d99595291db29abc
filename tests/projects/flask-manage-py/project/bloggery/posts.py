from flask import Blueprint

blueprint = Blueprint("posts", __name__)


@blueprint.route("/")
def latest():
    return "latest"
