"""How far requirements let a distribution go."""

from __future__ import annotations

import pytest
from packaging.version import Version

from packer.plan.bounds import Bounds


def newest(*texts: str):
    bounds = Bounds()
    for text in texts:
        bounds.add(text)
    return bounds


@pytest.mark.parametrize(
    ("text", "below", "expected"),
    [
        ("flask<2.3", "2.3", True),
        ("flask<=2.3", "2.3", False),
        ("flask==2.2.5", "2.3", True),
        ("flask==2.3", "2.3", False),
        ("flask==2.2.*", "2.3", True),
        ("flask~=2.2.1", "2.3", True),
        ("flask~=2.2", "2.3", False),
        ("flask~=2.2", "3", True),
        ("flask>=1,<2", "2", True),
        ("flask===1.0", "2", True),
    ],
)
def test_the_newest_allowed_version_is_known(text, below, expected):
    limit = newest(text).newest("flask")

    assert limit is not None
    assert limit.is_below(Version(below)) is expected


def test_a_requirement_without_an_upper_limit_leaves_it_open():
    assert newest("flask>=2").newest("flask") is None
    assert newest("not a requirement !").newest("not") is None


def test_a_limit_is_kept_only_where_the_requirement_lets_it_go_so_low():
    assert newest("flask").limit("flask", "2")
    assert newest("flask>=1").limit("flask", "2")
    assert not newest("flask>=2").limit("flask", "2")
    assert not newest("flask==3.0").limit("flask", "2")
    assert not newest("flask<1").limit("flask", "2")


def test_the_tightest_of_several_limits_counts():
    bounds = newest("flask<3", "flask<2.1")
    bounds.limit("flask", "2.2")

    limit = bounds.newest("flask")

    assert limit is not None
    assert limit.version == Version("2.1")
