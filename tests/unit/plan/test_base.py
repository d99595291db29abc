"""Where the base comes from."""

from __future__ import annotations

import pytest

from packer.plan.base import choose_base
from packer.plan.model import ArchiveBase, DebianBase, LayoutBase, ReferenceBase


@pytest.mark.parametrize(
    ("wish", "python", "expected"),
    [
        (None, "3.13", DebianBase(release="trixie", packages=("libpq5",))),
        ("debian", "3.11", DebianBase(release="bookworm", packages=("libpq5",))),
        (None, "3.12", ReferenceBase(reference="docker.io/library/python:3.12-slim")),
        ("registry.example.com/team/base:1", "3.13", ReferenceBase(reference="registry.example.com/team/base:1")),
        ("oci:images/base", "3.12", LayoutBase(path="images/base")),
        ("archive:base.tar", "3.12", ArchiveBase(path="base.tar")),
    ],
)
def test_the_base_is_what_the_setting_says_else_debian_where_it_has_the_python(wish, python, expected):
    base, decision = choose_base(wish, python, ("libpq5",))

    assert base == expected
    assert decision.reason
