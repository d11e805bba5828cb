"""Server-sent events there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.sse import Decoder, Event, comment_bytes, event_bytes

BYTES: list[tuple[Event, bytes]] = [
    (Event("hi"), b"data: hi\n\n"),
    (Event(""), b"data: \n\n"),
    (Event("a\nb\r\nc\rd"), b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
    (Event("é", "push", "7"), b"event: push\nid: 7\ndata: \xc3\xa9\n\n"),
]


@pytest.mark.parametrize(("event", "expected"), BYTES)
def test_an_event_becomes_these_bytes(event: Event, expected: bytes) -> None:
    assert event_bytes(event) == expected


@pytest.mark.parametrize("event", [Event("x", "a\nb"), Event("x", id="a\rb"), Event("x", id="\0")])
def test_a_name_or_id_has_one_line(event: Event) -> None:
    with pytest.raises(ValueError, match="line break"):
        event_bytes(event)


READ: list[tuple[bytes, list[Event]]] = [
    (b"data: hi\n\n", [Event("hi")]),
    (b"\xef\xbb\xbfdata: hi\n\n", [Event("hi")]),
    (b"data:hi\r\n\r\n", [Event("hi")]),
    (b"data:  hi\r\r", [Event(" hi")]),
    (b"data: a\rdata: b\r\ndata\n\n", [Event("a\nb\n")]),
    (b": comment\n\ndata: x\n\n", [Event("x")]),
    (b"event: e\n\ndata: x\n\n", [Event("x")]),
    (b"event: e\ndata: x\n\ndata: y\n\n", [Event("x", "e"), Event("y")]),
    (b"id: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n", [Event("x", id="1"), Event("y", id="1"), Event("z")]),
    (b"id: 1\nid: a\0\ndata: x\n\n", [Event("x", id="1")]),
    (b"unknown: 1\ndata: x\n\n", [Event("x")]),
    (b"data: \xff\n\n", [Event("\ufffd")]),
    (b"data: unfinished\n", []),
]


@pytest.mark.parametrize(("data", "events"), READ)
def test_events_are_read_however_their_bytes_come(data: bytes, events: list[Event]) -> None:
    assert Decoder().feed(data) == events
    decoder = Decoder()
    assert [event for i in range(len(data)) for event in decoder.feed(data[i : i + 1])] == events


def test_the_decoder_remembers_id_and_retry() -> None:
    decoder = Decoder("1")
    assert decoder.feed(b"retry: 1500\nretry: soon\nretry: 99999999999\ndata: x\n\n") == [Event("x", id="1")]
    assert (decoder.last_id, decoder.retry_s) == ("1", 1.5)
    decoder.feed(b"id: 2\n")
    assert decoder.last_id == "2"


LINE = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=8)
EVENTS = st.builds(
    Event,
    st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    LINE.map(lambda name: name or "message"),
    LINE.filter(bool),
)


@given(st.lists(EVENTS, max_size=4), LINE, st.integers(1, 9))
def test_events_come_out_as_they_went_in(events: list[Event], comment: str, size: int) -> None:
    data = b"".join(comment_bytes(comment) + event_bytes(event) for event in events)
    decoder = Decoder()
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    assert [event for piece in pieces for event in decoder.feed(piece)] == events


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_no_bytes_make_the_decoder_raise(pieces: list[bytes]) -> None:
    apart, together = Decoder(), Decoder()
    assert [event for piece in pieces for event in apart.feed(piece)] == together.feed(b"".join(pieces))


@pytest.mark.parametrize(
    "pieces", [[b"data: " + b"x" * 40], [b"data: xxxx\n"] * 9, [b"x" * 21, b"x" * 20], [b":" * 50]]
)
def test_an_event_without_an_end_is_too_long(pieces: list[bytes]) -> None:
    decoder = Decoder(bytes_max=40)
    assert decoder.feed(b"data: " + b"x" * 30 + b"\n\n") == [Event("x" * 30)]
    assert [event for piece in pieces for event in decoder.feed(piece)] == []
    assert decoder.overlong
    assert decoder.feed(b"\n\ndata: y\n\n") == []


def test_thousands_of_lines_are_read_in_one_go() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\n" * 500_000 + b":\r" * 200_000 + b"data: x\n\n") == [Event("x")]
