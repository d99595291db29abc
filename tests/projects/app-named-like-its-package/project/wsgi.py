import os

from forum.app import create_app

forum = create_app(config=os.path.join(os.path.dirname(__file__), "forum.cfg"))
