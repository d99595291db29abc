"""The guest book itself: read it, and write in it."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from guestbook.extensions import db
from guestbook.forms import EntryForm
from guestbook.models import Entry

__all__ = ["blueprint"]

blueprint = Blueprint("entries", __name__)


@blueprint.get("/")
def index() -> str:
    """The newest entries, a page at a time, and a form to add one."""
    return _page(EntryForm())


@blueprint.post("/")
def sign() -> Response | tuple[str, int]:
    """Add an entry. The redirect keeps a reload from adding it twice."""
    form = EntryForm()
    if not form.validate():
        return _page(form), 422
    db.session.add(Entry(name=form.name.data, message=form.message.data))
    db.session.commit()
    flash("Thank you for signing the guest book.")
    return redirect(url_for("entries.index"), code=303)


def _page(form: EntryForm) -> str:
    newest_first = db.select(Entry).order_by(Entry.id.desc())
    page = db.paginate(newest_first, per_page=current_app.config["ENTRIES_PER_PAGE"])
    return render_template("index.html", form=form, page=page)
