from flask import Blueprint

from settings import Settings

users = Blueprint("users", __name__)


@users.route("/users")
def listing():
    return [Settings.__name__]
