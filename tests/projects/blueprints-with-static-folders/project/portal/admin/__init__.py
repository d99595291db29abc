from flask import Blueprint

admin = Blueprint("admin", __name__, url_prefix="/admin", static_folder="files")


@admin.route("/")
def overview():
    return "admin"
