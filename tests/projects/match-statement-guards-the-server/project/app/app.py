from flask import Flask

from routes.index import indexBlueprint
from settings import APP_NAME

app = Flask(import_name=APP_NAME)
app.register_blueprint(indexBlueprint)

match __name__:
    case "__main__":
        app.run(debug=True)
