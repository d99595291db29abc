from flask import Flask

from api.users import users
from settings import Settings

app = Flask(__name__)
app.config.from_object(Settings)
app.register_blueprint(users)
