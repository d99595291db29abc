from flask import Flask

app = Flask(__name__)


@app.route("/accounts")
def accounts():
    return []
