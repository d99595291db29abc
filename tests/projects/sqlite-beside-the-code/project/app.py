import os
import sqlite3
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from cache import pages

basedir = os.path.abspath(os.path.dirname(__file__))
DATA = Path(__file__).resolve().parent / "data"

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///site.db"
db = SQLAlchemy(app)
archive = f"sqlite:///{DATA / 'archive.db'}"


def count():
    with sqlite3.connect(os.path.join(basedir, "counter.db")) as connection:
        return connection.execute("select count(*) from visits").fetchone()


def remember(text):
    DATA.mkdir(exist_ok=True)
    (DATA / "log.txt").open("a").write(text)


@app.route("/")
def home():
    return str(count()) + pages.load("home")


if __name__ == "__main__":
    sqlite3.connect("development.db")
    app.run(debug=True)
