from flask import Flask

app = Flask(__name__)


@app.route("/")
def listing():
    return "listing"


if __name__ == "__main__":
    app.run()
