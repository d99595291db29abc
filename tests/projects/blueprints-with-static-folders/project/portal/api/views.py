from flask import Blueprint, jsonify

PREFIX = "/api"
views = Blueprint("views", __name__, url_prefix=PREFIX)


@views.get("/ping")
def ping():
    return jsonify(ok=True)


@views.get("/users/<int:number>")
def user(number):
    return str(number)
