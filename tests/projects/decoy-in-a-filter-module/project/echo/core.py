from flask import Flask, request

from . import filters

app = Flask(__name__)


@app.route("/get")
def view_get():
    return dict(request.args)


@app.route("/gzip")
@filters.gzip
def view_gzip():
    return "gzipped"


if __name__ == "__main__":
    app.run()
