from flask import Flask

app = Flask(__name__)

from catalog import views
