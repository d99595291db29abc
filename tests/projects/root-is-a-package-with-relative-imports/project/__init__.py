from flask import Flask

from .views import stores


def create_app():
    app = Flask(__name__)
    from .models.db import database

    database.init_db(app)
    app.register_blueprint(stores.blueprint)
    return app
