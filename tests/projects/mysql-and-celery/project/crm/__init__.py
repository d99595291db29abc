from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from crm import config

db = SQLAlchemy()


def create_app(testing=False):
    # mongodb://localhost was an idea
    app = Flask(__name__)
    app.config.from_object(config.TestingConfig if testing else config.Config)
    db.init_app(app)
    Migrate(app, db, directory="database/versions")
    return app
