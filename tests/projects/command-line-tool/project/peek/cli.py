import click
from flask import Flask


@click.command()
@click.argument("file")
def main(file):
    app = Flask(__name__)

    @app.route("/")
    def page():
        return open(file).read()

    app.run()
