"""A place that code writes to, before it is known whether it lies in the project."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct

from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.scope import Scope
from packer.project.code.values import Constant
from packer.project.model import Evidence

__all__ = ["Place", "Places"]

PlaceKind = Literal["directory", "file"]


class Place(Struct, frozen=True, kw_only=True):
    """A path as the code has it: absolute, or relative to the folder that the process starts in.

    `made` marks a folder that is only made, which is harmless where it exists.
    """

    path: str
    kind: PlaceKind
    evidence: Evidence
    made: bool = False


class Places:
    """Makes places of expressions."""

    def __init__(self, program: Program, constants: Constants) -> None:
        self.program = program
        self.constants = constants

    def at(self, node: ast.expr, scope: Scope, kind: PlaceKind, *, made: bool = False) -> Iterator[Place]:
        """The place that an expression names; the folder of it where only the file's own name is not known."""
        path = _text(self.constants.value(node, scope))
        if path is None:
            path, kind = self._folder(node, scope), "directory"
        if path:
            yield Place(path=path, kind=kind, evidence=self.program.evidence(scope, node), made=made)

    def _folder(self, node: ast.expr, scope: Scope) -> str | None:
        """The folder in a path whose last part only running the code can tell."""
        match self._definition(node, scope):
            case ast.Call(args=[_, _, *_]) as call, inner:
                name = self.program.name_of(call.func, inner)
                known = call.args[:-1]
                if name == "os.path.join" and not any(isinstance(one, ast.Starred) for one in known):
                    return self._joined(known, inner)
            case ast.BinOp(left=left, op=ast.Div()), inner:
                return _text(self.constants.value(left, inner))
            case ast.BinOp(left=left, op=ast.Add()), inner:
                return _folder_of_text(_text(self.constants.value(left, inner)))
            case ast.JoinedStr(values=values), inner:
                return _folder_of_text(self._beginning(values, inner))
            case _:
                return None
        return None

    def _definition(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope]:
        """What a local name was given, or the expression itself."""
        for _ in range(4):
            found = scope.lookup(node.id) if isinstance(node, ast.Name) else None
            if found is None or not isinstance(found[1][-1].value, ast.expr):
                return node, scope
            node, scope = found[1][-1].value, found[1][-1].scope
        return node, scope

    def _joined(self, parts: list[ast.expr], scope: Scope) -> str | None:
        """The leading parts of a joined path, as far as they are known."""
        texts: list[str] = []
        for part in parts:
            text = _text(self.constants.value(part, scope))
            if text is None:
                break
            texts.append(text)
        return posixpath.join(*texts) if texts else None

    def _beginning(self, values: list[ast.expr], scope: Scope) -> str:
        """The known beginning of a formatted text."""
        texts: list[str] = []
        for value in values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            text = _text(self.constants.value(inner, scope))
            if text is None:
                break
            texts.append(text)
        return "".join(texts)


def _text(value: Constant) -> str | None:
    return str(value) if isinstance(value, str | PurePosixPath) and str(value) else None


def _folder_of_text(text: str | None) -> str | None:
    """`uploads` in `uploads/image-`, nothing in `image-`."""
    return posixpath.dirname(text) or None if text else None
