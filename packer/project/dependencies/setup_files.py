"""`setup.cfg` and `setup.py`: read, never run."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator

from msgspec import Struct

from packer.project.dependencies.tree_paths import beside
from packer.project.tree import SourceTree

__all__ = [
    "SetupConfig",
    "SetupWords",
    "read_setup_cfg",
    "read_setup_py",
    "setup_call",
    "setup_cfg_requirements",
    "setup_literal",
    "setup_mapping",
]

MAX_DEPTH = 20


class SetupWords(Struct, frozen=True):
    """What a setup file says of its requirements: those that stand in it (text, line), and the files it reads."""

    texts: tuple[tuple[str, int], ...] = ()
    files: tuple[str, ...] = ()


class SetupConfig(Struct, frozen=True):
    """`setup.cfg`, of which a broken one is as good as none."""

    parser: configparser.ConfigParser

    def get(self, section: str, key: str) -> str | None:
        """A value, dashes and underscores in the key being the same."""
        for spelling in (key, key.replace("_", "-")):
            if self.parser.has_option(section, spelling):
                return self.parser.get(section, spelling, raw=True)
        return None


def read_setup_cfg(tree: SourceTree, path: str) -> SetupConfig | None:
    """Parse a `setup.cfg`, None when there is none or it is broken."""
    text = tree.read(path)
    if text is None:
        return None
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return SetupConfig(parser)


def setup_cfg_requirements(tree: SourceTree, path: str) -> SetupWords:
    """`[options] install_requires`, or the files that its `file:` names."""
    config = read_setup_cfg(tree, path)
    value = config.get("options", "install_requires") if config else None
    if not value:
        return SetupWords()
    if value.strip().startswith("file:"):
        names = value.strip().removeprefix("file:").replace("\n", ",").split(",")
        return SetupWords(files=_existing(tree, path, names))
    lines = (tree.read(path) or "").split("\n")
    found = []
    for text in (line.strip() for line in value.split("\n")):
        if text and not text.startswith("#"):
            number = next((place for place, line in enumerate(lines, 1) if text in line), 1)
            found.append((text, number))
    return SetupWords(tuple(found))


def setup_call(module: ast.Module) -> ast.Call | None:
    """The call of `setup(…)`, however the function was imported."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
            if name == "setup":
                return node
    return None


def read_setup_py(tree: SourceTree, path: str) -> SetupWords:
    """`install_requires` of a setup.py: literal lists, names that stand for such lists, files that are read."""
    module = tree.module(path)
    call = setup_call(module) if module else None
    if module is None or call is None:
        return SetupWords()
    values = [keyword.value for keyword in call.keywords if keyword.arg in {"install_requires", "requires"}]
    if not values:
        # setup(**settings): the dictionary that holds the key is the one that is meant.
        values = [value for key, value in _dictionary_items(module) if key == "install_requires"]
    reader = _ListReader(module)
    texts: list[tuple[str, int]] = []
    files: list[str] = []
    for value in values[:1]:
        for constant in reader.strings(value):
            candidates = _existing(tree, path, [constant.value])
            if candidates and constant.value.endswith((".txt", ".in", ".pip")):
                files += candidates
            elif constant.in_list:
                texts.append((constant.value, constant.line))
    return SetupWords(tuple(texts), tuple(dict.fromkeys(files)))


def _existing(tree: SourceTree, path: str, names: list[str]) -> tuple[str, ...]:
    targets = (beside(path, name.strip()) for name in names if name.strip())
    return tuple(target for target in targets if target is not None and tree.has(target))


def _dictionary_items(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


class _Text(Struct, frozen=True):
    value: str
    line: int
    in_list: bool


class _ListReader:
    """Finds the strings that an expression is made of, through the module's names and its own functions."""

    def __init__(self, module: ast.Module) -> None:
        self._values: dict[str, list[ast.expr]] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef):
                self._functions.setdefault(node.name, node)
            else:
                for name, value in _bound(node):
                    self._values.setdefault(name, []).append(value)

    def strings(self, value: ast.AST, *, in_list: bool = False, depth: int = 0) -> Iterator[_Text]:
        """The strings in `value`; those that are members of a list or tuple literal may be requirements."""
        if depth > MAX_DEPTH:
            return
        if isinstance(value, ast.Constant):
            if isinstance(value.value, str):
                yield _Text(value.value, value.lineno, in_list)
            return
        followed: list[ast.AST] = []
        if isinstance(value, ast.Name):
            followed += self._values.pop(value.id, [])
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in self._functions:
            followed += [*value.args, *self._functions.pop(value.func.id).body]
        else:
            followed += ast.iter_child_nodes(value)
        literal = isinstance(value, ast.List | ast.Tuple | ast.Set)
        stays = in_list and isinstance(value, ast.Name | ast.BinOp | ast.JoinedStr | ast.Starred)
        for child in followed:
            yield from self.strings(child, in_list=literal or stays, depth=depth + 1)


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement gives a value, also `with open(…) as name` and `name += …`."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.With(items=items):
            for item in items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, item.context_expr
        case ast.For(target=ast.Name(id=name), iter=value):
            yield name, value
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"), args=[value]):
            yield name, ast.List(elts=[value], ctx=ast.Load())
        case _:
            return


def setup_literal(tree: SourceTree, path: str, key: str) -> str | None:
    """A keyword of `setup(…)` whose value is a string, or a name that the module gives a string."""
    module = tree.module(path) if tree.has(path) else None
    call = setup_call(module) if module else None
    value = next((keyword.value for keyword in call.keywords if keyword.arg == key), None) if call else None
    if module and isinstance(value, ast.Name):
        bound = dict(pair for node in module.body for pair in _bound(node))
        value = bound.get(value.id)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def setup_mapping(tree: SourceTree, path: str, key: str) -> dict[str, list[str]]:
    """A keyword of `setup(…)` that is a dictionary of string lists, or of one string with a line for each."""
    module = tree.module(path) if tree.has(path) else None
    call = setup_call(module) if module else None
    value = next((keyword.value for keyword in call.keywords if keyword.arg == key), None) if call else None
    try:
        content = ast.literal_eval(value) if value is not None else {}
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        name: lines.split("\n") if isinstance(lines, str) else [line for line in lines if isinstance(line, str)]
        for name, lines in content.items()
        if isinstance(name, str) and isinstance(lines, str | list | tuple)
    }
