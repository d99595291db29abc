from .routes import app
