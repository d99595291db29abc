from main import app as running


def schedule(app):
    return running or app
