import sys

from app import create_app

if __name__ == "__main__":
    create_app(sys.argv[1] if len(sys.argv) > 1 else "development").run()
