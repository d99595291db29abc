from flask import Blueprint

docs = Blueprint("docs", __name__, url_prefix="/docs", static_folder="assets", static_url_path="/assets")
