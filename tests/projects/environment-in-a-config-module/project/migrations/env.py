import os

url = os.environ["MIGRATIONS_URL"]
