from flask import Blueprint

views = Blueprint("views", __name__)


@views.route("/")
def front():
    return "front"
