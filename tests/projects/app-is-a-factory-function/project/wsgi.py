from flask import Flask


def app():
    application = Flask(__name__)

    @application.get("/")
    def home():
        return "home"

    return application
