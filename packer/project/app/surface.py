"""How much of an application a module brings: routes, blueprints, resources. Counted in the text: counts only rank."""

from __future__ import annotations

import re

from packer.project.tree import SourceTree
from packer.regex import regex

__all__ = ["Surface"]

_ROUTE = regex(
    r"^[ \t]*@[\w.]+\.(?:route|get|post|put|patch|delete|websocket|callback|expose|clientside_callback|api_route)\(",
    re.MULTILINE,
)
_REGISTRATION = regex(
    r"\.(?:add_url_rule|register_blueprint|register_blueprints|register_api|add_resource|add_api|include_router"
    r"|add_namespace|mount|add_view|add_route|register_routers)\(|\bPath\(|\bpath\(|\.layout\s*=|\bApi\(\w*app"
)
_PREFILTER = regex(r"route|register|add_|include_router|mount|\.layout|expose|callback|\.(?:get|post)\(|\bApi\(")


class Surface:
    """The number of routes and registrations in each file's text, counted once."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._counts: dict[str, int] = {}

    def of(self, path: str) -> int:
        """How many routes and registrations a file states."""
        if path not in self._counts:
            text = self._tree.read(path) or ""
            count = 0
            if _PREFILTER.search(text):
                count = len(_ROUTE.findall(text)) + len(_REGISTRATION.findall(text))
            self._counts[path] = count
        return self._counts[path]
