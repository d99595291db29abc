from flask import Flask


def assemble():
    site = Flask("intranet")
    site.add_url_rule("/", "home", lambda: "home")
    return site
