"""What makes a value a web application: the constructors, factories and wrappers of the frameworks, by full name.

Names are those that an import resolves to, so an alias or a re-export changes nothing and a word in a comment counts
for nothing.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from packer.project.model import Framework, Interface

__all__ = ["FRAMEWORK_PACKAGES", "Constructor", "constructor_named", "is_factory_name", "wrapper_interface"]


class Constructor(Struct, frozen=True, kw_only=True):
    """A callable outside the project that makes an application.

    Attributes:
        suffix: what stands between the object and the callable a server wants (`.server` of a Dash object).
        host: the keyword argument that takes an application made earlier (`Dash(server=…)`).
        package: the import package it comes from.
        certain: False where only the callable's name speaks for it (`somepackage.create_app()`).
    """

    framework: Framework
    interface: Interface
    suffix: str = ""
    host: str | None = None
    package: str = ""
    certain: bool = True


_FLASK = Constructor(framework="flask", interface="wsgi")
_DASH = Constructor(framework="dash", interface="wsgi", suffix=".server", host="server")
_QUART = Constructor(framework="quart", interface="asgi")
_FASTAPI = Constructor(framework="fastapi", interface="asgi")
_STARLETTE = Constructor(framework="starlette", interface="asgi")
_BOTTLE = Constructor(framework="bottle", interface="wsgi")
_OTHER_WSGI = Constructor(framework="other", interface="wsgi")
_OTHER_ASGI = Constructor(framework="other", interface="asgi")
_GUESS = Constructor(framework="flask", interface="wsgi", certain=False)

_CONSTRUCTORS = {
    "flask.Flask": _FLASK,
    "flask.app.Flask": _FLASK,
    "apiflask.APIFlask": _FLASK,
    "flask_openapi3.OpenAPI": _FLASK,
    "flask_api.FlaskAPI": _FLASK,
    "eve.Eve": _FLASK,
    "connexion.App": _FLASK,
    "connexion.FlaskApp": _FLASK,
    "connexion.apps.flask.FlaskApp": _FLASK,
    "connexion.apps.flask_app.FlaskApp": _FLASK,
    "connexion.AsyncApp": Constructor(framework="starlette", interface="asgi"),
    "dash.Dash": _DASH,
    "dash.dash.Dash": _DASH,
    "jupyter_dash.JupyterDash": _DASH,
    "dash_extensions.enrich.Dash": _DASH,
    "dash_extensions.enrich.DashProxy": _DASH,
    "quart.Quart": _QUART,
    "quart.app.Quart": _QUART,
    "quart_trio.QuartTrio": _QUART,
    "fastapi.FastAPI": _FASTAPI,
    "fastapi.applications.FastAPI": _FASTAPI,
    "starlette.applications.Starlette": _STARLETTE,
    "litestar.Litestar": _OTHER_ASGI,
    "litestar.app.Litestar": _OTHER_ASGI,
    "starlite.Starlite": _OTHER_ASGI,
    "sanic.Sanic": _OTHER_ASGI,
    "blacksheep.Application": _OTHER_ASGI,
    "bottle.Bottle": _BOTTLE,
    "bottle.app": _BOTTLE,
    "bottle.default_app": _BOTTLE,
    "falcon.App": Constructor(framework="falcon", interface="wsgi"),
    "falcon.API": Constructor(framework="falcon", interface="wsgi"),
    "falcon.asgi.App": Constructor(framework="falcon", interface="asgi"),
    "django.core.wsgi.get_wsgi_application": Constructor(framework="django", interface="wsgi"),
    "django.core.asgi.get_asgi_application": Constructor(framework="django", interface="asgi"),
    "webapp2.WSGIApplication": _OTHER_WSGI,
}

_WSGI_WRAPPERS = frozenset({
    "ASGIMiddleware",
    "DebuggedApplication",
    "DispatcherMiddleware",
    "PrefixMiddleware",
    "ProxyFix",
    "SharedDataMiddleware",
    "WSGIApp",
    "WhiteNoise",
})  # fmt: skip
_ASGI_WRAPPERS = frozenset({"ASGIApp", "AsgiMiddleware", "WSGIMiddleware", "WsgiToAsgi", "WsgiToAsgiInstance"})
_OTHER_PURPOSE = frozenset({"celery", "cli", "test", "mock", "fake", "worker", "sub", "script", "huey", "rq"})
_FACTORY_WORDS = ("create", "make", "build", "get", "init")

FRAMEWORK_PACKAGES = frozenset(name.partition(".")[0] for name in _CONSTRUCTORS)
"""Import names that mean the installed framework, even where a folder of the project has the same name."""


def constructor_named(name: str) -> Constructor | None:
    """The constructor that a full dotted name outside the project stands for.

    >>> constructor_named("flask.Flask").framework
    'flask'
    >>> constructor_named("flask.Blueprint") is None
    True
    """
    package, _, last = name.rpartition(".")
    top = package.partition(".")[0]
    known = _CONSTRUCTORS.get(name)
    if known is None and package and last == "Flask":  # extensions that hand out Flask or their own subclass of it
        known = _FLASK
    if known is None and package and is_factory_name(last) and top not in FRAMEWORK_PACKAGES:
        known = _GUESS
    return replace(known, package=top) if known else None


def is_factory_name(name: str) -> bool:
    """Whether a function's name says that it makes an application: `create_app`, `make_wsgi_app`, `app_factory`."""
    words = name.lower().strip("_").split("_")
    if _OTHER_PURPOSE & set(words):
        return False
    if words[-1] in {"app", "application"} and words[0] in _FACTORY_WORDS:
        return True
    return words in (["app", "factory"], ["application", "factory"], ["createapp"], ["makeapp"])


def wrapper_interface(name: str) -> Interface | None:
    """How a server calls the result of a wrapper outside the project around an application, None if it wraps none."""
    last = name.rpartition(".")[2]
    if last in _ASGI_WRAPPERS or name == "asgiref.wsgi.WsgiToAsgi":
        return "asgi"
    if last in _WSGI_WRAPPERS or last.endswith("Middleware"):
        return "wsgi"
    return None
