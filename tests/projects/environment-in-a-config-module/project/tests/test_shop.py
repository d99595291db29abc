import os

TEST_DATABASE = os.environ["TEST_DATABASE_URL"]
