from flask import Flask

app = Flask(__name__)


@app.route("/debug")
def debug():
    return "debug"


if __name__ == "__main__":
    app.run()
