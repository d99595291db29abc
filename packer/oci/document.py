"""The image specification's JSON documents: canonical bytes out, hostile bytes in.

Raw JSON goes no further than the `from_json` and `to_json` beside each type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

from msgspec import Struct

from packer.errors import ArchiveError

__all__ = ["MAX_DOCUMENT_BYTES", "Document", "canonical_json"]

MAX_DOCUMENT_BYTES = 8 << 20
"""Larger manifests and configs are refused; registries refuse manifests beyond 4 MiB."""


def canonical_json(value: object) -> bytes:
    r"""The one way in which pack writes a document: sorted keys, no spaces, ASCII, no newline at the end.

    >>> canonical_json({"b": [1, "ü"], "a": None})
    b'{"a":null,"b":[1,"\\u00fc"]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


class Document(Struct, frozen=True):
    """A JSON object whose fields are read with their types checked.

    Every reader raises `ArchiveError`, naming the document and the field, for a value of another type. A field that
    is absent or null gives the default or an empty value, as in Go, where the specification's types live.

    Attributes:
        what: names the document in messages: `image config`.
        fields: the raw fields.
    """

    what: str
    fields: Mapping[str, object]

    @classmethod
    def parse(cls, content: bytes, what: str) -> Document:
        """Read a document. Raises `ArchiveError` for what is too large, too deep, no JSON, or no object."""
        return cls._checked(_load(content, what), what)

    @classmethod
    def parse_list(cls, content: bytes, what: str) -> tuple[Document, ...]:
        """Read a list of documents. Raises as `parse` does."""
        values = _load(content, what)
        if not isinstance(values, list):
            raise ArchiveError(f"the {what} is not a JSON list")
        return tuple(cls._checked(value, what) for value in values)

    @classmethod
    def _checked(cls, value: object, what: str) -> Document:
        if not isinstance(value, dict):
            raise ArchiveError(f"the {what} is not a JSON object")
        return cls(what, value)

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self.fields.get(key)
        if value is None:
            return default
        return value if isinstance(value, str) else self._wrong(key, "a text")

    def number(self, key: str, default: int = 0) -> int:
        """An integer."""
        value = self.fields.get(key)
        if value is None:
            return default
        return value if isinstance(value, int) and not isinstance(value, bool) else self._wrong(key, "an integer")

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.fields.get(key)
        return value if isinstance(value, bool) else False if value is None else self._wrong(key, "true or false")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item if isinstance(item, str) else self._wrong(key, "a list of texts") for item in self._list(key))

    def text_map(self, key: str) -> dict[str, str]:
        """An object whose values are texts."""
        section = self.section(key).fields
        return {
            name: value if isinstance(value, str) else self._wrong(key, "an object of texts")
            for name, value in section.items()
        }

    def section(self, key: str) -> Document:
        """An object in the object; empty when it is absent."""
        value = self.fields.get(key)
        if value is None:
            return Document(f"{self.what}'s {key}", {})
        if not isinstance(value, dict):
            self._wrong(key, "an object")
        return Document(f"{self.what}'s {key}", value)

    def sections(self, key: str) -> tuple[Document, ...]:
        """A list of objects."""
        what = f"{self.what}'s {key}"
        return tuple(
            Document(what, item) if isinstance(item, dict) else self._wrong(key, "a list of objects")
            for item in self._list(key)
        )

    def others(self, *known: str) -> dict[str, object]:
        """The fields whose names are not among the known ones."""
        return {key: value for key, value in self.fields.items() if key not in known}

    def _list(self, key: str) -> list[object]:
        value = self.fields.get(key)
        if value is None:
            return []
        return value if isinstance(value, list) else self._wrong(key, "a list")

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        raise ArchiveError(f"the {self.what} is broken: {key!r} is not {wanted}")


def _load(content: bytes, what: str) -> object:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise ArchiveError(f"the {what} is larger than {MAX_DOCUMENT_BYTES} bytes")
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"the {what} is not JSON that pack can read") from error


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
