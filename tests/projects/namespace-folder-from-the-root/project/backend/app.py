from flask import Flask

from backend.api.orders import orders

app = Flask(__name__)
app.register_blueprint(orders)

if __name__ == "__main__":
    app.run()
