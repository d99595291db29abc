"""Variables read by libraries for the application: decouple, environs, Starlette, pydantic, Flask."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from packer.project.code.configuration import Configuration, config_key
from packer.project.code.module import CodeModule, Site
from packer.project.code.program import Definition, Outside, Program
from packer.project.code.scope import Scope
from packer.project.routing.application import keyword

__all__ = ["LibraryRead", "library_reads"]

_READERS = frozenset({"decouple.config", "prettyconf.config", "flask_env.env"})
_READER_CLASSES = frozenset({
    "decouple.AutoConfig", "decouple.Config", "environs.Env", "environ.Env", "environ.FileAwareEnv",
    "starlette.config.Config", "dj_config_url.Env", "pydantic_environ.Env",
})  # fmt: skip
_SETTINGS = frozenset({"pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic.v1.BaseSettings"})


_CLOUD_CLIENTS = frozenset({"boto3.client", "boto3.resource"})
_WITHOUT_REGION = frozenset({"cloudfront", "iam", "route53", "s3", "sts"})


class LibraryRead(Struct, frozen=True, kw_only=True):
    """A variable that a library reads; `fails` when the library raises an error without it."""

    name: str
    default: ast.expr | None
    fails: bool
    scope: Scope
    node: ast.AST


def library_reads(program: Program, configuration: Configuration) -> Iterator[LibraryRead]:
    """Every such reading in the modules of a program, in their order."""
    for module in program.modules:
        for call in module.calls:
            yield from _called(program, call)
            yield from _of_a_cloud(program, call)
            yield from _flask(program, configuration, call)
        for site in module.classes:
            if _is_settings(program, site):
                yield from _fields(module, site)


def _called(program: Program, call: Site[ast.Call]) -> Iterator[LibraryRead]:
    """`config("NAME", default=…)`, `env("NAME")`, `env.int("NAME", 3)`."""
    function = call.node.func
    names = call.node.args[:1]
    if not names or not isinstance(names[0], ast.Constant) or not isinstance(names[0].value, str):
        return
    reads = _is_reader(program, function, call.scope) or (
        isinstance(function, ast.Attribute)
        and function.attr not in {"read_env", "prefixed", "read_envfile"}
        and _is_reader(program, function.value, call.scope)
    )
    if reads and names[0].value.isidentifier():
        default = keyword(call.node, "default", 1)
        if isinstance(default, ast.Name) and default.id in {"bool", "int", "float", "str"}:
            default = None  # `config("NAME", bool)` of Starlette: a cast
        yield LibraryRead(name=names[0].value, default=default, fails=default is None, scope=call.scope, node=call.node)


def _of_a_cloud(program: Program, call: Site[ast.Call]) -> Iterator[LibraryRead]:
    """`boto3.client("dynamodb")`: a client of a service with regions fails without the variable that names one."""
    service = call.node.args[0] if call.node.args else None
    if not isinstance(service, ast.Constant) or service.value in _WITHOUT_REGION or call.tried or call.tests:
        return
    if program.name_of(call.node.func, call.scope) in _CLOUD_CLIENTS and keyword(call.node, "region_name", 1) is None:
        yield LibraryRead(name="AWS_DEFAULT_REGION", default=None, fails=True, scope=call.scope, node=call.node)


def _is_reader(program: Program, node: ast.expr, scope: Scope) -> bool:
    match program.meaning(node, scope):
        case Outside(name=name):
            return name in _READERS
        case Definition(node=ast.Call(func=function)) as found:
            return program.name_of(function, found.scope) in _READER_CLASSES
        case _:
            return False


def _flask(program: Program, configuration: Configuration, call: Site[ast.Call]) -> Iterator[LibraryRead]:
    """`app.config.from_envvar("NAME")` and `app.config.from_prefixed_env()`."""
    match call.node:
        case ast.Call(func=ast.Attribute(attr="from_envvar"), args=[ast.Constant(value=str(name)), *_]):
            silent = keyword(call.node, "silent", 1)
            quiet = isinstance(silent, ast.Constant) and bool(silent.value)
            yield LibraryRead(name=name, default=None, fails=not quiet, scope=call.scope, node=call.node)
        case ast.Call(func=ast.Attribute(attr="from_prefixed_env")):
            given = keyword(call.node, "prefix", 0)
            prefix = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else "FLASK"
            for key in _wanted_keys(program, configuration):
                yield LibraryRead(name=f"{prefix}_{key}", default=None, fails=False, scope=call.scope, node=call.node)
        case _:
            return


def _wanted_keys(program: Program, configuration: Configuration) -> tuple[str, ...]:
    """Configuration keys that the code reads and never sets; and the two that are always secret or a place."""
    keys = {"SECRET_KEY"}
    for module in program.modules:
        for item in module.subscripts:
            key = config_key(item.node.value, item.node.slice)
            if key is not None and isinstance(item.node.ctx, ast.Load):
                keys.add(key)
        if any(statement.module == "flask_sqlalchemy" for statement in module.imports):
            keys.add("SQLALCHEMY_DATABASE_URI")
    return tuple(sorted(keys - (configuration.keys - {"SECRET_KEY"})))


def _is_settings(program: Program, site: Site[ast.ClassDef]) -> bool:
    return any(name in _SETTINGS for base in site.node.bases for name in program.ancestry(base, site.scope))


def _fields(module: CodeModule, site: Site[ast.ClassDef]) -> Iterator[LibraryRead]:
    prefix = _prefix(site.node)
    body = module.bodies[site.node]
    for statement in site.node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if not name.startswith(("_", "model_config")):
                alias, default = _field(value)
                yield LibraryRead(
                    name=alias or f"{prefix}{name}".upper(),
                    default=default,
                    fails=default is None,
                    scope=body,
                    node=statement,
                )
            case _:
                continue


def _field(value: ast.expr | None) -> tuple[str | None, ast.expr | None]:
    """The alias and the default of a field's right-hand side."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) == "Field":
        aliases = (keyword(value, name) for name in ("validation_alias", "alias", "env"))
        alias = next((one.value for one in aliases if isinstance(one, ast.Constant)), None)
        default = keyword(value, "default", 0) or keyword(value, "default_factory")
        return (alias if isinstance(alias, str) else None), _unless_required(default)
    return None, _unless_required(value)


def _unless_required(default: ast.expr | None) -> ast.expr | None:
    return None if isinstance(default, ast.Constant) and default.value is Ellipsis else default


def _prefix(node: ast.ClassDef) -> str:
    """`env_prefix`, in `model_config` or in a class `Config`."""
    for inner in ast.walk(node):
        match inner:
            case ast.keyword(arg="env_prefix", value=ast.Constant(value=str(prefix))):
                return prefix
            case ast.Assign(targets=[ast.Name(id="env_prefix")], value=ast.Constant(value=str(prefix))):
                return prefix
            case _:
                continue
    return ""
