"""All readings of a program, joined into variables."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from packer.project.code.configuration import Configuration
from packer.project.code.constants import Constants
from packer.project.code.program import Program
from packer.project.code.scope import Scope
from packer.project.code.startup import Startup
from packer.project.environment.addresses import address_parts, whole
from packer.project.environment.choices import chosen_configurations
from packer.project.environment.examples import ExampleVariable
from packer.project.environment.frameworks import library_reads
from packer.project.environment.need import Need
from packer.project.environment.reads import environment_reads
from packer.project.environment.roles import is_secret, role_of
from packer.project.model import EnvironmentVariable, Evidence
from packer.regex import regex

__all__ = ["read_environment"]

_FROM_THE_SYSTEM = regex(
    r"HOME|PATH|PWD|USER(NAME|PROFILE)?|LOGNAME|SHELL|TERM|LANG|LC_\w+|TE?MP(DIR)?|HOSTNAME|COLUMNS|LINES|DISPLAY"
    r"|PYTHON(PATH|HOME|UNBUFFERED|WARNINGS)|VIRTUAL_ENV|CONDA_PREFIX|APPDATA|LOCALAPPDATA|XDG_\w+|SSH_\w+"
    r"|WERKZEUG_(RUN_MAIN|SERVER_FD)|FLASK_RUN_\w+|FLASK_APP|PYTEST_\w+|CI|GITHUB_\w+|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|LISTEN_(FDS|PID)|TRAVIS|COVERAGE_\w+"
)
"""What the system, development tools and test runners set: not the operator's business."""

_MAX_DEFAULT = 200


class _Found(Struct, frozen=True, kw_only=True):
    name: str
    required: bool
    default: ast.expr | None
    used_as: str | None
    scope: Scope
    node: ast.AST


def read_environment(
    program: Program,
    configuration: Configuration,
    constants: Constants,
    startup: Startup,
    *,
    database_setting_required: bool,
    examples: Iterable[ExampleVariable] = (),
) -> tuple[EnvironmentVariable, ...]:
    """The variables that the application reads, and those that its example files name, in order of name.

    No value of an example file and no default that may be a secret is part of the result, evidence included.
    """
    joined: dict[str, EnvironmentVariable] = {}
    choices = chosen_configurations(program)
    need = Need(
        program,
        startup,
        database_setting_required=database_setting_required,
        choices=choices,
        parts=address_parts(program, configuration),
    )
    for found in _all(program, configuration, startup, need):
        if not _FROM_THE_SYSTEM.fullmatch(found.name):
            fresh = replace(_variable(program, constants, found), example=choices.get(id(found.node)))
            known = joined.get(found.name)
            joined[found.name] = _merged(known, fresh) if known else fresh
    for example in examples:
        known = joined.get(example.name)
        if known is None and not _FROM_THE_SYSTEM.fullmatch(example.name):
            joined[example.name] = EnvironmentVariable(
                name=example.name, required=False, role=role_of(example.name), evidence=(example.evidence,)
            )
        elif known is not None:
            joined[example.name] = replace(known, evidence=(*known.evidence, example.evidence))
    return tuple(joined[name] for name in sorted(joined))


def _all(program: Program, configuration: Configuration, startup: Startup, need: Need) -> Iterator[_Found]:
    uses = _uses(configuration)
    for read in environment_reads(program):
        used_as = uses.get(id(read.site.node))
        yield _Found(
            name=read.name,
            required=need.is_required(read, used_as),
            default=read.default,
            used_as=used_as,
            scope=read.site.scope,
            node=read.site.node,
        )
    for one in library_reads(program, configuration):
        yield _Found(
            name=one.name,
            required=one.fails and startup.runs(one.scope),
            default=one.default,
            used_as=uses.get(id(one.node)),
            scope=one.scope,
            node=one.node,
        )


def _uses(configuration: Configuration) -> dict[int, str]:
    """The configuration key that each part of a setting's value ends in, by the identity of the node."""
    return {
        id(inner): key
        for key in sorted(configuration.keys)
        for setting in configuration.settings(key)
        for inner in whole(setting.value)
    }


def _variable(program: Program, constants: Constants, found: _Found) -> EnvironmentVariable:
    role = role_of(found.name, found.used_as)
    evidence = program.evidence(found.scope, found.node)
    default = None
    if found.default is not None:
        value = constants.value(found.default, found.scope)
        text = str(value) if isinstance(value, str | int | float) and str(value).isprintable() else None
        if text is not None and is_secret(role, text):
            evidence = _without(evidence, found.default)
        elif text is not None and len(text) <= _MAX_DEFAULT and "<project>" not in text:
            default = text
    return EnvironmentVariable(
        name=found.name, required=found.required, default=default, role=role, evidence=(evidence,)
    )


def _without(evidence: Evidence, secret: ast.expr) -> Evidence:
    """The evidence with the texts of a secret default left out."""
    excerpt = evidence.excerpt
    for node in ast.walk(secret):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            excerpt = excerpt.replace(node.value, "…")
    return replace(evidence, excerpt=excerpt)


def _merged(known: EnvironmentVariable, fresh: EnvironmentVariable) -> EnvironmentVariable:
    evidence = tuple(dict.fromkeys((*known.evidence, *fresh.evidence)))
    return replace(
        known,
        required=known.required or fresh.required,
        default=known.default if known.default is not None else fresh.default,
        role=known.role or fresh.role,
        example=known.example if known.example is not None else fresh.example,
        evidence=evidence[:4],
    )
