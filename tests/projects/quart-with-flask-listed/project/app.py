from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/ws")
async def feed():
    await websocket.send("hello")
