"""Where the base comes from."""

from __future__ import annotations

import pytest

from packer.errors import PlanError
from packer.plan.base import choose_base, require_room_for
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


@pytest.mark.parametrize(
    "base",
    [LayoutBase(path="base"), ArchiveBase(path="base.tar"), ReferenceBase(reference="registry.example.com/base")],
)
def test_a_finished_image_takes_no_debian_packages(base):
    with pytest.raises(PlanError, match="libmagic1t64 cannot be added to the base"):
        require_room_for(("libmagic1t64",), base)
    require_room_for((), base)


def test_a_base_of_debian_packages_takes_more_of_them():
    require_room_for(("libmagic1t64",), DebianBase(release="trixie"))
