from flask import Flask

from models import BILLS

app = Flask(__name__)


@app.route("/bills")
def bills():
    return BILLS
