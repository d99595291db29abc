"""How a value gets into a template: each filter here makes a text that means the value, and nothing else, at its place.

A place that cannot hold some values (a Dockerfile's line has no form for a line break) refuses them with a
`PlanError`, so that nothing is written rather than something else than was meant.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from types import MappingProxyType

from packer.errors import PlanError
from packer.regex import regex

__all__ = ["FILTERS", "Quoted", "python_literal"]

_BARE = regex(r"[A-Za-z0-9_./:@%+=,~^-]+")
_PLAIN = regex(r"[A-Za-z0-9_.][A-Za-z0-9_./:@+=!~-]*")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_HASH = regex(r"sha256:[0-9a-f]{64}")
_IGNORE_RESERVED = regex(r"([*?\[\]\\])")
_UNPRINTABLE = regex("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What YAML does not allow as it is, or takes for a line break, and JSON leaves as it is."""
_MOST_SHOWN = 60


class Quoted(str):
    """A text that a quoting filter made for the place it is printed at."""

    __slots__ = ()


def python_literal(value: object) -> Quoted:
    r"""A value as a Python literal on one line of ASCII, which means the same in every version of Python.

    >>> print(python_literal("plain"), python_literal("ä\n'"), python_literal((1, None)))
    "plain" "\xe4\n'" (1, None)
    """
    if not _is_plain(value):
        raise TypeError(f"{type(value).__name__} has no literal that a template may print")
    if isinstance(value, str) and value.isascii() and value.isprintable() and not set(value) & set('"\\'):
        return Quoted(f'"{value}"')
    return Quoted(ascii(value))


def plain(value: object) -> Quoted:
    """A number, or a text of letters, digits and `_./:@+=!~-` only, as it is: it means itself wherever it stands.

    >>> plain("libpq-dev"), plain(8000)
    ('libpq-dev', '8000')
    """
    if type(value) is int:
        return Quoted(value)
    text = _text(value)
    if not _PLAIN.fullmatch(text):
        raise _refused(text, "letters, digits and _./:@+=!~- are expected, and no sign at the front")
    return Quoted(text)


def name(value: object) -> Quoted:
    """The name of an environment variable."""
    text = _text(value)
    if not _NAME.fullmatch(text):
        raise _refused(text, "it is no name of a variable")
    return Quoted(text)


def word(value: object) -> Quoted:
    r"""One argument of a Dockerfile's `ENV`, `LABEL` or `WORKDIR`, which expand variables and take quotes away.

    >>> print(word("/app"), word('a "b" $HOME'))
    /app "a \"b\" \$HOME"
    """
    text = _one_line(value)
    return Quoted(text if _BARE.fullmatch(text) and "=" not in text else f'"{_escaped(text, _IN_QUOTES)}"')


def exec_form(value: object) -> Quoted:
    r"""A JSON array of texts, or one text, for an exec form: `ENTRYPOINT`, `CMD`, `HEALTHCHECK CMD`, `RUN`.

    >>> print(exec_form(("python", "-c", "print('$x')\n")))
    ["python", "-c", "print('$x')\n"]
    """
    return Quoted(json.dumps(list(value) if isinstance(value, tuple) else _text(value)))


def expanded_form(value: object) -> Quoted:
    r"""A JSON array of texts for an instruction that expands variables in it: `VOLUME`, `COPY`.

    >>> print(expanded_form(("/data", "/it's $5")))
    ["/data", "/it\\'s \\$5"]
    """
    texts = value if isinstance(value, tuple) else (value,)
    return Quoted(json.dumps([_escaped(_one_line(text), _EXPANDED) for text in texts]))


def shell(value: object) -> Quoted:
    """One word of a shell command on one line."""
    return Quoted(shlex.quote(_one_line(value)))


def yaml(value: object) -> Quoted:
    r"""A YAML scalar, or a flow sequence of them, in the double quotes that YAML shares with JSON.

    >>> print(yaml("no"), yaml(8080), yaml(True), yaml(("a", "b: c")))
    "no" 8080 true ["a", "b: c"]
    """
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise _refused(text, "it is not Unicode")
    return Quoted(_UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def compose(value: object) -> Quoted:
    """As `yaml`, for a Compose file, which puts variables in the place of `$NAME`.

    >>> print(compose("cost: $5"))
    "cost: $$5"
    """
    if isinstance(value, tuple):
        return yaml(tuple(_text(item).replace("$", "$$") for item in value))
    return yaml(value.replace("$", "$$") if isinstance(value, str) else value)


def ignore(value: object) -> Quoted:
    r"""A path as a pattern of `.dockerignore` that matches nothing else.

    >>> print(ignore("static/a[1]*.js"))
    static/a\[1\]\*.js
    """
    text = _one_line(value)
    if text != text.strip() or text.startswith(("#", "!")) or not text:
        raise _refused(text, "a line of .dockerignore cannot say it")
    return Quoted(_IGNORE_RESERVED.sub(r"\\\1", text))


def pattern(value: object) -> Quoted:
    """A line of `.dockerignore` that is a pattern already."""
    text = _one_line(value)
    if text != text.strip() or text.startswith("#"):
        raise _refused(text, "a line of .dockerignore cannot say it")
    return Quoted(text)


def nginx(value: object) -> Quoted:
    r"""A number as it is, or a text as one quoted word of an nginx configuration.

    There is no way to write a dollar sign where nginx looks for variables, so a text that has one is refused.

    >>> print(nginx(8080), nginx("app:8000"), nginx('/a "b"/'))
    8080 "app:8000" "/a \"b\"/"
    """
    if type(value) is int:
        return Quoted(value)
    text = _one_line(value)
    if "$" in text:
        raise _refused(text, "nginx would take its dollar sign for a variable")
    return Quoted(f'"{_escaped(text, _IN_QUOTES)}"')


def option(value: object) -> Quoted:
    r"""A value in MySQL's option files, in quotes with the escapes that they know.

    Format: https://dev.mysql.com/doc/refman/8.4/en/option-files.html
    """
    if type(value) is int:
        return Quoted(value)
    text = _one_line(value)
    return Quoted('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')


def digest(value: object) -> Quoted:
    """The hash of a file, as pip writes it."""
    text = _text(value)
    if not _HASH.fullmatch(text):
        raise _refused(text, "it is no SHA-256")
    return Quoted(text)


def requirement(value: object) -> Quoted:
    """A line of a requirements file that is one requirement: it may bring neither an option nor a variable."""
    text = _one_line(value)
    if not text.strip() or text.startswith(("-", "#")) or " #" in text or " --" in text or "${" in text:
        raise _refused(text, "it is no requirement")
    if text.endswith("\\"):
        raise _refused(text, "it is no requirement")
    return Quoted(text)


_IN_QUOTES = frozenset('\\"$')
_EXPANDED = frozenset("\\\"'$")


def _escaped(text: str, reserved: frozenset[str]) -> str:
    return "".join(f"\\{one}" if one in reserved else one for one in text)


def _one_line(value: object) -> str:
    text = _text(value)
    if any(one < " " or one == "\x7f" or one in "\x85\u2028\u2029" or "\ud800" <= one <= "\udfff" for one in text):
        raise _refused(text, "it holds a line break or a control character, which this file has no form for")
    return text


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} is no text that a template may print")
    return value


def _refused(text: str, why: str) -> PlanError:
    return PlanError(
        f"{text[:_MOST_SHOWN]!r} cannot be written to a generated file: {why}",
        hint="change it in the project or under [tool.pack]; pack build takes it as it is",
    )


def _is_plain(value: object) -> bool:
    if type(value) is tuple:
        return all(_is_plain(item) for item in value)
    return value is None or type(value) in (str, int, bool)


FILTERS: MappingProxyType[str, Callable[[object], Quoted]] = MappingProxyType(
    {
        "compose": compose,
        "digest": digest,
        "exec": exec_form,
        "expanded": expanded_form,
        "ignore": ignore,
        "name": name,
        "nginx": nginx,
        "option": option,
        "pattern": pattern,
        "plain": plain,
        "py": python_literal,
        "requirement": requirement,
        "sh": shell,
        "word": word,
        "yaml": yaml,
    }
)
"""Every filter by its name in templates."""
