import os
from os import environ as settings


def env_flag(name):
    """True when a variable is set to anything that is not a no."""
    return os.environ.get(name, "").lower() in ("1", "true", "yes")


class Base:
    SECRET_KEY = os.environ.get("SECRET_KEY") or "dont-show-me"
    SQLALCHEMY_DATABASE_URI = settings.get("DATABASE_URL")
    MAX_CONTENT_LENGTH = int(os.environ["UPLOAD_LIMIT"]) * 1024
    REDIS_URL = os.getenv("REDIS_URL", default="redis://localhost:6379/0")
    ITEMS_PER_PAGE = int(os.getenv("ITEMS_PER_PAGE", 20))
    SITE_NAME = os.getenv("SITE_NAME") or "The shop"


class Live(Base):
    ADMINS = [os.environ["ADMIN_EMAIL"]]
