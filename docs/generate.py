"""Write what is made from the settings' docstrings: `docs/settings.md` and the JSON schema.

python docs/generate.py           write both
python docs/generate.py --check   only say whether they are up to date
"""

# ruff: noqa: INP001 - a script, not a package
from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from packer.plan import settings as module  # noqa: E402 - the checkout goes first on the path
from packer.plan.settings import SETTING_TABLES, Settings, setting_kinds  # noqa: E402
from packer.plan.settings_parser import variable_name  # noqa: E402
from packer.plan.settings_values import Kind, ListTable, Number, Switch, Text, TextList, TextTable  # noqa: E402

REFERENCE = ROOT / "docs" / "settings.md"
SCHEMA = ROOT / "packer" / "plan" / "settings_schema.json"

HEAD = """\
# Settings

Nothing has to be set.
What is set goes into `[tool.pack]` in `pyproject.toml`,
or into a file `pack.toml` with the same names at its top level.
Where both state settings, pack stops and says so.

```toml
[tool.pack]
app = "shop.web:create_app()"
python = "3.13"

[tool.pack.environment]
TZ = "Europe/Vienna"
```

A flag on the command line is stronger than an environment variable, and that is stronger than the file.
Tables are merged name by name, everything else is replaced.
An unknown name is an error that suggests the nearest one.
`pack inspect` shows what was decided, and which setting changes it.

In an environment variable, a list is separated by commas or line breaks,
and a table is written as `NAME=value`, one to a line.

Editors can complete and check `pack.toml` with the JSON schema that ships with pack:
`packer/plan/settings_schema.json`.
"""


def docstrings(record: type) -> dict[str, str]:
    """The docstring below each attribute of a record."""
    names = {node.name: node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)}
    found: dict[str, str] = {}
    attribute = ""
    for statement in names[record.__name__].body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=attribute)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if attribute:
                found[attribute.replace("_", "-")] = inspect.cleandoc(text)
            case _:
                attribute = ""
    return found


def all_docstrings() -> dict[str, str]:
    """The docstring of every setting by its name."""
    inner = {
        f"{table}.{name}": text for table, record in SETTING_TABLES.items() for name, text in docstrings(record).items()
    }
    return docstrings(Settings) | inner


def type_name(kind: Kind) -> str:
    """What the value of a setting is, for the reference."""
    match kind:
        case Text():
            return "text"
        case Number():
            return f"number, {kind.low} to {kind.high}"
        case Switch():
            return "`true` or `false`"
        case TextList():
            return "list of texts"
        case TextTable():
            return "table of names and texts"
        case ListTable():
            return "table of names and lists of texts"
        case _:
            raise AssertionError(kind)


def example(name: str, kind: Kind) -> str:
    """A line of TOML that sets it, empty where the type says enough."""
    match kind:
        case Text():
            return f'{name} = "{kind.example}"'
        case TextList():
            return f'{name} = ["{kind.item.example}"]'
        case TextTable():
            return f'{name} = {{ {_key(kind.name.example)} = "{kind.example}" }}'
        case ListTable():
            return f'{name} = {{ {_key(kind.name.example)} = ["{kind.items.item.example}"] }}'
        case _:
            return ""


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name


def reference() -> str:
    """The page."""
    texts = all_docstrings()
    parts = [HEAD]
    for name, kind in setting_kinds().items():
        line = example(name, kind)
        parts.append(
            f"## `{name}`\n\n{texts[name]}\n\nType: {type_name(kind)}. Environment: `{variable_name(name)}`.\n"
            + (f"\n```toml\n{line}\n```\n" if line else "")
        )
    return "\n".join(parts)


def schema() -> str:
    """The JSON schema of `pack.toml` and of `[tool.pack]`."""
    texts = all_docstrings()
    properties: dict[str, object] = {}
    for name, kind in setting_kinds().items():
        table, _, inner = name.rpartition(".")
        if table and table not in properties:
            properties[table] = {
                "description": texts[table],
                "type": "object",
                "properties": {},
                "additionalProperties": False,
            }
        place = properties[table]["properties"] if table else properties  # type: ignore[index] # made just above
        text = " ".join(textwrap.dedent(texts[name]).split())
        place[inner or name] = {"description": text, **kind.schema()}  # type: ignore[index]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of pack",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write or check; the exit code."""
    stale = []
    for path, text in ((REFERENCE, reference()), (SCHEMA, schema())):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    for path in stale:
        sys.stderr.write(f"{'stale' if '--check' in sys.argv else 'written'}: {path.relative_to(ROOT)}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
