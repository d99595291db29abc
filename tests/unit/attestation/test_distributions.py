import json

import pytest

from tests.unit.attestation.image_maker import SITE, distribution, inventory, metadata


def one(cache, *members):
    (found,) = inventory(cache, list(members)).distributions
    return found


def test_the_fields_of_the_metadata_and_not_of_the_description_count(cache):
    lines = ("Summary: Web", "Home-page: https://example.com/flask", "Requires-Dist: click>=8", "Requires-Dist: jinja2")
    found = one(cache, *distribution("Flask", "3.1.3", *lines, requested=True))

    assert (found.name, found.summary, found.homepage) == ("flask", "Web", "https://example.com/flask")
    assert (found.requires, found.requested) == (("click>=8", "jinja2"), True)
    assert found.path == f"/{SITE}/Flask-3.1.3.dist-info"


@pytest.mark.parametrize(
    ("lines", "expression", "licenses"),
    [
        (("License-Expression: MIT OR Apache-2.0", "License: other"), "MIT OR Apache-2.0", ()),
        (("License: BSD", "Classifier: License :: OSI Approved :: MIT License"), "", ("BSD",)),
        (("License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"), "", ("MIT License",)),
        (("License: a long text\n  of several lines", "Classifier: License :: OSI Approved"), "", ()),
        ((), "", ()),
    ],
)
def test_the_licence_is_an_expression_or_a_name_but_no_text(cache, lines, expression, licenses):
    found = one(cache, *distribution("a", "1", *lines))

    assert (found.expression, found.licenses) == (expression, licenses)


def test_the_environment_says_the_exact_python(cache):
    found = one(cache, *distribution("a", "1"), ("app/.venv/pyvenv.cfg", b"home = /usr/bin\nversion = 3.13.5\n"))

    assert (found.python, found.python_full) == ("3.13", "3.13.5")


def test_an_egg_and_a_file_of_distutils_count_too(cache):
    found = inventory(
        cache,
        [(f"{SITE}/a.egg-info/PKG-INFO", metadata("a", "1")), (f"{SITE}/b-2.egg-info", metadata("b", "2"))],
    )

    assert [(one.name, one.path) for one in found.distributions] == [
        ("a", f"/{SITE}/a.egg-info"),
        ("b", f"/{SITE}/b-2.egg-info"),
    ]


def test_the_hash_of_the_archive_is_known_where_it_is_noted(cache):
    note = {"url": "https://example.com/a.whl", "archive_info": {"hashes": {"sha256": "0" * 64, "md5": "0" * 32}}}
    found = one(cache, *distribution("a", "1"), (f"{SITE}/a-1.dist-info/direct_url.json", json.dumps(note).encode()))

    assert found.hashes == (("sha256", "0" * 64),)


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b"[" * 100_000, b'{"archive_info": {"hashes": [1]}}'])
def test_a_broken_note_of_the_archive_is_none(cache, note):
    assert one(cache, *distribution("a", "1"), (f"{SITE}/a-1.dist-info/direct_url.json", note)).hashes == ()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://me:secret@example.com/", "https://a b"])
def test_an_address_that_nobody_should_follow_is_left_out(cache, address):
    assert one(cache, *distribution("a", "1", f"Home-page: {address}")).homepage == ""
