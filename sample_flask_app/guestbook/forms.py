"""The one form."""

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from guestbook.models import MESSAGE_LENGTH, NAME_LENGTH

__all__ = ["EntryForm"]


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else text


class EntryForm(FlaskForm):
    """A name and a few lines. Validators also become attributes of the HTML fields."""

    name = StringField(
        "Your name",
        filters=[_stripped],
        validators=[DataRequired("Please leave a name."), Length(max=NAME_LENGTH)],
        render_kw={"autocomplete": "name"},
    )
    message = TextAreaField(
        "Your message",
        filters=[_stripped],
        validators=[DataRequired("Please leave a few words."), Length(max=MESSAGE_LENGTH)],
        render_kw={"rows": 4},
    )
