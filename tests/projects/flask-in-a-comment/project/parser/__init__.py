"""Parses things. An app = Flask(__name__) can use it, see create_app() in the manual."""
# from flask import Flask
# app = Flask(__name__)


def parse(text):
    return text.split()
