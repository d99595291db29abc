from flask import Blueprint

blueprint = Blueprint("quotes", __name__)


@blueprint.get("/quotes")
def quotes():
    return []
