import os

from server import create_app

config_name = os.getenv("APP_SETTINGS")
app = create_app(os.getenv("APP_SETTINGS"))

if __name__ == "__main__":
    app.run()
