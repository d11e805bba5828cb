from __future__ import annotations

import pytest

from harness.fake_device import FakeDevice, Ran
from harness.fake_device.process import CANCELLED, IDLE, KEPT_MAX, READ, Err, Kept, Out, Process, Talk, encoded, through
from tests.fake_device.asking import asked


def test_cat_waits_for_its_input_and_passes_it_on_at_once() -> None:
    process = FakeDevice().start("cat")
    assert process.take().out == b""
    assert process.waits_for_input
    process.feed(b"ab")
    assert process.take().out == b"ab"
    process.end_input()
    process.take()
    assert process.code == 0


def test_logcat_follows_until_it_is_cancelled() -> None:
    device = FakeDevice()
    process = device.start("logcat")
    process.take()
    assert process.is_idle
    device.note("Tag", "hello", 0)
    assert b"Tag: hello" in process.take().out
    process.cancel()
    assert (process.code, process.take().out) == (CANCELLED, b"")


def test_a_sleep_says_how_long_it_is_and_goes_on() -> None:
    process = FakeDevice().start("echo a; sleep 1.5; echo b")
    first = process.take()
    assert (first.out, first.delay_ms) == (b"a\n", 1500)
    assert process.take().out == b"b\n"
    assert asked("sleep 2; sleep 1m").delay_ms == 62_000


def test_run_cancels_what_does_not_end() -> None:
    assert asked("logcat").code == CANCELLED


@pytest.mark.parametrize(
    "command", ["cat /sdcard/big", "yes | head -c 1M", "head -c 1048576 /dev/zero", "cat /dev/zero | head -c 1m"]
)
def test_a_mebibyte_comes_out_whole(command: str) -> None:
    device = FakeDevice()
    device.files.write("/sdcard/big", bytes(1 << 20), 0)
    assert len(asked(command, device).out) == 1 << 20


def test_input_is_taken_no_further_than_needed() -> None:
    assert asked("head -c 3", stdin=b"abcdef") == Ran(b"abc")


@pytest.mark.parametrize(("text", "octets"), [("é", "é".encode()), ("\udcff", b"\xff"), ("\ud800", b"?")])
def test_octets_that_are_no_text_come_out_as_they_were(text: str, octets: bytes) -> None:
    assert encoded(text) == octets


@pytest.mark.parametrize(
    "command",
    [
        "yes > /dev/null",
        "cat /dev/zero 2>&1 >/dev/null",
        "yes > /sdcard/x",
        "yes | wc -c",
        "yes | cat | grep n",
        "wc /dev/zero",
        "grep -c y /dev/zero",
        "cat /dev/zero | sha256sum",
    ],
)
def test_who_writes_for_nobody_without_end_lets_others_have_their_turn(command: str) -> None:
    process = FakeDevice(capacity_bytes=100).start(command)
    assert process.take().delay_ms > 0
    process.cancel()
    assert process.code == CANCELLED


def test_what_says_nothing_without_end_is_cancelled_where_it_is_run_to_its_end() -> None:
    assert asked("yes | wc -l").code == CANCELLED


class _Two:
    """Takes two sayings, and turns them round."""

    left = 2

    @property
    def has_enough(self) -> bool:
        return self.left == 0

    def take(self, data: bytes) -> bytes:
        self.left -= 1
        return data[::-1]


def _talk(closed: list[str]) -> Talk:
    try:
        yield Out(b"ab")
        yield Err(b"cd")
        yield IDLE
        yield Out((yield READ))
        yield Out(b"nobody hears this")
        return 7
    finally:
        closed.append("closed")


def test_a_talk_goes_through_a_sink_until_that_has_enough() -> None:
    closed: list[str] = []
    process = Process(through(_talk(closed), _Two()))
    process.feed(b"ef")
    said = process.take()
    assert (said.out, said.err, process.is_idle) == (b"ba", b"cd", True)
    assert (process.take().out, process.code, closed) == (b"fe", 0, ["closed"])


def test_a_sink_that_never_has_enough_leaves_the_status_and_one_that_has_it_before_takes_nothing() -> None:
    kept = Kept()
    process = Process(through(_talk([]), kept))
    process.end_input()
    process.take()
    process.take()
    assert (process.code, kept.data) == (7, b"abnobody hears this")
    none = _Two()
    none.left = 0
    process = Process(through(_talk([]), none))
    assert (process.take().out, process.code) == (b"", 0)


def test_what_is_kept_has_a_bound() -> None:
    kept = Kept()
    kept.take(bytes(KEPT_MAX))
    assert not kept.has_enough
    kept.take(b"a")
    assert kept.has_enough
