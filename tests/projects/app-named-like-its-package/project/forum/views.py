from flask import Blueprint

board = Blueprint("board", __name__)


@board.route("/")
def topics():
    return "topics"
