from flask import Flask, render_template
from flask_socketio import SocketIO, emit

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent")


@app.route("/")
def index():
    return render_template("index.html")


@socketio.on("message")
def message(text):
    emit("message", text, broadcast=True)


if __name__ == "__main__":
    socketio.run(app)
