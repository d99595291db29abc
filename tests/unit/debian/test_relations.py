from __future__ import annotations

import pytest

from packer.debian.relations import Relation, parse_relations
from packer.errors import ArchiveError


def test_groups_and_alternatives_are_read():
    field = "libc6 (>= 2.38), debconf (>= 0.5) | debconf-2.0, python3:any (<< 4) [amd64] <!nocheck>,"
    assert parse_relations(field) == (
        (Relation("libc6", ">=", "2.38"),),
        (Relation("debconf", ">=", "0.5"), Relation("debconf-2.0")),
        (Relation("python3", "<<", "4"),),
    )


@pytest.mark.parametrize(
    ("operator", "accepted"),
    [("<<", "1"), ("<=", "12"), ("=", "2"), (">=", "23"), (">>", "3"), ("<", "12"), (">", "23")],
)
def test_bounds_mean_what_the_policy_says(operator, accepted):
    ((relation,),) = parse_relations(f"x ({operator} 2)")
    assert "".join(version for version in "123" if relation.accepts(version)) == accepted


@pytest.mark.parametrize("text", ["UPPER", "a (~ 1)", "a (>= 1", "-x", "a b"])
def test_bad_syntax_is_refused(text):
    with pytest.raises(ArchiveError, match="not a relation"):
        parse_relations(text)
