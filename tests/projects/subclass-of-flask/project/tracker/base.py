import flask as f


class Base(f.Flask):
    jinja_options = {"autoescape": True}
