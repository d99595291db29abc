"""Code of another year: uses of names that newer releases have removed, found so that the right releases are chosen.

Most public applications state no upper limits, or none that hold: what they were written for is to be read in their
code. Each rule was tried against the releases before and after its limit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from packer.project.connexion import former_connexion_uses
from packer.project.dated_names import ATTRIBUTES, CALLS, IMPORTS, KEYWORDS, METHODS, ON_PYTHON, DatedName
from packer.project.import_statements import is_aside_condition, stands_on, survives
from packer.project.imports import ProductionCode
from packer.project.model import DatedUse
from packer.project.tree import SourceTree, evidence_at

__all__ = ["read_dated"]

MAX_EVIDENCE = 3
_SIGNS = tuple(
    sorted(
        {*METHODS, *(function for function, _ in KEYWORDS), *ATTRIBUTES}
        | {"CACHE_TYPE", "Limiter", "yaml.load", "select(", "connexion"}
        | {f".{method}" for method in ("execute", "create_all", "drop_all", "reflect", "paginate")}
    )
)
"""One of these texts stands in every module that has a dated use other than an import: most need not be searched."""
_SESSIONS = frozenset({"session", "connection", "conn", "engine", "db_session"})
_SHORT_CACHES = frozenset(
    {"filesystem", "memcached", "null", "redis", "rediscluster", "redissentinel", "saslmemcached", "simple", "uwsgi"}
)
_MODULE_LEVEL_DATABASE = frozenset({"create_all", "drop_all", "reflect"})


def read_dated(tree: SourceTree, code: ProductionCode) -> tuple[DatedUse, ...]:
    """The dated uses in the modules that the application leads to, sorted."""
    tops = frozenset(one.module.split(".", 1)[0] for one in code.imports)
    found: dict[DatedName, list[tuple[str, int]]] = {}
    for one in (*code.imports, *code.standard):
        rule = _import_rule(one.module) if one.when != "maybe" else None
        for needed in filter(None, (rule, ON_PYTHON.get(rule.what) if rule else None)):
            found.setdefault(needed, []).append((one.path, one.line))
    for path in code.modules:
        lines = _lines_with_signs(tree.read(path) or "")
        module = tree.module(path) if lines else None
        for rule, line in _uses(module, tops, lines) if module else ():
            found.setdefault(rule, []).append((path, line))
        for what, line in former_connexion_uses(module) if module and "connexion" in tops else ():
            former = DatedName(distribution="connexion", limit="<3", what=what)
            found.setdefault(former, []).append((path, line))
    uses = [
        DatedUse(
            name=rule.distribution,
            limit=rule.limit,
            what=rule.what,
            evidence=tuple(evidence_at(tree, path, line) for path, line in sorted(set(places))[:MAX_EVIDENCE]),
        )
        for rule, places in found.items()
    ]
    return tuple(sorted(uses, key=lambda use: (use.name, use.limit, use.what)))


def _lines_with_signs(text: str) -> list[int]:
    """The numbers of the lines that a dated use may stand on, in order."""
    found: set[int] = set()
    for sign in _SIGNS:
        place = text.find(sign)
        while place >= 0:
            found.add(text.count("\n", 0, place) + 1)
            place = text.find(sign, place + len(sign))
    return sorted(found)


def _uses(module: ast.Module, tops: frozenset[str], lines: Sequence[int]) -> Iterator[tuple[DatedName, int]]:
    yield from _module_level(module.body, tops)
    for node in _plain_nodes(module, lines):
        if isinstance(node, ast.Call):
            yield from _called(node, tops)
        elif isinstance(node, ast.Dict | ast.Assign):
            if "flask_caching" in tops and _names_a_short_cache(node):
                yield CALLS["CACHE_TYPE"], node.lineno
        elif isinstance(node, ast.Attribute):
            rule = METHODS.get(node.attr) or _attribute_rule(node)
            if rule and (not rule.module or rule.module in tops):
                yield rule, node.lineno


def _plain_nodes(module: ast.Module, lines: Sequence[int]) -> Iterator[ast.AST]:
    """Every node on some lines, outside of code that tries several releases' ways: who writes that minds newer ones."""
    todo: list[ast.AST] = [module]
    while todo:
        node = todo.pop()
        if not stands_on(node, lines):
            continue
        if isinstance(node, ast.Try) and survives(node, {"AttributeError", "ImportError", "TypeError"}):
            continue
        if isinstance(node, ast.If) and is_aside_condition(node.test):
            continue
        yield node
        todo.extend(ast.iter_child_nodes(node))


def _attribute_rule(node: ast.Attribute) -> DatedName | None:
    return ATTRIBUTES.get(f"{node.value.id}.{node.attr}") if isinstance(node.value, ast.Name) else None


def _import_rule(dotted: str) -> DatedName | None:
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        if rule := IMPORTS.get(".".join(parts[:length])):
            return rule
    return None


def _called(node: ast.Call, tops: frozenset[str]) -> Iterator[tuple[DatedName, int]]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    for keyword in node.keywords:
        rule = KEYWORDS.get((name, keyword.arg or ""))
        if rule and rule.module in tops:
            yield rule, node.lineno
    if name == "Limiter" and "flask_limiter" in tops and _limits_an_app(node):
        yield CALLS["Limiter(app, …)"], node.lineno
    if name == "load" and "yaml" in tops and ast.unparse(node.func) == "yaml.load":
        if len(node.args) == 1 and not node.keywords:
            yield CALLS["yaml.load(…)"], node.lineno
    elif "sqlalchemy" in tops or "flask_sqlalchemy" in tops:
        yield from _queried(node, name, tops)


def _limits_an_app(node: ast.Call) -> bool:
    """`Limiter(app, key_func=…)`: the application stood first before Flask-Limiter 3."""
    return bool(node.args) and (len(node.args) > 1 or any(one.arg == "key_func" for one in node.keywords))


def _queried(node: ast.Call, name: str, tops: frozenset[str]) -> Iterator[tuple[DatedName, int]]:
    if name == "execute" and isinstance(node.func, ast.Attribute):
        owner = _last_name(node.func.value)
        if owner == "engine":
            yield CALLS["engine.execute"], node.lineno
        elif owner in _SESSIONS and "sqlite3" not in tops and node.args and _is_text(node.args[0]):
            yield CALLS["execute(text)"], node.lineno
    elif name == "paginate" and "flask_sqlalchemy" in tops and isinstance(node.func, ast.Attribute) and node.args:
        yield CALLS["paginate(…)"], node.lineno
    elif name == "select" and isinstance(node.func, ast.Name) and node.args and isinstance(node.args[0], ast.List):
        yield CALLS["select([…])"], node.lineno


def _names_a_short_cache(node: ast.Dict | ast.Assign) -> bool:
    """`{"CACHE_TYPE": "simple"}`, `config["CACHE_TYPE"] = "simple"`, `CACHE_TYPE = "simple"`."""
    pairs: list[tuple[ast.expr | None, ast.expr]]
    if isinstance(node, ast.Dict):
        pairs = list(zip(node.keys, node.values, strict=True))
    else:
        names = [target.slice if isinstance(target, ast.Subscript) else target for target in node.targets]
        pairs = [(ast.Constant(name.id) if isinstance(name, ast.Name) else name, node.value) for name in names]
    return any(_constant(key) == "CACHE_TYPE" and _constant(value) in _SHORT_CACHES for key, value in pairs)


def _constant(value: ast.expr | None) -> object:
    """The string that an expression is; None for every other one."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _last_name(value: ast.expr) -> str:
    if isinstance(value, ast.Call):
        return _last_name(value.func)
    return value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")


def _is_text(value: ast.expr) -> bool:
    """A string that is not wrapped in `text(…)`."""
    if isinstance(value, ast.BinOp):
        return _is_text(value.left)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format":
        return _is_text(value.func.value)
    return isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))


def _module_level(body: list[ast.stmt], tops: frozenset[str]) -> Iterator[tuple[DatedName, int]]:
    """`db.create_all()` while the module is imported, outside an application context."""
    if "flask_sqlalchemy" not in tops:
        return
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _module_level(statement.body, tops)
            continue
        call = statement.value if isinstance(statement, ast.Expr) else None
        function = call.func if isinstance(call, ast.Call) else None
        if (
            isinstance(function, ast.Attribute)
            and function.attr in _MODULE_LEVEL_DATABASE
            and isinstance(function.value, ast.Name)
        ):
            yield CALLS["create_all()"], statement.lineno
