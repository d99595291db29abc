import os


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY")
    SQLALCHEMY_DATABASE_URI = "mysql+pymysql://{user}:{password}@{host}/crm".format(
        user=os.environ.get("DB_USER", "crm"),
        password=os.environ.get("DB_PASSWORD", ""),
        host=os.environ.get("DB_HOST", "localhost"),
    )
    CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/1")


class TestingConfig(Config):
    SQLALCHEMY_DATABASE_URI = "sqlite:///crm-test.db"
