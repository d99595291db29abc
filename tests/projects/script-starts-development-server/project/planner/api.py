from flask import Flask

api = Flask("planner")


@api.route("/plans")
def plans():
    return []
