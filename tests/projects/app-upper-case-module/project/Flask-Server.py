import flask

APP = flask.Flask(__name__)


@APP.route("/weather/<town>")
def weather(town):
    return {"town": town}


if __name__ == "__main__":
    APP.run(port=8080)
