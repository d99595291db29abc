from decorator import decorator
from flask import Flask

app = Flask(__name__)


@decorator
def gzip(function, *args, **kwargs):
    return app.make_response(function(*args, **kwargs))
