from extensions import app
from pages import pages

app.register_blueprint(pages)
