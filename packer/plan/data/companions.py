"""Which release of one distribution needs which releases of another, where its own metadata does not say so.

Each row was tried in November 2026 on Python 3.11 by installing the first with the newest of everything else (it fails
to import) and again under the limit (it works).
"""

from __future__ import annotations

from msgspec import Struct
from packaging.version import Version

__all__ = ["BRINGS", "COMPANIONS", "NEEDS", "OUTLIVED", "SUBSTITUTES", "UNBUILDABLE", "Companion", "Substitute"]

# A distribution, the first and the last-but-one version concerned (`-`: all), its partner, and below what it must stay.
# Flask stays below 1.1.3 where Flask 1 is needed: 1.1.3 and later limit Jinja2 to releases that want a MarkupSafe which
# has no wheels any more.
_COMPANIONS = """
dash - 2.1 werkzeug 2.1
flask - 2 itsdangerous 2.1
flask - 2 jinja2 3.1
flask 1.1.3 2 markupsafe 2.1
flask - 2 werkzeug 2.1
flask - 2.2 flask-sqlalchemy 3
flask - 2.3 werkzeug 3
flask-admin - 1.6 jinja2 3.1
flask-admin - 1.6.1 sqlalchemy 2
flask-apispec - 0.9 marshmallow 4
flask-assets - 2.1 flask 2.3
flask-avatars - 0.2.3 flask 3
flask-babel - 3 flask 2.3
flask-babelex - - flask 3
flask-babelex - - werkzeug 3
flask-bcrypt - 1 werkzeug 2.1
flask-breadcrumbs - - flask-menu 1
flask-cache - - flask 1.1.3
flask-cache - - werkzeug 1
flask-ckeditor - 0.4.4 flask 3
flask-classful - 0.14.3 werkzeug 2.2
flask-classy - - werkzeug 2.2
flask-debugtoolbar - 0.14 flask 2.3
flask-dropzone - 1.5.5 flask 3
flask-googlemaps - - flask 3
flask-gravatar - - flask 2.3
flask-httpauth 4 4.5 werkzeug 2.1
flask-jsglue - - jinja2 3.1
flask-jwt-extended 3.25 4.3 flask 1.1.3
flask-jwt-extended - 4 pyjwt 2
flask-jwt - - flask 2.3
flask-limiter - 2.6.3 flask 2.3
flask-login - 0.6 flask 2.3
flask-login - 0.6 werkzeug 2.1
flask-login - 0.6.3 flask 3
flask-login - 0.6.3 werkzeug 3
flask-markdown - - flask 3
flask-marshmallow - 0.12 marshmallow-sqlalchemy 0.23
flask-marshmallow - 1.2.2 marshmallow 4
flask-misaka - 0.4.2 flask 3
flask-moment - 1 jinja2 3.1
flask-mongoengine - - flask 2.3
flask-mysql - 1.4.1 flask 3
flask-oauthlib - - flask 2.3
flask-oauthlib - - werkzeug 2.1
flask-pagedown - 0.4 jinja2 3.1
flask-paginate - 0.5.2 flask 3
flask-restful - 0.3.9 flask 1.1.3
flask-restplus - - flask 1.1.3
flask-restplus - - werkzeug 1
flask-restx - 1.2 flask 3
flask-restx - 1 werkzeug 2.1
flask-restx - 1.2 werkzeug 3
flask-rq - - redis 4
flask-script - - flask 1.1.3
flask-seasurf - 0.2.3 flask 2.3
flask-seasurf - 0.2.3 werkzeug 2.1
flask-share - - flask 3
flask-simplemde - - flask 3
flask-socketio - 5 flask 2.2
flask-socketio - 5.3 flask 2.3
flask-socketio - 4 python-engineio 3.9
flask-socketio - 5 python-engineio 4
flask-socketio - 5 python-socketio 5
flask-socketio - 5 werkzeug 2.1
flask-sqlalchemy - 2.5 flask 2.2
flask-sqlalchemy - 3 flask 2.3
flask-sqlalchemy - 2.5 sqlalchemy 1.4
flask-sqlalchemy - 3 sqlalchemy 2
flask-sqlalchemy - 2.5 werkzeug 2.1
flask-table - - flask 3
flask-uploads - - flask 1.1.3
flask-uploads - - werkzeug 1
flask-whooshee - 0.7.1 flask-sqlalchemy 3
flask-wtf - 1.1 flask 2.3
flask-wtf - 1.1.2 flask 3
flask-wtf - 0.15 jinja2 3.1
flask-wtf - 0.15 werkzeug 2.1
flask-wtf - 1.1.2 werkzeug 3
itsdangerous - 2.1 flask 2.3
jinja2 - 3.1 flask 2.3
jinja2 - 3 markupsafe 2.1
marshmallow-sqlalchemy - 0.23 sqlalchemy 2
marshmallow-sqlalchemy - 1 marshmallow 4
pandas - 2.2.2 numpy 2
pandas-datareader - - pandas 3
python-socketio - 5 python-engineio 4
sqlalchemy - 1.4 flask-sqlalchemy 3
webargs - 6 marshmallow 4
werkzeug - 1 flask 1.1.3
"""


class Companion(Struct, frozen=True, kw_only=True):
    """A distribution within a range of versions needs a partner below a version."""

    name: str
    lower: Version | None
    upper: Version | None
    partner: str
    limit: str


def _version(text: str) -> Version | None:
    return None if text == "-" else Version(text)


def _companions() -> tuple[Companion, ...]:
    rows = (line.split() for line in _COMPANIONS.strip().split("\n"))
    return tuple(
        Companion(name=name, lower=_version(lower), upper=_version(upper), partner=partner, limit=limit)
        for name, lower, upper, partner, limit in rows
    )


COMPANIONS = _companions()

NEEDS = {
    "apscheduler": ("setuptools<81", "3.10.4", "it imports pkg_resources"),
    "dash": ("setuptools<81", "2.14", "it imports pkg_resources"),
    "bleach": ("setuptools<81", "3", "it imports pkg_resources"),
    "face-recognition": ("setuptools<81", None, "its models import pkg_resources"),
    "flask-babel": ("pytz", "3", "it imports pytz, which Babel no longer brings"),
    "flask-babelex": ("pytz", None, "it imports pytz, which Babel no longer brings"),
    "flask-limiter": ("setuptools<81", "3", "it, or its limits, imports pkg_resources"),
    "flask-rq2": ("setuptools<81", None, "it imports pkg_resources"),
    "gunicorn": ("setuptools<81", "21", "it imports pkg_resources"),
    "markdown": ("setuptools<81", "3.2", "it imports pkg_resources"),
    "python-telegram-bot": ("setuptools<81", "20", "its APScheduler imports pkg_resources"),
    "newspaper3k": ("lxml-html-clean", None, "it imports a part that lxml gave away"),
}
"""What a distribution imports without asking for it: the requirement, below which version, and why."""


OUTLIVED = {
    "flask-jwt": (
        "pyjwt>=1.7.1,<2",
        "flask-jwt asks for one below 1.5, which Python 3.10 and later do not run, and works with this one",
    ),
}
"""Limits that a distribution states and does not need: what is taken of its partner instead, and why."""


BRINGS = {"face-recognition": "dlib"}
"""What a distribution asks for that has a substitute."""

UNBUILDABLE = {"pyyaml": (Version("5.4"), Version("6"), "!=5.4,!=5.4.1")}
"""Releases without wheels whose source does not build with today's tools: the range whose newest they would be, and how
to leave them out."""


class Substitute(Struct, frozen=True, kw_only=True):
    """The distribution that takes another one's place, and the reason.

    `same_versions`: it has every release of the other; else only the major version is kept, and only where `era` says
    that the two count alike.
    """

    name: str
    reason: str
    same_versions: bool = False
    era: bool = False


SUBSTITUTES = {
    "dlib": Substitute(
        name="dlib-bin",
        era=True,
        reason="it has to be compiled, for many minutes; the same module ready-made has wheels",
    ),
    "mysql-connector": Substitute(
        name="mysql-connector-python",
        reason="it was abandoned and has no wheels; its successor provides the same module",
    ),
    "mysql-python": Substitute(
        name="mysqlclient",
        reason="it is for Python 2; mysqlclient provides the same module",
    ),
    "opencv-contrib-python": Substitute(
        name="opencv-contrib-python-headless",
        era=True,
        reason="it wants a screen's libraries; the headless one provides the same module",
    ),
    "opencv-python": Substitute(
        name="opencv-python-headless",
        era=True,
        reason="it wants a screen's libraries; the headless one provides the same module",
    ),
    "pil": Substitute(name="pillow", reason="it is for Python 2; Pillow provides the same module"),
    "psycopg2": Substitute(
        name="psycopg2-binary",
        same_versions=True,
        reason="it has to be compiled; the same release with its library inside has wheels",
    ),
    "pycrypto": Substitute(name="pycryptodome", reason="it no longer builds; PyCryptodome provides the same module"),
    "sklearn": Substitute(name="scikit-learn", reason="it is an empty stand-in that refuses to be installed"),
}
"""Distributions that an image cannot use as they are."""
