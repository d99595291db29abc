"""Blueprints, and the URL prefixes they are mounted under: their own, those of their registrations and of parents."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from packer.project.code.constants import Constants
from packer.project.code.module import Site
from packer.project.code.program import Definition, Program
from packer.project.code.scope import Scope
from packer.project.code.values import is_known
from packer.project.routing.application import keyword

__all__ = ["Blueprint", "Blueprints", "joined_url"]

_MAX_PREFIXES = 16
Key = tuple[str, int, int]


class Blueprint(Struct, frozen=True, kw_only=True):
    """A blueprint, and every prefix that it is mounted under (`""` for none)."""

    call: Site[ast.Call]
    prefixes: tuple[str, ...]


class _Registration(Struct, frozen=True):
    """One mounting: the prefix that it states (None for none), and the blueprint it happens on (None for the app)."""

    prefix: str | None
    parent: Key | None


class Blueprints:
    """The blueprints of a program, by the place where they are made."""

    def __init__(self, program: Program, constants: Constants) -> None:
        self._program = program
        self._constants = constants
        self._calls = {self._key(site): site for site in self._constructions()}
        self._registrations: dict[Key, list[_Registration]] = defaultdict(list)
        self._some_unnamed = False
        self._known_prefixes: dict[Key, tuple[str, ...]] = {}
        for module in program.modules:
            for site in module.calls:
                if isinstance(site.node.func, ast.Attribute) and site.node.func.attr == "register_blueprint":
                    self._register(site)

    @property
    def all(self) -> Iterator[Blueprint]:
        """Every blueprint that is mounted, in the order of the program."""
        for key, call in self._calls.items():
            prefixes = self._prefixes(key)
            if prefixes:
                yield Blueprint(call=call, prefixes=prefixes)

    def of(self, node: ast.expr, scope: Scope) -> Blueprint | None:
        """The blueprint that an expression stands for; None when it stands for something else."""
        key = self.key_of(node, scope)
        return Blueprint(call=self._calls[key], prefixes=self._prefixes(key)) if key else None

    def key_of(self, node: ast.expr, scope: Scope) -> Key | None:
        """Where the blueprint that an expression stands for is made."""
        meaning = self._program.meaning(node, scope)
        return meaning.key if isinstance(meaning, Definition) and meaning.key in self._calls else None

    def _key(self, site: Site[ast.Call]) -> Key:
        return site.scope.path, site.node.lineno, site.node.col_offset

    def _constructions(self) -> Iterator[Site[ast.Call]]:
        for module in self._program.modules:
            for site in module.calls:
                if self._makes_blueprint(site.node.func, site.scope):
                    yield site

    def _makes_blueprint(self, function: ast.expr, scope: Scope) -> bool:
        return any(name.endswith("Blueprint") and "." in name for name in self._program.ancestry(function, scope))

    def _register(self, site: Site[ast.Call]) -> None:
        given = keyword(site.node, "blueprint", 0) or keyword(site.node, "blp", 0)
        assert isinstance(site.node.func, ast.Attribute)
        keys = list(self._meant(given, site.scope)) if given is not None else []
        if not keys:
            self._some_unnamed = True
            return
        stated = keyword(site.node, "url_prefix")
        prefix = self._text(stated, site.scope)
        if stated is not None and prefix is None and not _is_none(stated):
            return  # a prefix that only running the code can tell
        parent = self.key_of(site.node.func.value, site.scope)
        for key in keys:
            self._registrations[key].append(_Registration(prefix, parent))

    def _meant(self, node: ast.expr, scope: Scope) -> Iterator[Key]:
        """The blueprints that an argument stands for: several when it is the variable of a loop."""
        found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
        for bound in found[1] if found and len(found[1]) > 1 else ():
            if isinstance(bound.value, ast.expr):
                key = self.key_of(bound.value, bound.scope)
                if key is not None:
                    yield key
        single = self.key_of(node, scope)
        if single is not None:
            yield single

    def _prefixes(self, key: Key) -> tuple[str, ...]:
        """Every prefix of a blueprint, each once; blueprints that are mounted in a circle have none by that way."""
        if key not in self._known_prefixes:
            self._known_prefixes[key] = ()
            self._known_prefixes[key] = tuple(islice(dict.fromkeys(self._find_prefixes(key)), _MAX_PREFIXES))
        return self._known_prefixes[key]

    def _find_prefixes(self, key: Key) -> Iterator[str]:
        site = self._calls[key]
        stated = keyword(site.node, "url_prefix", 5)
        own = self._text(stated, site.scope) if stated is not None else None
        if stated is not None and own is None and not _is_none(stated):
            return
        registrations = self._registrations.get(key, ())
        if not registrations and self._some_unnamed:
            yield joined_url(own or "", "")
        for registration in dict.fromkeys(registrations):
            last = registration.prefix if registration.prefix is not None else own or ""
            above = ("",) if registration.parent is None else self._prefixes(registration.parent)
            for prefix in above:
                yield joined_url(prefix, last) if last else prefix

    def _text(self, node: ast.expr | None, scope: Scope) -> str | None:
        value = self._constants.value(node, scope) if node is not None else None
        return value if is_known(value) and isinstance(value, str) else None


def joined_url(prefix: str, rule: str) -> str:
    """A rule behind a prefix, as Flask joins them.

    >>> joined_url("/api/", "/users"), joined_url("/api", ""), joined_url("", "/")
    ('/api/users', '/api', '/')
    """
    if not rule:
        return prefix.rstrip("/")
    return f"{prefix.rstrip('/')}/{rule.lstrip('/')}"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
