from flask import Blueprint

from portal.api.docs import docs
from portal.api.views import views

api = Blueprint("api", __name__)
for part in (docs, views):
    api.register_blueprint(part)
