from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.debian.versions import Version, upstream_version
from packer.errors import ArchiveError

ASCENDING = (
    *("~~", "~~a", "~", "0", "0a", "0.0~rc1", "0.0", "1~", "1", "1.0~beta1~svn1245", "1.0~beta1", "1.0", "1.0-0.1"),
    *("1.0-1", "1.0-1+b1", "1.0-1+deb13u1", "1.0-1+deb13u10", "1.0.1", "1.1", "1.2a", "1.2b", "1.2+", "1.10", "2-1"),
    *("1:0.1", "1:0.1-2", "10:0"),
)


def test_versions_stand_in_the_order_of_the_policy():
    for lower, higher in pairwise(ASCENDING):
        assert Version(lower) < Version(higher), (lower, higher)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0-0"), ("0:1", "1"), ("1.00", "1.0"), ("1a0", "1a")])
def test_different_spellings_can_be_equal(one, other):
    assert Version(one) == Version(other)
    assert hash(Version(one)) == hash(Version(other))


@pytest.mark.parametrize("text", ["", "1 0", "1_0", "a:1", "1\n", "x" * 600])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(ArchiveError, match="not a Debian version"):
        Version(text)


@given(st.lists(st.text("0123456789ab.~+-", min_size=1, max_size=8), min_size=3, max_size=3))
def test_the_order_is_total(texts):
    one, two, three = sorted(map(Version, texts))
    assert one <= two <= three
    assert one <= three


@pytest.mark.parametrize(
    ("text", "upstream"), [("3.13.5-2+deb13u5", "3.13.5"), ("1:2.4", "2.4"), ("2.41-12-1", "2.41-12")]
)
def test_the_upstream_part_is_found(text, upstream):
    assert upstream_version(text) == upstream
