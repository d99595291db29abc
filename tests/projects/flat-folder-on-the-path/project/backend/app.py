import json

from flask import Flask

from models import products

app = Flask(__name__)


@app.route("/products")
def listing():
    with open("data/products.json") as file:
        return json.load(file) + products
