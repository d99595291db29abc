from catalog import app


@app.route("/")
def items():
    return "items"
