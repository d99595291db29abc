from flask import Flask

application = Flask("fixture")
