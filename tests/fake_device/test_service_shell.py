"""Command lines over adb: input, output, complaints, the exit status, and hosts that leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.shell import Id, frame
from harness.errors import MalformedAdb
from harness.fake_device import FakeDevice
from harness.fake_device.service_base import HELD_MAX
from tests.fake_device.asking import AT_MS
from tests.fake_device.serving import MOST, drawn, frames, opened, said, split

RAW = "shell,v2,raw:"
END = frame(Id.CLOSE_STDIN)


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("echo hi", b"hi\n", b"", 0),
        ("exit 7", b"", b"", 7),
        ("echo out; echo err >&2; false", b"out\n", b"err\n", 1),
        ("nothing", b"", b"/system/bin/sh: nothing: inaccessible or not found\n", 127),
        ("sleep 100; echo late", b"late\n", b"", 0),
    ],
)
def test_output_complaints_and_status_come_apart(command: str, out: bytes, err: bytes, code: int) -> None:
    assert frames(drawn(opened(RAW + command))) == (out, err, code)


def test_output_and_complaints_keep_their_order_where_they_are_one() -> None:
    assert drawn(opened("exec:echo 1; echo 2 >&2; echo 3; echo 4 >&2")) == b"1\n2\n3\n4\n"


@given(st.binary(max_size=5000), st.lists(st.integers(0, 10**6), max_size=5), st.lists(st.integers(0, 10**6)))
def test_input_arrives_whole_however_it_is_cut(data: bytes, framed_at: list[int], split_at: list[int]) -> None:
    written = b"".join(frame(Id.STDIN, piece) for piece in split(data, framed_at)) + END
    assert frames(said(opened(RAW + "cat"), *split(written, split_at))) == (data, b"", 0)


def test_a_command_that_reads_waits_for_more_until_its_input_ends() -> None:
    service = opened(RAW + "wc -c")
    assert (said(service, frame(Id.STDIN, b"12345")), service.done) == (b"", False)
    assert frames(said(service, frame(Id.WINDOW_SIZE, b"24x80,0x0"), END)) == (b"5\n", b"", 0)
    assert service.done


def test_plain_input_is_that_of_the_command() -> None:
    service = opened("exec:cat")
    assert said(service, b"one", b"two") == b"onetwo"
    assert not service.done


def test_a_sleep_is_told_before_what_comes_after_it() -> None:
    service = opened("shell:echo a; sleep 2; echo b")
    assert (service.take(MOST), service.pause_ms, service.done) == (b"a\n", 2000, False)
    service.pause_ms = 0
    assert (service.take(MOST), service.done) == (b"b\n", True)


def test_a_stream_without_end_waits_for_news() -> None:
    device = FakeDevice()
    service = opened("shell:logcat", device)
    assert (drawn(service), service.is_idle, service.done) == (b"--------- beginning of main\n", True, False)
    device.note("tag", "words", AT_MS)
    assert drawn(service).endswith(b" I tag: words\n")


def test_a_command_that_says_much_is_drawn_as_fast_as_its_host_reads() -> None:
    service = opened("exec:yes")
    pieces = [service.take(100_000) for _ in range(3)]
    assert all(100_000 <= len(piece) < 200_000 for piece in pieces)
    service.gone()
    assert (service.take(MOST), service.done) == (b"", True)


def test_a_host_has_to_wait_whose_input_nobody_reads() -> None:
    service = opened(RAW + "sleep 1; cat")
    service.take(MOST)
    service.feed(frame(Id.STDIN, bytes(HELD_MAX + 1)), AT_MS)
    assert service.is_full
    service.pause_ms = 0
    assert len(drawn(service)) > HELD_MAX
    assert not service.is_full


def test_a_host_that_leaves_has_written_what_it_wrote() -> None:
    device = FakeDevice()
    service = opened("exec:cat > /sdcard/x", device)
    service.feed(bytes(300_000), AT_MS)
    service.gone()
    assert device.run("wc -c < /sdcard/x").out == b"300000\n"


@pytest.mark.parametrize("command", ["cat; touch /sdcard/later", "sleep 1; touch /sdcard/later"])
def test_a_command_ends_where_it_would_say_something_to_a_host_that_has_left(command: str) -> None:
    device = FakeDevice()
    service = opened(f"exec:{command}", device)
    service.feed(b"hello", AT_MS)
    service.gone()
    assert device.run("test -e /sdcard/later").code == 1


def test_what_is_no_frame_ends_the_stream() -> None:
    with pytest.raises(MalformedAdb):
        opened(RAW + "cat").feed(b"\x09\0\0\0\0", AT_MS)
