"""Configuration files of servers and platforms that name the application under a key of their own."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

from msgspec.structs import replace

from packer.project.app.commands import inside
from packer.project.app.places import folder_of
from packer.project.app.syntax import every_statement
from packer.project.app.wishes import Wish, at_line, parse_target
from packer.project.tree import SourceTree, parse_module
from packer.regex import regex

__all__ = ["gunicorn_wishes", "uwsgi_wishes", "vercel_wishes", "wsgi_file_wishes", "wsgi_path_wishes", "zappa_wishes"]

_ZAPPA = regex(r"\"app_function\"\s*:\s*\"(?P<module>[\w.]+)\.(?P<attribute>\w+)\"")
_WSGI_PATH = regex(r"WSGIPath[\"']?\s*[:=]\s*[\"']?(?P<target>[\w./:\-]+)")
_UWSGI_TARGETS = ("module", "wsgi", "mount", "wsgi-file", "file")


def gunicorn_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """`wsgi_app` of a gunicorn configuration, with its `chdir` and `pythonpath`."""
    module = tree.module(base.source)
    values: dict[str, tuple[str, int]] = {}
    for node in module.body if module else ():
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as value)):
                values[name] = (value, node.lineno)
            case _:
                continue
    target, line = values.get("wsgi_app", ("", 0))
    parsed = parse_target(target)
    if parsed is None:
        return
    folder = inside(base.folder, values["chdir"][0]) if "chdir" in values else base.folder
    search = values["pythonpath"][0].split(",") if "pythonpath" in values else []
    yield replace(
        at_line(base, line, text.split("\n")[line - 1]),
        module=parsed[0],
        attribute=parsed[1],
        call=parsed[2],
        folder=folder,
        search=tuple(inside(folder, name) for name in search),
        server="gunicorn",
    )


def uwsgi_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """`module`, `wsgi-file` or `mount` of a uWSGI configuration, with `callable` and a relative `chdir`."""
    del tree
    if "uwsgi" not in text:
        return
    values = _uwsgi_values(text)
    key = next((name for name in _UWSGI_TARGETS if name in values), None)
    if key is None:
        return
    target, number, line = values[key]
    parsed = parse_target(target.partition("=")[2].strip() or target)
    if parsed is None:
        return
    chdir = values["chdir"][0] if "chdir" in values else ""
    yield replace(
        at_line(base, number, line),
        module=parsed[0],
        attribute=parsed[1] or (values["callable"][0] if "callable" in values else None),
        call=parsed[2],
        folder=inside(base.folder, chdir) if chdir and not chdir.startswith("/") else base.folder,
        server="uwsgi",
    )


def _uwsgi_values(text: str) -> dict[str, tuple[str, int, str]]:
    """Value, line number and line by key; the first of each key counts."""
    values: dict[str, tuple[str, int, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key, sign, value = line.partition("=" if "=" in line else ":")
        if sign and not key.lstrip().startswith((";", "#")):
            values.setdefault(key.strip(), (value.strip(), number, line))
    return values


def zappa_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """`app_function` of Zappa's settings: `module.attribute`, all with dots."""
    del tree
    for number, line in enumerate(text.split("\n"), 1):
        found = _ZAPPA.search(line)
        if found:
            yield replace(
                at_line(base, number, line), module=found["module"], attribute=found["attribute"], server="zappa"
            )


def vercel_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """The Python files among the builds of a vercel.json."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return
    builds = settings.get("builds") if isinstance(settings, dict) else None
    for build in builds if isinstance(builds, list) else ():
        source = build.get("src") if isinstance(build, dict) else None
        if isinstance(source, str) and source.endswith(".py") and tree.has(inside(base.folder, source)):
            number = next((number for number, line in enumerate(text.split("\n"), 1) if source in line), 1)
            yield replace(at_line(base, number, f'"src": "{source}"'), module=source, server="vercel")


def wsgi_file_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """What a .wsgi file, which only Apache can load, imports or makes under the name `application`."""
    module = parse_module(text, base.source)
    lines = text.split("\n")
    imports: dict[str, tuple[str, str]] = {}
    for node in every_statement(module.body) if module else ():
        here = at_line(base, node.lineno, lines[node.lineno - 1])
        match node:
            case ast.ImportFrom(module=str() as name, level=0, names=names):
                imports |= {alias.asname or alias.name: (name, alias.name) for alias in names}
                for alias in names:
                    if (alias.asname or alias.name) == "application":
                        yield replace(here, module=name, attribute=alias.name, server="apache")
            case ast.Assign(targets=[ast.Name(id="application")], value=ast.Call(func=ast.Name(id=made))) if (
                made in imports
            ):
                yield replace(
                    here, module=imports[made][0], attribute=imports[made][1], calls_factory=True, server="apache"
                )
            case ast.Assign(targets=[ast.Name(id="application")], value=ast.Name(id=made)) if made in imports:
                yield replace(here, module=imports[made][0], attribute=imports[made][1], server="apache")
            case _:
                continue
    del tree


def wsgi_path_wishes(text: str, base: Wish, tree: SourceTree) -> Iterator[Wish]:
    """`WSGIPath` of Elastic Beanstalk: a file, or `module:attribute`."""
    del tree
    above = replace(base, folder=folder_of(folder_of(base.source)))
    for number, line in enumerate(text.split("\n"), 1):
        found = _WSGI_PATH.search(line)
        parsed = parse_target(found["target"]) if found else None
        if parsed is not None:
            yield replace(at_line(above, number, line), module=parsed[0], attribute=parsed[1], call=parsed[2])
