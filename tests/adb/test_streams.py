from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.adb.events import Arrived, Closed, Event, OpenAsked, Opened, Refused, Sent
from harness.adb.packets import Command, Packet
from harness.adb.streams import STREAMS_MAX, Streams
from harness.errors import MalformedAdb, UsageError

OPEN, OKAY, CLSE, WRTE = Command.OPEN, Command.OKAY, Command.CLSE, Command.WRTE
OURS, THEIRS = 1, 77


class Script:
    """Streams that take 10 bytes at a time, what they were told, and what they sent since it was last asked."""

    def __init__(self, *, max_data: int = 10) -> None:
        self._sent: list[Packet] = []
        self.streams = Streams(self._sent.append)
        self.streams.max_data = max_data

    def gets(self, command: Command, arg0: int, arg1: int, payload: bytes = b"") -> list[Event]:
        return self.streams.receive(Packet(command, arg0, arg1, payload))

    def sent(self) -> list[tuple[object, ...]]:
        sent: list[tuple[object, ...]] = [
            (packet.command, packet.arg0, packet.arg1, packet.payload)[: 4 if packet.payload else 3]
            for packet in self._sent
        ]
        self._sent.clear()
        return sent


def opened() -> Script:
    """With a stream that the peer has accepted."""
    script = Script()
    script.streams.open("shell:")
    script.gets(OKAY, THEIRS, OURS)
    script.sent()
    return script


def asked() -> Script:
    script = Script()
    assert script.gets(OPEN, THEIRS, 0, b"shell:ls\0") == [OpenAsked(OURS, "shell:ls")]
    return script


def accepted() -> Script:
    script = asked()
    script.streams.accept(OURS)
    script.sent()
    return script


def test_a_stream_is_opened_and_its_name_ends_with_nul() -> None:
    script = Script()
    assert script.streams.open("shell:ä") == OURS
    assert script.sent() == [(OPEN, OURS, 0, "shell:ä\0".encode())]
    assert script.gets(OKAY, THEIRS, OURS) == [Opened(OURS)]


def test_a_name_that_does_not_fit_is_not_sent() -> None:
    script = Script(max_data=5)
    with pytest.raises(UsageError, match="6 bytes, the peer takes 5"):
        script.streams.open("12345")
    assert script.sent() == []
    assert script.streams.open("1234") == OURS


@pytest.mark.parametrize("arg0", [0, THEIRS])
def test_a_refused_stream_is_gone_and_nothing_is_answered(arg0: int) -> None:
    script = Script()
    script.streams.open("x")
    script.sent()
    assert script.gets(CLSE, arg0, OURS) == [Refused(OURS)]
    assert script.sent() == []
    script.streams.write(OURS, b"late")
    assert script.sent() == []


def test_who_asks_is_accepted_or_refused_once() -> None:
    script = asked()
    assert script.sent() == []
    script.streams.accept(OURS)
    script.streams.accept(OURS)
    script.streams.refuse(OURS)
    assert script.sent() == [(OKAY, OURS, THEIRS)]
    for refuse in (Streams.refuse, Streams.close, Streams.abort):
        script = asked()
        refuse(script.streams, OURS)
        refuse(script.streams, OURS)
        assert script.sent() == [(CLSE, 0, THEIRS)]


@pytest.mark.parametrize(
    ("payload", "service"),
    [(b"sync:\0", "sync:"), (b"sync:", "sync:"), (b"a\0b\0", "a"), (b"\xff\0", "\udcff"), (b"", "")],
)
def test_a_service_is_named_up_to_nul(payload: bytes, service: str) -> None:
    assert Script().gets(OPEN, THEIRS, 0, payload) == [OpenAsked(OURS, service)]


def test_one_write_is_under_way_until_it_is_acknowledged() -> None:
    script = opened()
    script.streams.write(OURS, b"0123456789ab")
    script.streams.write(OURS, b"cd")
    assert script.streams.unsent(OURS) == 14
    assert script.sent() == [(WRTE, OURS, THEIRS, b"0123456789")]
    assert script.gets(OKAY, THEIRS, OURS) == []
    assert script.sent() == [(WRTE, OURS, THEIRS, b"abcd")]
    assert script.streams.unsent(OURS) == 4
    assert script.gets(OKAY, THEIRS, OURS) == [Sent(OURS)]
    assert (script.sent(), script.streams.unsent(OURS)) == ([], 0)


def test_what_is_written_before_the_peer_answered_waits() -> None:
    script = Script()
    script.streams.open("x")
    script.streams.write(OURS, b"early")
    assert script.sent() == [(OPEN, OURS, 0, b"x\0")]
    script.gets(OKAY, THEIRS, OURS)
    assert script.sent() == [(WRTE, OURS, THEIRS, b"early")]


def test_what_is_written_before_we_accepted_waits() -> None:
    script = asked()
    script.streams.write(OURS, b"early")
    script.streams.accept(OURS)
    assert script.sent() == [(OKAY, OURS, THEIRS), (WRTE, OURS, THEIRS, b"early")]


def test_what_arrives_is_acknowledged_when_it_is_consumed() -> None:
    script = accepted()
    assert script.gets(WRTE, THEIRS, OURS, b"data") == [Arrived(OURS, b"data")]
    assert script.sent() == []
    script.streams.consumed(OURS)
    script.streams.consumed(OURS)
    assert script.sent() == [(OKAY, OURS, THEIRS)]


def test_an_empty_write_is_acknowledged_at_once() -> None:
    script = accepted()
    assert script.gets(WRTE, THEIRS, OURS) == []
    assert script.sent() == [(OKAY, OURS, THEIRS)]


def test_who_writes_again_without_waiting_is_malformed() -> None:
    script = accepted()
    script.gets(WRTE, THEIRS, OURS, b"one")
    assert script.gets(WRTE, THEIRS, OURS, b"two") == [Arrived(OURS, b"two")]  # adb 29 does that once
    for _ in range(14):
        script.gets(WRTE, THEIRS, OURS, b"more")
    with pytest.raises(MalformedAdb, match="stream 1 has not acknowledged the 16"):
        script.gets(WRTE, THEIRS, OURS, b"too much")


def test_each_that_came_ahead_gets_an_okay_of_its_own() -> None:
    script = accepted()
    for _ in range(3):
        script.gets(WRTE, THEIRS, OURS, b"x")
    script.streams.consumed(OURS)
    script.streams.consumed(OURS)
    assert script.sent() == [(OKAY, OURS, THEIRS)] * 2


def test_a_stream_of_number_0_is_malformed() -> None:
    with pytest.raises(MalformedAdb, match="no number"):
        Script().gets(OPEN, 0, 0, b"x\0")


def test_a_window_that_was_not_agreed_on_is_refused() -> None:
    script = Script()
    assert script.gets(OPEN, THEIRS, 1 << 25, b"x\0") == []
    assert script.sent() == [(CLSE, 0, THEIRS)]


def test_a_stream_ends_after_all_that_was_written_to_it() -> None:
    script = opened()
    script.streams.write(OURS, b"0123456789ab")
    script.streams.close(OURS)
    script.streams.close(OURS)
    script.gets(OKAY, THEIRS, OURS)
    assert script.sent() == [(WRTE, OURS, THEIRS, b"0123456789"), (WRTE, OURS, THEIRS, b"ab")]
    assert script.gets(OKAY, THEIRS, OURS) == [Sent(OURS)]
    assert script.sent() == [(CLSE, OURS, THEIRS)]
    assert script.gets(CLSE, THEIRS, OURS) == [Closed(OURS)]
    assert script.gets(CLSE, THEIRS, OURS) == []
    assert script.sent() == []


def test_nothing_is_written_after_the_end() -> None:
    script = opened()
    script.streams.write(OURS, b"x")
    script.streams.close(OURS)
    with pytest.raises(ValueError, match="stream 1 was closed here"):
        script.streams.write(OURS, b"y")


def test_an_aborted_stream_ends_at_once() -> None:
    script = opened()
    script.streams.write(OURS, b"0123456789ab")
    script.sent()
    script.streams.abort(OURS)
    assert script.sent() == [(CLSE, OURS, THEIRS)]
    assert script.gets(OKAY, THEIRS, OURS) == []  # it crossed the end
    assert script.gets(WRTE, THEIRS, OURS, b"too late") == []
    assert script.gets(CLSE, THEIRS, OURS) == [Closed(OURS)]
    assert script.sent() == []


@pytest.mark.parametrize("end", [Streams.close, Streams.abort])
def test_a_stream_that_ends_before_the_peer_answered_is_closed_then(end: Callable[[Streams, int], None]) -> None:
    script = Script()
    script.streams.open("x")
    end(script.streams, OURS)
    assert script.sent() == [(OPEN, OURS, 0, b"x\0")]
    script.gets(OKAY, THEIRS, OURS)
    assert script.sent() == [(CLSE, OURS, THEIRS)]
    assert script.gets(CLSE, THEIRS, OURS) == [Closed(OURS)]


def test_a_peer_that_writes_while_we_close_is_not_kept_waiting() -> None:
    script = opened()
    script.gets(WRTE, THEIRS, OURS, b"held")
    script.gets(WRTE, THEIRS, OURS, b"ahead")
    script.streams.write(OURS, b"last")
    script.streams.close(OURS)
    assert script.sent() == [(WRTE, OURS, THEIRS, b"last"), (OKAY, OURS, THEIRS), (OKAY, OURS, THEIRS)]
    assert script.gets(WRTE, THEIRS, OURS, b"more") == []
    assert script.sent() == [(OKAY, OURS, THEIRS)]


@pytest.mark.parametrize("arg0", [0, THEIRS])
def test_the_peers_end_is_answered_once(arg0: int) -> None:
    script = accepted()
    script.streams.write(OURS, b"0123456789ab")
    script.sent()
    assert script.gets(CLSE, arg0, OURS) == [Closed(OURS)]
    assert script.sent() == [(CLSE, OURS, THEIRS)]
    assert script.gets(CLSE, arg0, OURS) == []
    script.streams.close(OURS)
    script.streams.abort(OURS)
    script.streams.consumed(OURS)
    script.streams.write(OURS, b"late")
    assert (script.sent(), script.streams.unsent(OURS)) == ([], 0)


@pytest.mark.parametrize(
    ("packet", "answers"),
    [
        ((OKAY, THEIRS, 9), [(CLSE, 9, THEIRS)]),
        ((OKAY, 0, 9), []),
        ((OKAY, THEIRS, 0), []),
        ((OKAY, 78, OURS), []),
        ((OKAY, THEIRS, OURS), []),
        ((WRTE, THEIRS, 9, b"x"), []),
        ((WRTE, 78, OURS, b"x"), []),
        ((WRTE, 0, OURS, b"x"), []),
        ((CLSE, THEIRS, 9), []),
        ((CLSE, 0, 0), []),
        ((CLSE, 78, OURS), []),
    ],
)
def test_what_is_for_no_stream_changes_none(
    packet: tuple[Command, int, int], answers: list[tuple[Command, int, int]]
) -> None:
    script = accepted()
    assert script.gets(*packet) == []
    assert script.sent() == answers
    assert script.gets(WRTE, THEIRS, OURS, b"fine") == [Arrived(OURS, b"fine")]


def test_an_acknowledgement_of_nothing_sends_nothing_twice() -> None:
    script = opened()
    script.streams.write(OURS, b"0123456789ab")
    script.sent()
    assert script.gets(OKAY, 78, OURS) == []
    assert script.sent() == []


def test_a_peer_has_so_many_streams_and_no_more() -> None:
    script = Script()
    for number in range(1, STREAMS_MAX + 1):
        assert script.gets(OPEN, number, 0, b"x\0") == [OpenAsked(number, "x")]
    assert script.gets(OPEN, 5000, 0, b"x\0") == []
    assert script.sent() == [(CLSE, 0, 5000)]
    script.streams.refuse(1)
    assert script.gets(OPEN, 5001, 0, b"x\0") == [OpenAsked(STREAMS_MAX + 1, "x")]


def test_a_peer_that_answers_no_end_is_forgotten_some_time() -> None:
    script = Script()
    for number in range(1, STREAMS_MAX + 2):
        script.streams.open("x")
        script.gets(OKAY, number, number)
        script.streams.close(number)
    assert script.gets(CLSE, 1, 1) == []
    assert script.gets(CLSE, 2, 2) == [Closed(2)]


def test_a_peer_that_starts_anew_has_no_streams() -> None:
    script = opened()
    script.gets(OPEN, 78, 0, b"x\0")
    script.streams.open("y")
    script.streams.close(OURS)
    assert script.streams.clear() == [Closed(1), Closed(2), Closed(3)]
    assert script.streams.clear() == []
