from flask import Flask

from models import ACCOUNTS

app = Flask(__name__)


@app.route("/accounts")
def accounts():
    return ACCOUNTS
