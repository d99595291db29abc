from pathlib import Path

from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from guestbook import create_app
from guestbook.extensions import db

MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


def test_the_migrations_make_what_the_models_say(tmp_path: Path):
    app = create_app({"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/book.db"})
    with app.app_context():
        upgrade(MIGRATIONS)
        check(MIGRATIONS)
        assert "entries" in inspect(db.engine).get_table_names()

        downgrade(MIGRATIONS, "base")
        assert "entries" not in inspect(db.engine).get_table_names()
        db.engine.dispose()
