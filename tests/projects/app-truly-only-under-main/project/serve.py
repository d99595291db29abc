from flask import Flask

if __name__ == "__main__":
    app = Flask(__name__)

    @app.route("/")
    def index():
        return "only here"

    app.run(port=5000)
