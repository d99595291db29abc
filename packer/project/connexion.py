"""Signs that code was written for connexion 1 or 2, whose applications are Flask's; those of 3 are ASGI."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["former_connexion_uses"]

_CLASSES = frozenset({"App", "FlaskApp"})
_FORMER_KEYWORDS = frozenset({"debug", "extra_files", "host", "options", "port", "server", "skip_error_handlers"})
"""Arguments that connexion 3 does not take: its applications fail on them."""


def former_connexion_uses(module: ast.Module) -> Iterator[tuple[str, int]]:
    """What the module does that connexion 3 cannot do, and where.

    Beside former arguments that is a server started on import: in connexion 1 and 2 `run()` is Flask's, which can be
    told to return at once; in connexion 3 it is uvicorn's, which serves and never lets the import end.
    """
    if not _imports_connexion(module):
        return
    applications: set[str] = set()
    for statement in module.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
        if not isinstance(value, ast.Call):
            continue
        if _last_name(value.func) in _CLASSES:
            for keyword in value.keywords:
                if keyword.arg in _FORMER_KEYWORDS:
                    yield f"connexion.App({keyword.arg}=…)", value.lineno
            if isinstance(statement, ast.Assign):
                applications |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif ast.unparse(value.func) in {f"{application}.run" for application in applications}:
            yield "connexion.App.run() on import", value.lineno


def _imports_connexion(module: ast.Module) -> bool:
    for statement in module.body:
        if isinstance(statement, ast.Import) and any(_top(one.name) == "connexion" for one in statement.names):
            return True
        if (
            isinstance(statement, ast.ImportFrom)
            and not statement.level
            and _top(statement.module or "") == "connexion"
        ):
            return True
    return False


def _top(dotted: str) -> str:
    return dotted.partition(".")[0]


def _last_name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
