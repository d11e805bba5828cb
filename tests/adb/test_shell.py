from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.shell import FRAME_PAYLOAD_MAX, FrameReader, Id, frame
from harness.errors import MalformedAdb


def test_a_frame_has_the_octets_of_the_protocol() -> None:
    assert frame(Id.STDOUT, b"hi") == b"\x01\x02\0\0\0hi"
    assert frame(Id.EXIT, b"\x07") == b"\x03\x01\0\0\0\x07"
    assert frame(Id.CLOSE_STDIN) == b"\x04\0\0\0\0"


@given(st.lists(st.tuples(st.sampled_from(Id), st.binary(max_size=50))), st.integers(1, 30))
def test_any_split_of_the_stream_gives_the_same_frames(frames: list[tuple[Id, bytes]], size: int) -> None:
    octets = b"".join(frame(kind, payload) for kind, payload in frames)
    reader = FrameReader()
    assert [each for at in range(0, len(octets), size) for each in reader.feed(octets[at : at + size])] == frames
    assert reader.ended() is None


def test_what_is_too_long_for_a_frame_takes_several() -> None:
    frames = FrameReader().feed(frame(Id.STDIN, bytes(FRAME_PAYLOAD_MAX + 5)))
    assert [len(payload) for _, payload in frames] == [FRAME_PAYLOAD_MAX, 5]


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"\x06\0\0\0\0", "a frame of unknown id 6"),
        (b"hello", "a frame of unknown id 104"),
        (b"\x01\x01\0\x10\0", "a frame of 1048577 bytes"),
    ],
)
def test_what_is_no_frame_is_refused_at_its_head(octets: bytes, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        FrameReader().feed(octets)


def test_an_end_amid_a_frame_is_told() -> None:
    reader = FrameReader()
    reader.feed(b"\x01\x02")
    assert reader.ended() == "the stream ended amid a frame of the shell"
