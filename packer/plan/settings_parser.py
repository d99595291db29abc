"""`parse_settings`: layers of stated values become one `Settings`. Pure; `packer.system.configuration` reads files."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from packer.errors import UsageError
from packer.plan.settings import SETTING_TABLES, Settings, Source, setting_kinds
from packer.plan.settings_values import Kind, Misfit, TextTable

__all__ = ["Layer", "environment_layer", "flag_layer", "parse_settings", "table_layer", "variable_name"]


class Layer(Struct, frozen=True):
    """The settings that one place states: parsed values by the setting's name, and where each stands."""

    values: Mapping[str, object]
    sources: Mapping[str, Source]


def parse_settings(layers: Sequence[Layer]) -> Settings:
    """One `Settings` of several layers, the strongest last. Tables are merged name by name, all else is replaced."""
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    for layer in layers:
        for name, value in layer.values.items():
            values[name] = _merged(setting_kinds()[name], values.get(name), value)
        sources.update(layer.sources)
    tables = {name: record(**_inside(f"{name}.", values)) for name, record in SETTING_TABLES.items()}
    return Settings(**_inside("", values), **tables, sources=tuple(sources.items()))  # type: ignore[arg-type] # each value was parsed by its own kind


def table_layer(table: Mapping[str, object], *, path: str, line_of: Callable[[str], int | None]) -> Layer:
    """The settings of a TOML table.

    Args:
        table: what stands under `[tool.pack]`, or a whole `pack.toml`.
        path: the file's name, for messages.
        line_of: the line at which a setting of that name stands, None where it is not known.

    Raises:
        UsageError: a setting has an unknown name or a value that it cannot have.
    """
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    for name, value in _flattened(table):
        line = line_of(name)
        source = Source("file", f"{path}:{line}" if line else path)
        values[name] = _parse(_kind(name, source), value, name=name, source=source)
        sources[name] = source
    return Layer(values, sources)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The settings of `PACK_*` variables. Other `PACK_*` variables are not pack's business; an empty one is unset.

    Raises:
        UsageError: a variable has a value that its setting cannot have.
    """
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    for name, kind in setting_kinds().items():
        text = environ.get(variable_name(name))
        if text:
            sources[name] = Source("environment", variable_name(name))
            values[name] = _parse(kind, text, name=name, source=sources[name])
    return Layer(values, sources)


def flag_layer(flags: Mapping[str, object]) -> Layer:
    """The settings of command-line flags, by setting name; None and empty lists mean that the flag was not given.

    Raises:
        UsageError: a flag has a value that its setting cannot have.
    """
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    for name, value in flags.items():
        if value not in (None, [], ()):
            sources[name] = Source("flag", f"--{name.replace('.', '-')}")
            values[name] = _parse(setting_kinds()[name], value, name=name, source=sources[name])
    return Layer(values, sources)


def variable_name(name: str) -> str:
    """The environment variable of a setting.

    >>> variable_name("debian.allow-expired")
    'PACK_DEBIAN_ALLOW_EXPIRED'
    """
    return "PACK_" + name.replace(".", "_").replace("-", "_").upper()


def _inside(prefix: str, values: Mapping[str, object]) -> dict[str, object]:
    """The values of one table, by attribute: of those whose names are the prefix and a word."""
    inner = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    return {name.replace("-", "_"): value for name, value in inner.items() if "." not in name}


def _merged(kind: Kind, weaker: object, stronger: object) -> object:
    if isinstance(kind, TextTable) and isinstance(weaker, tuple) and isinstance(stronger, tuple):
        return tuple(sorted({**dict(weaker), **dict(stronger)}.items()))
    return stronger


def _flattened(table: Mapping[str, object]) -> list[tuple[str, object]]:
    """The table's names and values, with those of an inner table as `debian.mirror`."""
    flat: list[tuple[str, object]] = []
    for name, value in table.items():
        if name in SETTING_TABLES and isinstance(value, Mapping):
            flat += [(f"{name}.{inner}", each) for inner, each in value.items()]
        else:
            flat.append((name, value))
    return flat


def _kind(name: str, source: Source) -> Kind:
    kinds = setting_kinds()
    if name in kinds:
        return kinds[name]
    if name in SETTING_TABLES:
        raise UsageError(
            f"{name} is a table of settings", where=source.where, hint=f"write them under [tool.pack.{name}]"
        )
    near = difflib.get_close_matches(name.replace("_", "-").lower(), kinds, n=1)
    raise UsageError(
        f"there is no setting named {name[:80]!r}",
        where=source.where,
        hint=f"did you mean {near[0]}?" if near else f"the settings are: {', '.join(kinds)}",
    )


def _parse(kind: Kind, value: object, *, name: str, source: Source) -> object:
    try:
        return kind.parse_text(str(value)) if source.kind == "environment" else kind.parse(value)
    except Misfit as misfit:
        raise UsageError(f"the setting {name}: {misfit.reason}", where=source.where, hint=misfit.hint) from misfit
