"""How `flask db` runs migrations: on the application's own engine, one runner at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

LOCK = "guestbook:migrations"
LOCK_SECONDS = 300

db = current_app.extensions["migrate"].db
options = {"target_metadata": db.metadata, **current_app.extensions["migrate"].configure_args}


@contextmanager
def one_at_a_time(connection: Connection) -> Iterator[None]:
    """Hold a lock in MySQL, which commits each DDL statement on its own: two runners would trip over each other."""
    if connection.dialect.name != "mysql":
        yield
        return
    if connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": LOCK, "seconds": LOCK_SECONDS}) != 1:
        raise RuntimeError(f"Another migration has been running for {LOCK_SECONDS} seconds.")
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": LOCK})


def run_online() -> None:
    """Change the database."""
    with db.engine.connect() as connection, one_at_a_time(connection):
        connection.commit()  # the lock belongs to the connection, not to a transaction
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()


def run_offline() -> None:
    """Print the SQL, for `flask db upgrade --sql`."""
    context.configure(dialect_name=db.engine.dialect.name, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()


fileConfig(context.config.config_file_name, disable_existing_loggers=False)
if context.is_offline_mode():
    run_offline()
else:
    run_online()
