"""Frames of a container's outputs."""

from __future__ import annotations

import io
import struct

from hypothesis import given
from hypothesis import strategies as st

from packer.engine.wire import frames

OUTPUTS = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=200)))


def encoded(outputs: list[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack(">BxxxL", output, len(data)) + data for output, data in outputs)


def joined(outputs: list[tuple[int, bytes]], wanted: int) -> bytes:
    return b"".join(data for output, data in outputs if output == wanted)


@given(OUTPUTS, st.integers(1, 50))
def test_frames_are_put_together_however_they_arrive(outputs: list[tuple[int, bytes]], most: int) -> None:
    stream = io.BytesIO(encoded(outputs))
    found = list(frames(lambda size: stream.read(min(size, most))))

    assert [joined(found, output) for output in (1, 2)] == [joined(outputs, output) for output in (1, 2)]


@given(OUTPUTS, st.integers(0, 400))
def test_a_frame_that_is_cut_off_ends_the_stream(outputs: list[tuple[int, bytes]], cut: int) -> None:
    whole = encoded(outputs)
    found = list(frames(io.BytesIO(whole[:cut]).read))

    assert joined(outputs, 1).startswith(joined(found, 1))
