from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from flask_pymongo import PyMongo

app = Flask(__name__)
app.config["MONGO_URI"] = "mongodb://localhost:27017/board"
mongo = PyMongo(app)

scheduler = BackgroundScheduler()
scheduler.start()
