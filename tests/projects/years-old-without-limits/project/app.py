from flask import Flask, Markup
from flask_sqlalchemy import SQLAlchemy
from werkzeug import secure_filename

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///notes.db"
db = SQLAlchemy(app)


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)


db.create_all()


@app.route("/")
def index():
    return Markup("<p>%s</p>" % secure_filename("a b"))
