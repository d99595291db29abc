from __future__ import annotations

from packer.debian.control import parse_stanza, parse_stanzas


def test_a_field_goes_on_in_indented_lines():
    assert parse_stanza("Package: x\nDescription: short\n long\n .\n")["description"] == "short\nlong\n."


def test_names_are_compared_without_case_and_the_first_counts():
    assert parse_stanza("SHA256: a\nsha256: b\n continued")["sha256"] == "a"


def test_comments_and_stray_lines_are_passed_over():
    assert parse_stanza("# Suite: evil\nno field\n  stray\nSuite: good") == {"suite": "good"}


def test_only_a_line_feed_ends_a_line():
    assert parse_stanza("Suite: stable\x85Codename: evil\rDate: never") == {
        "suite": "stable\x85Codename: evil\rDate: never"
    }


def test_stanzas_are_divided_by_empty_lines():
    assert [fields["a"] for fields in parse_stanzas("A: 1\n\n \n\nA: 2\n# end\n")] == ["1", "2"]
