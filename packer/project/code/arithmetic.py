"""Operators, functions and methods on values that are known. None of them touches a disk or can grow without bound."""

from __future__ import annotations

import ast
import math
import operator
import posixpath
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from packer.project.code.values import ROOT, UNKNOWN, Constant, is_known

__all__ = ["called", "combined", "method_called"]

_MAX_TEXT = 8192
_MAX_NUMBER = 1 << 63

_NUMERIC: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv,
    }
)


def combined(left: Constant, sign: ast.operator, right: Constant) -> Constant:
    """The result of a binary operator."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _calculated(left, sign, right)
    if isinstance(left, PurePosixPath) or isinstance(right, PurePosixPath):
        return _path_joined(left, right) if isinstance(sign, ast.Div) else UNKNOWN
    if isinstance(left, str) and isinstance(sign, ast.Mod):
        return _formatted(left, right if isinstance(right, tuple) else (right,))
    if isinstance(left, str) and isinstance(right, str) and isinstance(sign, ast.Add):
        return left + right if len(left) + len(right) <= _MAX_TEXT else UNKNOWN
    if isinstance(left, tuple) and isinstance(right, tuple) and isinstance(sign, ast.Add):
        return left + right if len(left) + len(right) <= _MAX_TEXT else UNKNOWN
    return UNKNOWN


def _calculated(left: float, sign: ast.operator, right: float) -> Constant:
    try:
        result = _power(left, sign, right) if isinstance(sign, ast.Pow | ast.LShift) else _plain(left, sign, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN
    if result is None or abs(result) > _MAX_NUMBER:
        return UNKNOWN
    return int(result) if isinstance(sign, ast.Pow) and isinstance(left, int) and isinstance(right, int) else result


def _plain(left: float, sign: ast.operator, right: float) -> float | None:
    function = _NUMERIC.get(type(sign))
    return function(left, right) if function is not None else None


def _power(left: float, sign: ast.operator, right: float) -> float | None:
    """`left ** right` or `left << right`, where the result cannot be huge."""
    if not 0 <= right <= 64 or abs(left) > _MAX_NUMBER:
        return None
    if isinstance(sign, ast.LShift):
        return int(left) << int(right)
    return math.pow(left, right)


def _path_joined(left: Constant, right: Constant) -> Constant:
    if isinstance(left, str | PurePosixPath) and isinstance(right, str | PurePosixPath):
        return PurePosixPath(left) / right
    return UNKNOWN


def _formatted(text: str, values: tuple[Constant, ...]) -> Constant:
    """`text % values` for plain `%s` and `%d`."""
    pieces = text.replace("%d", "%s").split("%s")
    texts = [str(value) for value in values if isinstance(value, str | int | PurePosixPath)]
    if "%" in "".join(pieces) or len(texts) != len(values) or len(pieces) != len(texts) + 1:
        return UNKNOWN
    return "".join(piece + value for piece, value in zip(pieces, [*texts, ""], strict=True))[:_MAX_TEXT]


def called(  # noqa: PLR0911 - one a function
    name: str, arguments: tuple[Constant, ...], working_directory: str
) -> Constant:
    """What a function outside the project returns; `working_directory` is absolute (it is under `ROOT`)."""
    match name, arguments:
        case "os.getcwd", ():
            return working_directory
        case (("pathlib.Path.cwd" | "pathlib.PosixPath.cwd"), ()):
            return PurePosixPath(working_directory)
        case "tempfile.gettempdir", ():
            return "/tmp"  # noqa: S108 - what it answers in the image
        case "pathlib.Path", _:
            texts = _texts(arguments)
            return PurePosixPath(*texts) if texts is not None else UNKNOWN
        case "os.path.join", (_, *_):
            texts = _texts(arguments)
            return posixpath.join(*texts) if texts is not None else UNKNOWN
        case (("int" | "float" | "bool" | "str" | "os.fspath" | "list" | "tuple" | "dict"), (value,)):
            return _converted(name, value)
        case _, (str() | PurePosixPath() as path,):
            return _path_function(name, str(path), working_directory)
        case _:
            return UNKNOWN


def _path_function(name: str, path: str, working_directory: str) -> Constant:
    match name:
        case "os.path.dirname":
            return posixpath.dirname(path)
        case "os.path.basename":
            return posixpath.basename(path)
        case "os.path.abspath" | "os.path.realpath":
            return posixpath.normpath(posixpath.join(working_directory, path))
        case "os.path.normpath":
            return posixpath.normpath(path)
        case "os.path.expanduser" | "os.path.expandvars":
            return path if not path.startswith("~") and "$" not in path else UNKNOWN
        case _:
            return UNKNOWN


def _converted(name: str, value: Constant) -> Constant:  # noqa: PLR0911 - one a type
    if not is_known(value):
        return UNKNOWN
    try:
        match name, value:
            case "int", str() | int() | float():
                return int(value) if not isinstance(value, str) or len(value) < 20 else UNKNOWN
            case "float", str() | int() | float():
                return float(value)
            case "bool", _:
                return bool(value)
            case (("str" | "os.fspath"), str() | int() | PurePosixPath()):
                return str(value)
            case (("list" | "tuple"), tuple()):
                return value
            case "dict", Mapping():
                return value
            case _:
                return UNKNOWN
    except (ValueError, OverflowError):
        return UNKNOWN


def method_called(owner: Constant, name: str, arguments: tuple[Constant, ...]) -> Constant:
    """What a method of a known value returns."""
    match owner:
        case PurePosixPath():
            return _path_method(owner, name, arguments)
        case str():
            return _text_method(owner, name, arguments)
        case Mapping() if name == "get" and arguments and isinstance(arguments[0], str):
            return owner.get(arguments[0], arguments[1] if len(arguments) > 1 else None)
        case _:
            return UNKNOWN


def _path_method(path: PurePosixPath, name: str, arguments: tuple[Constant, ...]) -> Constant:
    texts = _texts(arguments)
    match name:
        case "resolve" | "absolute":
            return PurePosixPath(posixpath.normpath(path)) if path.is_absolute() else PurePosixPath(ROOT) / path
        case "expanduser" | "as_posix" | "__str__":
            return path
        case "joinpath" if texts is not None:
            return path.joinpath(*texts)
        case "with_name" | "with_suffix" if texts is not None and len(texts) == 1:
            try:
                return path.with_name(texts[0]) if name == "with_name" else path.with_suffix(texts[0])
            except ValueError:
                return UNKNOWN
        case _:
            return UNKNOWN


def _text_method(  # noqa: PLR0911 - one a method
    text: str, name: str, arguments: tuple[Constant, ...]
) -> Constant:
    most = -1
    match name, arguments:
        case "replace", (old, new, int(count)):
            arguments, most = (old, new), count
        case _:
            pass
    texts = _texts(arguments)
    if texts is None:
        return UNKNOWN
    match name, texts:
        case "strip", []:
            return text.strip()
        case "lower", []:
            return text.lower()
        case "upper", []:
            return text.upper()
        case "rstrip", [characters]:
            return text.rstrip(characters)
        case "replace", [old, new] if old and len(text) * (len(new) + 1) <= _MAX_TEXT:
            return text.replace(old, new, most)
        case "format", [_, *_] if text.count("{}") == len(texts) and text.count("{") == len(texts):
            return _formatted(text.replace("%", "").replace("{}", "%s"), arguments)
        case _:
            return UNKNOWN


def _texts(values: tuple[Constant, ...]) -> list[str] | None:
    texts = [str(value) for value in values if isinstance(value, str | PurePosixPath)]
    return texts if len(texts) == len(values) and sum(map(len, texts)) <= _MAX_TEXT else None
