"""Rules: what a request carries, and who lets it through."""

from __future__ import annotations

from packer.plan.arithmetic.figures import StackFigures
from packer.plan.finding import Finding

__all__ = ["forms_fit", "proxies_are_believed", "size", "statements_fit", "uploads_arrive"]

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def size(count: float) -> str:
    """A number of bytes for people.

    >>> size(16 << 20), size(500_000), size(100)
    ('16 MiB', '488.3 KiB', '100 bytes')
    """
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{count:g} bytes"


def uploads_arrive(figures: StackFigures) -> Finding:
    """What the app accepts, nginx lets through."""
    limit, own = figures.web.body, figures.app.body
    through = size(limit.value) if limit.value else "anything"
    if own is None:
        what = f"nginx lets bodies of {through} through (client_max_body_size); the app sets no MAX_CONTENT_LENGTH"
        return Finding(area="numbers", subject="upload size", state="ok", what=what)
    sentence = f"the app accepts {size(own)} (MAX_CONTENT_LENGTH), nginx lets {through} through (client_max_body_size)"
    if not limit.value or own <= limit.value:
        return Finding(area="numbers", subject="upload size", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="upload size",
        state="warning",
        what=f"{sentence}: nginx answers 413 to what the app would take",
        fix=f"set client_max_body_size to {own} in nginx.conf, or body-limit = {own} under [tool.pack.web]",
    )


def forms_fit(figures: StackFigures) -> Finding | None:
    """Flask 3.1 refuses long texts in forms although the body may be large."""
    form = figures.app.form
    accepted = figures.app.body or figures.web.body.value
    if form is None or (accepted and accepted <= form):
        return None
    what = (
        f"a form's fields that are no files may take {size(form)} together (MAX_FORM_MEMORY_SIZE), "
        f"though a body may have {size(accepted) if accepted else 'any size'}"
    )
    fix = "set MAX_FORM_MEMORY_SIZE in the app's configuration, if people send long texts"
    return Finding(area="numbers", subject="forms", state="note", what=what, fix=fix)


def statements_fit(figures: StackFigures) -> Finding | None:
    """What is uploaded fits into one statement, for apps that keep files in the database."""
    database = figures.database
    accepted = figures.app.body or figures.web.body.value
    if database is None or database.packet is None or (accepted and accepted <= database.packet.value):
        return None
    what = (
        f"the database takes statements of {size(database.packet.value)} (max_allowed_packet), "
        f"a body may have {size(accepted) if accepted else 'any size'}"
    )
    fix = "raise max-allowed-packet in deploy/mysql.cnf, if the app keeps uploads in the database"
    return Finding(area="numbers", subject="statement size", state="note", what=what, fix=fix)


def proxies_are_believed(figures: StackFigures) -> Finding:
    """Nginx, which has another address than gunicorn, is believed when it says that a request came by https."""
    believes = figures.app.believes
    if believes is not None:
        what = f"gunicorn believes the X-Forwarded-* headers of {'everybody' if believes == '*' else believes}"
        return Finding(area="numbers", subject="forwarded headers", state="ok", what=what)
    return Finding(
        area="numbers",
        subject="forwarded headers",
        state="warning",
        what="gunicorn believes nobody's X-Forwarded-Proto: behind https the app sees http, redirects in circles, and "
        "its secure cookies do not come back",
        fix='set FORWARDED_ALLOW_IPS: "*" for the service app, which nothing but nginx reaches',
    )
