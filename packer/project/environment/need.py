"""Whether the application fails to start without a variable."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator
from functools import cached_property

from packer.project.code.module import Site
from packer.project.code.program import Definition, Program
from packer.project.code.scope import Scope
from packer.project.code.startup import Startup
from packer.project.environment.clients import handed_to_clients
from packer.project.environment.reads import Read
from packer.project.environment.roles import role_of

__all__ = ["Need"]

_FAIL_ON_NONE = frozenset({
    "int", "float", "len", "json.loads", "ast.literal_eval", "os.path.join", "os.path.exists", "os.makedirs",
    "pathlib.Path", "sqlalchemy.create_engine", "sqlalchemy.make_url", "sqlalchemy.engine.create_engine",
    "sqlalchemy.engine.url.make_url", "urllib.parse.quote_plus", "urllib.parse.quote", "urllib.parse.unquote",
    "flask_sqlalchemy.create_engine", "base64.b64decode", "list", "tuple", "sorted", "open", "os.mkdir",
    "redis.from_url", "redis.Redis.from_url", "redis.StrictRedis.from_url", "redis.ConnectionPool.from_url",
    "redis.asyncio.from_url", "redis.asyncio.Redis.from_url", "cryptography.fernet.Fernet",
})  # fmt: skip
"""Functions that raise an error when they are given None."""

_FAIL_ON_EMPTY = frozenset({
    "int", "float", "json.loads", "sqlalchemy.create_engine", "sqlalchemy.make_url", "sqlalchemy.engine.create_engine",
    "sqlalchemy.engine.url.make_url", "redis.from_url", "redis.Redis.from_url", "redis.StrictRedis.from_url",
    "redis.asyncio.from_url", "redis.asyncio.Redis.from_url", "redis.ConnectionPool.from_url",
})  # fmt: skip
"""Functions that raise an error when they are given an empty text."""

_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort"})


class Need:
    """Judges readings by when they happen and by what is done with a missing value.

    Args:
        database_setting_required: Flask-SQLAlchemy 3 refuses to start without `SQLALCHEMY_DATABASE_URI`.
        choices: the expressions that alone decide which configuration is loaded, by the identity of their nodes.
        parts: the expressions that an address of a database is put together from, by the identity of their nodes.
    """

    def __init__(
        self,
        program: Program,
        startup: Startup,
        *,
        database_setting_required: bool,
        choices: Container[int] = (),
        parts: Container[int] = (),
    ) -> None:
        self._program = program
        self._startup = startup
        self._choices = choices
        self._parts = parts
        self._database_setting_required = database_setting_required

    def is_required(self, read: Read, used_as: str | None) -> bool:
        """Whether a reading without the variable ends the start of the application."""
        if not self._startup.runs(read.site.scope) or self._is_guarded(read):
            return False
        if read.default is not None:
            return read.site.node in self._refused_empty and _is_empty(read.default)
        match read.kind:
            case "item" | "checked":
                return not read.site.tried and read.name not in self._given
            case "get":
                node = id(read.site.node)
                chosen = node in self._choices or node in self._parts
                refused = self._fails_on_none(read, used_as) or self._is_a_token_of_a_client(read)
                used = not read.site.tried and read.site.node in self._used_as_text
                return chosen or refused or used or self._is_checked(read)
            case "present":
                return self._is_checked(read)

    @cached_property
    def _given(self) -> frozenset[str]:
        """Variables that the program sets itself."""
        names = set()
        for module in self._program.modules:
            for assignment in module.assignments:
                match assignment.target:
                    case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))):
                        if self._program.name_of(owner, assignment.scope) == "os.environ":
                            names.add(name)
                    case _:
                        continue
            for call in module.calls:
                match call.node:
                    case ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(name)), _]):
                        if self._program.name_of(call.node.func, call.scope) == "os.environ.setdefault":
                            names.add(name)
                    case _:
                        continue
        return frozenset(names)

    def _is_guarded(self, read: Read) -> bool:
        """Whether a condition around the reading asks for the same or another variable first."""
        return any(_mentions(test, {read.name}) or _asks_environment(test) for test in read.site.tests)

    def _fails_on_none(self, read: Read, used_as: str | None) -> bool:
        if read.site.tried:
            return False
        if used_as == "SQLALCHEMY_DATABASE_URI" and isinstance(read.site.parent, ast.Assign | ast.keyword | ast.Dict):
            return self._database_setting_required
        return used_as == "MONGO_URI" or _is_a_mongodb_host(read) or self._is_put_to_use(read)

    def _is_put_to_use(self, read: Read) -> bool:
        """Whether what stands right around a reading cannot do with None."""
        match read.site.parent:
            case ast.Call(func=function) as call if read.site.node in call.args:
                return self._program.name_of(function, read.site.scope) in _FAIL_ON_NONE
            case ast.Attribute() | ast.BinOp(op=ast.Add() | ast.Div()):
                return True
            case ast.Subscript(value=value):
                return value is read.site.node
            case _:
                return False

    def _is_a_token_of_a_client(self, read: Read) -> bool:
        """Whether a client is made with the value, which is a token by the name of its variable: few go without."""
        name_of_token = role_of(read.name) == "token"
        return name_of_token and not read.site.tried and read.site.node in self._handed_to_clients

    @cached_property
    def _handed_to_clients(self) -> frozenset[ast.expr]:
        return frozenset(handed_to_clients(self._program, self._startup))

    @cached_property
    def _refused_empty(self) -> frozenset[ast.AST]:
        """The expressions, in place or by their name, that are handed to what cannot take an empty text."""
        return frozenset(self._meant(self._handed(_FAIL_ON_EMPTY)))

    @cached_property
    def _used_as_text(self) -> frozenset[ast.AST]:
        """The expressions, in place or by their name, that are used in a way that None cannot be.

        They are handed to what refuses it, asked for a method, or made a variable of the process by `os.environ[…] =`.
        """
        asked = (
            (call.node.func.value, call.scope)
            for call in self._calls()
            if isinstance(call.node.func, ast.Attribute) and not isinstance(call.parent, ast.BoolOp | ast.IfExp)
        )
        exported = (
            (assignment.value, assignment.scope)
            for module in self._program.modules
            for assignment in module.assignments
            if isinstance(assignment.target, ast.Subscript) and self._startup.runs(assignment.scope)
            if self._program.name_of(assignment.target.value, assignment.scope) == "os.environ"
        )
        return frozenset(self._meant((*self._handed(_FAIL_ON_NONE), *asked, *exported)))

    def _calls(self) -> Iterator[Site[ast.Call]]:
        """The calls that the start makes whatever the circumstances."""
        for module in self._program.modules:
            for call in module.calls:
                if not call.tried and not call.tests and self._startup.runs(call.scope):
                    yield call

    def _handed(self, functions: frozenset[str]) -> Iterator[tuple[ast.expr, Scope]]:
        """What any of these functions is given first."""
        for call in self._calls():
            if call.node.args and self._program.name_of(call.node.func, call.scope) in functions:
                yield call.node.args[0], call.scope

    def _meant(self, expressions: Iterable[tuple[ast.expr | None, Scope]]) -> Iterator[ast.AST]:
        """The expressions themselves, and what the names among them were given."""
        for node, scope in expressions:
            if node is None:
                continue
            yield node
            meaning = self._program.meaning(node, scope) if isinstance(node, ast.Name) else None
            if isinstance(meaning, Definition):
                yield meaning.node

    def _is_checked(self, read: Read) -> bool:
        """Whether the code looks at the value and ends the program when there is none."""
        names, nodes = self._refused
        return read.site.node in nodes or any((read.site.scope, name) in names for name in _assigned(read.site.parent))

    @cached_property
    def _refused(self) -> tuple[frozenset[tuple[Scope, str]], frozenset[ast.AST]]:
        """The names, with their scopes, and the expressions whose absence ends the program."""
        operands = [
            (check.scope, operand)
            for module in self._program.modules
            for check in module.checks
            if isinstance(check.node, ast.Assert) or self._ends(check.node.body, check.scope)
            for operand in _absent(check.node.test, asserted=isinstance(check.node, ast.Assert))
        ]
        names = frozenset((scope, operand.id) for scope, operand in operands if isinstance(operand, ast.Name))
        return names, frozenset(operand for _, operand in operands)

    def _ends(self, statements: Iterable[ast.stmt], scope: Scope) -> bool:
        for statement in statements:
            match statement:
                case ast.Raise():
                    return True
                case ast.Expr(value=ast.Call(func=function)):
                    if self._program.name_of(function, scope) in _EXITS:
                        return True
                case _:
                    continue
        return False


def _is_a_mongodb_host(read: Read) -> bool:
    """`{"host": os.environ.get("MONGODB_URI")}`: flask-mongoengine looks for a scheme in the text."""
    match read.site.parent:
        case ast.Dict(keys=keys, values=values):
            hosts = [value for key, value in zip(keys, values, strict=True) if _says_host(key)]
            return read.site.node in hosts and role_of(read.name) == "mongodb-url"
        case _:
            return False


def _says_host(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.lower() == "host"


def _is_empty(default: ast.expr) -> bool:
    return isinstance(default, ast.Constant) and default.value == ""


def _assigned(parent: ast.AST) -> frozenset[str]:
    """The plain names that a reading's value is given to."""
    match parent:
        case ast.Assign(targets=targets):
            return frozenset(target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
            return frozenset({name})
        case _:
            return frozenset()


def _absent(test: ast.expr, *, asserted: bool) -> Iterator[ast.expr]:
    """What is missing when a test holds, or when an assertion fails: X of `not X`, `X is None`; of `assert X`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand) if not asserted:
            yield operand
        case ast.Compare():
            yield from _compared(test, asserted=asserted)
        case ast.BoolOp(op=sign, values=values) if isinstance(sign, ast.And if asserted else ast.Or):
            for value in values:
                yield from _absent(value, asserted=asserted)
        case ast.Name() | ast.Call() if asserted:
            yield test
        case _:
            return


def _compared(test: ast.Compare, *, asserted: bool) -> Iterator[ast.expr]:
    """X of `X is None` and `X == ""`, and of their opposites in an assertion; the whole of `"X" not in environ`."""
    match test:
        case ast.Compare(ops=[ast.In() | ast.NotIn() as sign]) if isinstance(sign, ast.In) is asserted:
            yield test
        case ast.Compare(left=left, ops=[sign], comparators=[ast.Constant(value=None | "")]):
            if isinstance(sign, ast.IsNot | ast.NotEq if asserted else ast.Is | ast.Eq):
                yield left
        case _:
            return


def _mentions(test: ast.expr, names: set[str]) -> bool:
    return any(isinstance(inner, ast.Constant) and inner.value in names for inner in ast.walk(test))


def _asks_environment(test: ast.expr) -> bool:
    """Whether a condition depends on the environment: then the reading happens only where somebody wants it."""
    return any(
        isinstance(inner, ast.Attribute | ast.Name)
        and getattr(inner, "attr", getattr(inner, "id", "")) in {"environ", "getenv"}
        for inner in ast.walk(test)
    )
