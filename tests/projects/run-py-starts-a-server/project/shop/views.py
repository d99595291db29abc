from shop import app


@app.route("/")
def shelf():
    return "shelf"
