from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from packer.wheels.lock_text import render_lock
from packer.wheels.toml import parse_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(TEXT, st.integers(-(2**60), 2**60), st.booleans())
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


@given(
    st.dictionaries(TEXT.filter(lambda key: key != "packages"), VALUES, max_size=4),
    st.lists(st.dictionaries(TEXT, VALUES, max_size=4), max_size=3),
)
def test_what_is_written_is_read_back(top, packages):
    lock = {**top, "packages": packages}

    assert parse_toml(render_lock(lock), where="x") == lock


def test_times_keep_their_zone():
    lock = {"time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc), "packages": []}

    assert b"time = 2026-01-02T03:04:05Z" in render_lock(lock)
    assert parse_toml(render_lock(lock), where="x") == lock


def test_each_wheel_has_a_line():
    lock = {"packages": [{"name": "x", "wheels": [{"url": "a"}, {"url": "b"}]}]}

    assert render_lock(lock).decode() == (
        '\n[[packages]]\nname = "x"\nwheels = [\n    { url = "a" },\n    { url = "b" },\n]\n'
    )
