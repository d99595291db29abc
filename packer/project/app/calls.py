"""Calls of frameworks' constructors, of middlewares around an application, of the project's classes and functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from packer.project.app.classes import ClassReader
from packer.project.app.frameworks import Constructor, constructor_named, wrapper_interface
from packer.project.app.reading import Frame, Reader
from packer.project.app.syntax import methods
from packer.project.app.values import App, Class, External, Function, Instance, Value
from packer.project.model import Interface

__all__ = ["CallReader"]

_APP_KEYWORDS = ("app", "application", "wsgi_app", "wsgi_application", "other_asgi_app", "server")


class CallReader:
    """Reads what a call gives back."""

    def __init__(self, reader: Reader, classes: ClassReader) -> None:
        self._reader = reader
        self._classes = classes

    def result(self, node: ast.Call, frame: Frame) -> Value:
        """What a call stands for."""
        match self._reader.expression(node.func, frame):
            case External(name=name):
                return self._external(name, node, frame)
            case Class() as of:
                return self._constructed(of, node, frame)
            case Function() as function:
                return self._reader.returned(function, node, frame)
            case _:
                return None

    def _external(self, name: str, node: ast.Call, frame: Frame) -> Value:
        constructor = constructor_named(name)
        if constructor is not None:
            return self._made(constructor, node, frame)
        interface = wrapper_interface(name)
        if interface is None:
            return None
        wrapped = self._wrapped(interface, node, frame)
        if wrapped is None and name.startswith("socketio."):
            return App(framework="other", interface=interface, path=frame.path, line=node.lineno)
        return wrapped

    def _made(self, constructor: Constructor, node: ast.Call, frame: Frame) -> App:
        given = (keyword.value for keyword in node.keywords if keyword.arg == constructor.host and constructor.host)
        hosts = (self._reader.expression(value, frame) for value in given)
        host = next((value for value in hosts if isinstance(value, App)), None)
        return self._classes.made_by(constructor, (frame.path, node.lineno), host)

    def _constructed(self, of: Class, node: ast.Call, frame: Frame) -> Value:
        constructor = self._classes.constructor_of(of)
        if constructor is not None:
            return self._made(constructor, node, frame)
        if any(method.name == "__call__" and len(method.args.args) == 3 for method in methods(of.node)):
            wrapped = self._wrapped("wsgi", node, frame)
            if wrapped is not None:
                return wrapped
        return Instance(of=of)

    def _wrapped(self, interface: Interface, node: ast.Call, frame: Frame) -> App | None:
        """The application that a middleware is given, as the middleware shows it to a server."""
        inner = next(self._apps_given(node, frame), None)
        return replace(inner, interface=interface, suffix="", wraps=inner.wraps + 1) if inner else None

    def _apps_given(self, node: ast.Call, frame: Frame) -> Iterator[App]:
        keywords = [keyword.value for keyword in node.keywords if keyword.arg in _APP_KEYWORDS]
        for argument in (*node.args, *keywords):
            mounted = argument.values if isinstance(argument, ast.Dict) else ()  # DispatcherMiddleware's mounts
            for value in (argument, *mounted):
                app = self._reader.expression(value, frame)
                if isinstance(app, App):
                    yield app
