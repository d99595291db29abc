from __future__ import annotations

import doctest
from collections.abc import Callable

import pytest

from packer.errors import ArchiveError
from packer.oci import config, digest, document, platform, reference
from packer.oci.document import MAX_DOCUMENT_BYTES, Document, canonical_json


@pytest.mark.parametrize("module", [config, digest, document, platform, reference])
def test_the_examples_in_the_docstrings_hold(module) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": NaN}',
        b'{"a": 1' + b"0" * 5000 + b"}",
        b" " * (MAX_DOCUMENT_BYTES + 1),
        b"[]",
        b"1",
        b"null",
    ],
    ids=lambda content: content[:12],
)
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(ArchiveError, match="image config"):
        Document.parse(content, "image config")


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: fields.text("list"),
        lambda fields: fields.number("text"),
        lambda fields: fields.number("flag"),
        lambda fields: fields.flag("text"),
        lambda fields: fields.texts("text"),
        lambda fields: fields.texts("mixed"),
        lambda fields: fields.text_map("list"),
        lambda fields: fields.text_map("object"),
        lambda fields: fields.section("text"),
        lambda fields: fields.sections("mixed"),
        lambda fields: fields.sections("object"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(read: Callable[[Document], object]) -> None:
    fields = Document.parse(b'{"text":"x","flag":true,"list":[],"mixed":["x",1,{}],"object":{"a":1}}', "index")
    with pytest.raises(ArchiveError, match=r"the index is broken: '(text|flag|list|mixed|object)' is not"):
        read(fields)


def test_absent_and_null_fields_are_empty() -> None:
    for fields in (Document.parse(b"{}", "x"), Document.parse(b'{"a":null}', "x")):
        assert (fields.text("a", "default"), fields.number("a", 3), fields.flag("a")) == ("default", 3, False)
        assert (fields.texts("a"), fields.text_map("a"), fields.sections("a")) == ((), {}, ())
        assert not fields.section("a").fields


def test_equal_values_have_equal_bytes() -> None:
    assert canonical_json({"b": 1, "a": {"d": 2, "c": 3}}) == canonical_json({"a": {"c": 3, "d": 2}, "b": 1})


def test_a_text_that_is_no_unicode_survives() -> None:
    fields = Document.parse(b'{"a":"\\ud800"}', "x")
    assert canonical_json(dict(fields.fields)) == b'{"a":"\\ud800"}'
