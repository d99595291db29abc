from flask import Flask as Web


def routes(app):
    app.add_url_rule("/", "root", lambda: "root")
    return app


def build():
    web = Web(__name__)
    web = routes(web)
    return web, object()
