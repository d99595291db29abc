import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--port", default=4000)
args = parser.parse_args()

from contest import create_app

app = create_app()
app.run(port=args.port)
