"""What the database holds."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from guestbook.extensions import db

__all__ = ["MESSAGE_LENGTH", "NAME_LENGTH", "Entry"]

NAME_LENGTH = 60
MESSAGE_LENGTH = 1000


def _now() -> datetime:
    """The time in UTC, to the second and without its zone, as the databases keep it."""
    return datetime.now(UTC).replace(microsecond=0, tzinfo=None)


class Entry(db.Model):
    """What one visitor left."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    message: Mapped[str] = mapped_column(String(MESSAGE_LENGTH))
    written_at: Mapped[datetime] = mapped_column(DateTime, default=_now)

    @property
    def initial(self) -> str:
        """The letter on the entry's seal."""
        return self.name[:1].upper()
