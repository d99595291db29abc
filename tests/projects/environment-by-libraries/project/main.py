import os

from decouple import config
from environs import Env
from flask import Flask

from settings import settings

os.environ.setdefault("TZ", "UTC")
zone = os.environ["TZ"]

env = Env()
env.read_env()

app = Flask(__name__)
app.config["TOKEN"] = config("API_TOKEN")
app.config["SEARCH"] = env.url("SEARCH_URL")
app.logger.setLevel(env.str("LOG_LEVEL", "INFO"))


@app.get("/")
def home():
    return str(settings.page_size)
