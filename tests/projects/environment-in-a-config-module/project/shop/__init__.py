import os

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy

from shop.config import Live, env_flag

db = SQLAlchemy()


def create_app(config=Live):
    app = Flask(__name__)
    app.config.from_object(config)
    api_key = os.getenv("PAYMENT_API_KEY")
    if not api_key:
        raise RuntimeError("PAYMENT_API_KEY is missing")
    app.config["PAYMENT_API_KEY"] = api_key
    app.config["BETA"] = env_flag("FEATURE_BETA")
    db.init_app(app)

    @app.get("/")
    def home():
        # os.environ["ONLY_A_COMMENT"]
        greeting = os.environ["SITE_NAME"] if "SITE_NAME" in os.environ else "hello"
        return greeting + str(current_app.config["ITEMS_PER_PAGE"])

    return app
