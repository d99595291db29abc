from flask import Blueprint

from ..models.db import database

blueprint = Blueprint("stores", __name__)


@blueprint.route("/")
def index():
    return str(database)
