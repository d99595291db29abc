"""What a server imports: `gunicorn wsgi:app`, or `flask run`."""

from guestbook import create_app

app = create_app()
