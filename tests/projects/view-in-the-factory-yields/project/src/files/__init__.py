from .web import create_app
