from flask import Flask


class Service:
    def __init__(self, name):
        self.app = Flask(name)
        self.app.add_url_rule("/", "index", self.index)

    def index(self):
        return "index"

    def run(self):
        self.app.run(port=5000)


service = Service(__name__)

if __name__ == "__main__":
    service.run()
