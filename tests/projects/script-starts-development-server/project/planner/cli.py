from planner.api import api


def main():
    api.run(debug=True, port=5001)
