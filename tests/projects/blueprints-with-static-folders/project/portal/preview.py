"""Renders pages for e-mails; never serves anybody."""

from flask import Flask

renderer = Flask("portal.preview", static_folder="drafts")


@renderer.route("/healthz")
def healthz():
    return "of the renderer"
