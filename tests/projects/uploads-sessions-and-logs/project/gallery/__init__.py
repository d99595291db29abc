import os
import secrets
from logging.handlers import RotatingFileHandler

from flask import Flask, request
from flask_session import Session
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config["UPLOAD_FOLDER"] = os.path.join(app.root_path, "static", "uploads")
app.config.update(MAX_CONTENT_LENGTH=16 * 1024 * 1024, SESSION_TYPE="filesystem")
Session(app)

if not os.path.exists("logs"):
    os.mkdir("logs")
app.logger.addHandler(RotatingFileHandler("logs/gallery.log", maxBytes=10240))

try:
    with open("secret_key.txt") as stored:
        app.secret_key = stored.read()
except FileNotFoundError:
    app.secret_key = secrets.token_hex()
    with open("secret_key.txt", "w") as stored:
        stored.write(app.secret_key)

WORDS = open("words.txt").read().split()


@app.post("/pictures")
def add_picture():
    picture = request.files["picture"]
    name = secure_filename(picture.filename)
    picture.save(os.path.join(app.config["UPLOAD_FOLDER"], name))
    picture.save(os.path.join("/srv/thumbnails", name))
    return "", 201
