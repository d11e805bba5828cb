"""Requests that take their time, or so long that their caller gives up."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import At, Command
from harness.draws import Draws
from harness.faults import SlowNetwork
from harness.http.values import Answered, Call, Limits, Request, TimedOut
from harness.scenario.plan import Expect, Fault, MessageLook, Send, Step, Text, WebhookLook
from tests.faults.playing import HELLO, S, played, played_live, seen


def _after(limits: Limits, delay: int) -> list[tuple[int, Command]]:
    call = Call("c", "client", Request("GET", "http", "api.test", b"/v1/phones"), limits)
    out = SlowNetwork("client", delay).apply(call, Draws(1, "world"))
    assert out is not None
    (_, *rest) = out
    return list(rest)


@pytest.mark.parametrize(
    ("limits", "delay_s", "gives_up_s"),
    [
        (Limits(), 9, None),
        (Limits(), 10, 10),
        (Limits(total_s=5), 6, 5),
        (Limits(connect_s=None, total_s=30), 29, None),
        (Limits(connect_s=None), 1000, None),
    ],
)
def test_a_request_comes_later_unless_its_caller_gives_up(limits: Limits, delay_s: int, gives_up_s: int | None) -> None:
    ((delay, command),) = _after(limits, delay_s * S)
    if gives_up_s is None:
        assert (delay, type(command)) == (delay_s * S, Call)
    else:
        assert (delay, command) == (gives_up_s * S, At(0, Answered("c", TimedOut("connect"))))


@pytest.mark.parametrize(("play", "delay"), [(played, 5 * S), (played_live, S // 10)])
def test_the_gateway_hears_of_a_send_so_much_later(play: Any, delay: int) -> None:
    entries = play(Fault("slow-network", who="client", delay=delay, times=1), HELLO)
    sent = next(entry for entry in entries if (entry.hop, entry.kind) == ("client", "send"))
    asked = next(entry for entry in entries if entry.kind == "POST /v1/messages/send")
    assert asked.at - sent.at >= delay
    assert seen(entries, "api", "slow") == ["slow"]


def test_what_would_take_too_long_never_gets_there_and_a_phone_tries_again() -> None:
    entries = played(
        Fault("slow-network", phone="alice", delay=15 * S, times=1),
        Text("bob", "alice", "Hi"),
        Expect(WebhookLook("message.phone.received"), 60 * S),
    )
    assert seen(entries, "phone", "job retried") == ["job retried"]
    assert seen(entries, "api", "POST /v1/messages/receive") == ["POST /v1/messages/receive"]


def test_a_slow_phone_delivers_all_the_same() -> None:
    played(
        Fault("slow-network", "alice", delay=2 * S),
        Step(Send("alice", ("bob",), "Hello"), alias="m"),
        Expect(MessageLook("m", "delivered")),
    )
