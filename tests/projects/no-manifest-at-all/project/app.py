import cv2
import yaml
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from inventory import stock

app = Flask(__name__)
db = SQLAlchemy()
