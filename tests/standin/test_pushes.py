"""harness.standin.pushes: when a push goes out, the call, and its answer (gateway-protocol.md §4.3, §4.4, §9.2)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from harness.core import At, Tell
from harness.http.values import Answered, BodyBroken, Response
from harness.instants import SECOND, seconds
from harness.standin import Pace, pushes
from harness.wire.json import micros
from tests.standin.gateways import OWNER, TOKEN, Gateway

OK = Response(200, (), b'{"name":"n"}')
REASON = f"cannot send notification to your phone [{OWNER}]. Reinstall the httpSMS app on your Android phone."


@pytest.mark.parametrize(
    ("rate", "spacing"),
    [
        (60, 1),
        (45, 1),
        (31, 1),
        (30, 2),
        (21, 2),
        (20, 3),
        (16, 3),
        (13, 4),
        (12, 5),
        (10, 6),
        (7, 8),
        (6, 10),
        (1, 60),
    ],
)
def test_the_spacing_is_in_whole_seconds(rate: int, spacing: int) -> None:
    assert pushes.spacing_s(rate) == spacing


@pytest.mark.parametrize(
    ("settings", "rate", "gaps"),
    [
        ({}, 20, [3, 3]),
        ({}, 60, [1, 1]),
        ({"keep_rate": False}, 20, [0, 0]),
        ({"pace": Pace.INSTANT}, 20, [0, 0]),
        ({"pace": Pace.INSTANT, "keep_rate": True}, 20, [3, 3]),
    ],
)
def test_pushes_of_a_burst_keep_their_distance(settings: dict[str, Any], rate: int, gaps: list[int]) -> None:
    gateway = Gateway.with_phone(**settings)
    body = {"phone_number": OWNER, "fcm_token": TOKEN, "messages_per_minute": rate}
    gateway.call("PUT", "/v1/phones", body)
    for _ in range(3):
        gateway.send()
    gateway.settle(10)
    times = [at for at, _ in gateway.fcm.requests]
    assert [round(seconds(later - at), 3) for at, later in pairwise(times)] == gaps


def test_a_push_is_called_for_as_by_the_server() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    ((_, request),) = gateway.fcm.requests
    assert request.url == "http://push.internal/v1/projects/httpsms-test/messages:send"
    assert request.body.decode() == (
        '{"message":{"token":"' + TOKEN + '","data":{"KEY_MESSAGE_ID":"' + message_id + '"},'
        '"android":{"priority":"normal"}}}'
    )
    assert request.headers == (
        ("Host", "push.internal"),
        ("User-Agent", "Go-http-client/1.1"),
        ("Content-Length", str(len(request.body))),
        ("Content-Type", "application/json"),
        ("Accept-Encoding", "gzip"),
    )


@pytest.mark.parametrize(
    ("answers", "calls", "status", "reason", "after_s"),
    [
        ([OK], 1, "scheduled", None, 0),
        ([Response(200, (), b"{}")], 1, "scheduled", None, 0),
        ([Response(500), Response(429), OK], 3, "scheduled", None, 3),
        ([Response(503), Response(503), Response(503)], 3, "failed", REASON, 3),
        ([Response(404)], 1, "failed", REASON, 0),
        ([Response(501)], 1, "failed", REASON, 0),
        ([Response(201, (), b'{"name":"n"}')], 1, "failed", REASON, 0),
        ([Response(200, (), b"ok")], 1, "failed", REASON, 0),
        ([None, OK], 1, "failed", REASON, 0),
        ([Response(503), None], 2, "failed", REASON, 1),
        ([Response(429, (("Retry-After", "30"),)), OK], 2, "scheduled", None, 30),
        ([Response(503, (("Retry-After", "0"),)), OK], 2, "scheduled", None, 0),
        ([Response(500, (("Retry-After", "30"),)), OK], 2, "scheduled", None, 1),
        ([Response(503, (("Retry-After", "-1"),)), OK], 2, "scheduled", None, 1),
        ([Response(503, (("Retry-After", "90"),)), OK], 1, "failed", REASON, 0),
        ([Response(503, (("Retry-After", "9" * 5000),)), OK], 2, "scheduled", None, 1),
    ],
    ids=["accepted", "nameless", "third try", "three failures", "refused", "501", "other 2xx", "no JSON", "silence",
         "silence at last", "wait", "no wait", "no say", "nonsense", "wait too long", "no number"],
)  # fmt: skip
def test_the_answer_decides_what_becomes_of_the_message(
    answers: list[Response | None], calls: int, status: str, reason: str | None, after_s: int
) -> None:
    gateway = Gateway.with_phone()
    gateway.fcm.plan.extend(answers)
    message_id = gateway.send().data["id"]
    gateway.settle(120)
    message = gateway.message(message_id)
    assert (len(gateway.fcm.requests), message.status, message.failure_reason) == (calls, status, reason)
    assert message.send_attempt_count == (0 if reason else 1)
    assert gateway.fcm.requests[-1][0] - gateway.fcm.requests[0][0] == after_s * SECOND
    assert gateway.standin.calls == {}


@pytest.mark.parametrize("answers", [[None], [Response(503), None], [Response(503, (("Retry-After", "90"),))]])
def test_a_push_is_given_up_after_a_minute_however_it_was_spent(answers: list[Response | None]) -> None:
    gateway = Gateway.with_phone()
    gateway.fcm.plan.extend(answers)
    message_id = gateway.send().data["id"]
    gateway.settle(0.1)
    began_at = gateway.fcm.requests[0][0]
    gateway.settle(61)
    assert gateway.message(message_id).failed_at == micros(began_at + 60 * SECOND)


def test_a_body_that_breaks_off_is_not_asked_for_again() -> None:
    for status, again in ((200, False), (503, True)):
        gateway = Gateway.with_phone()
        gateway.fcm.plan.append(None)
        gateway.send()
        gateway.settle(0.1)
        (exchange,) = gateway.standin.calls
        commands = gateway.standin.handle(Answered(exchange, BodyBroken(Response(status), b"{")), gateway.world.now)
        assert [type(command) for command in commands] == [At if again else Tell]
