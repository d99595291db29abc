import psycopg
from flask import Flask, jsonify, render_template
from flask_login import login_required


class Settings:
    MEGABYTE = 1024 * 1024
    MAX_CONTENT_LENGTH = 5 * MEGABYTE


app = Flask(__name__)
app.config.from_object(Settings)


@app.get("/health")
def health():
    with psycopg.connect("") as connection:
        connection.execute("select 1")
    return jsonify(status="ok")


@app.get("/livez")
def livez():
    return {"status": "ok"}


@app.post("/healthz")
def healthz():
    return "only POST"


@app.get("/secret")
@login_required
def secret():
    return "hidden"


@app.get("/about")
def about():
    return render_template("about.html")
