"""Which builder makes an image where nobody says."""

from __future__ import annotations

from packer.plan.builder import choose_builder
from packer.plan.settings import Settings


def test_pack_itself_builds_unless_the_plan_needs_an_engine() -> None:
    assert choose_builder(Settings()) == ("native", None)
    assert choose_builder(Settings(packages=("libmagic1",))) == ("native", None)
    assert choose_builder(Settings(base="python:3.12-slim")) == ("native", None)


def test_packages_on_a_finished_image_need_an_engine_and_it_is_said() -> None:
    builder, why = choose_builder(Settings(base="python:3.12-slim", packages=("libmagic1",)))

    assert builder == "engine"
    assert "libmagic1" in (why or "")


def test_a_wish_wins() -> None:
    wish = Settings(builder="native", base="python:3.12-slim", packages=("libmagic1",))

    assert choose_builder(wish)[0] == "native"
    assert choose_builder(Settings(builder="engine"))[0] == "engine"
