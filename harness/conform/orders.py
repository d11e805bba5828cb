"""Every order of what can happen to an outgoing message: a line of `message-orders.jsonl` as a case.

The format is that of `harness/recordings/gateway/README.md`. Such a case looks at nothing but its own phone, so many of
them can be replayed at once on one account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from harness.conform.cases import (
    AccountSetup,
    Answer,
    Bind,
    Call,
    Case,
    Json,
    JsonContent,
    NowPlus,
    PhoneSetup,
    Push,
    Settle,
    Step,
    Tally,
)
from harness.conform.reading import Node
from harness.conform.sequential import order_outcome
from harness.errors import CaseError

__all__ = ["AREA", "FIELDS", "read_order"]

AREA: Final = "orders"
TIMES = ("sent_at", "delivered_at", "failed_at", "expired_at")
FIELDS = (
    "answers", "status_after", *TIMES, "failure_reason", "send_attempt_count", "pushes", "webhooks", "thread_status",
)  # fmt: skip
"""What a line says beside its `order`."""

_REPORTS = {"S": "SENT", "D": "DELIVERED", "X": "FAILED"}
# Reports of the recording were months older than the server's clock (sequential.md).
_REPORTED_S: Final = -120 * 24 * 3600
# How long the recorded server was left alone after each (README.md).
_QUIET_S: Final = 0.45
_LONG_QUIET_S: Final = {"D": 1.5, "E": 2.0}
_PUSH_WITHIN_S: Final = 5.0
_CONTACT = "+18005550100"
_EVENTS: list[Json] = [
    "message.phone.received", "message.phone.sent", "message.phone.delivered", "message.send.failed",
    "message.send.expired", "message.call.missed", "phone.heartbeat.online", "phone.heartbeat.offline",
]  # fmt: skip
_ACCOUNT = AccountSetup("user", "200k-monthly")
# Two attempts are what a phone has if nobody says otherwise.
_PHONE = PhoneSetup("phone", "token", "phone_id", "phone_key", "SIM1", "accepted", {"messages_per_minute": 60})
_Scripted = tuple[Step, dict[str, Json]]
"""A step, and what its races come to where one event is handled after the other."""


def read_order(text: str, path: str = "") -> Case:
    """The case of one line; `path` is where it comes from. Raises `CaseError` with the place of what is wrong."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CaseError(path, f"is no JSON: {error}") from error
    root = Node(path, "", value)
    order = root["order"].text()
    line = {name: root[name].json() for name in FIELDS}
    for name in ("answers", "status_after"):
        if len(root[name].items()) != len(order):
            raise root[name].error(f"{len(order)} values are needed, one for each of {order!r}")
    unknown = tuple(f"what {letter} stands for" for letter in order if letter not in "FEXSD")
    script = [] if unknown else list(_script(order, line))
    return Case(
        f"order-{order or 'none'}", AREA, "The order of what happens to an outgoing message",
        (_ACCOUNT,), (_PHONE,), tuple(step for step, _ in script), path, unknown,
        sequential={index: choices for index, (_, choices) in enumerate(script) if choices}, shares=True,
    )  # fmt: skip


def _script(order: str, line: Mapping[str, Json]) -> Iterator[_Scripted]:
    ours = order_outcome(order)
    yield Bind(tuple((f"report{index}", NowPlus(_REPORTED_S + index, 0)) for index in range(len(order)))), {}
    yield _subscribe(), {}
    yield _send(), {}
    yield Push("${token}", _PUSH_WITHIN_S, {}, {"path": "#string", "body": "#any"}), {}
    yield Settle(_QUIET_S), {}
    for index, letter in enumerate(order):
        yield from _happens(letter, index, line, ours)
    yield _message(order, line), {f"body.{path}": value for path, value in _places(order, ours).items()}
    yield _threads(line), {"body.data.0.status": ours["thread_status"], "body.message": _THREADS[0]}
    came = {name: line[name] for name in ("pushes", "webhooks")}
    yield Tally("${token}", "${hook_url}", came), {name: ours[name] for name in came}


def _call(role: str, method: str, path: str, status: Json, body: Json = None, **more: dict[str, Json]) -> Call:
    content = None if body is None else JsonContent(body)
    expect = Answer(status, places=more.get("places", {}))
    return Call(role, method, path, more.get("query", {}), {}, content, {}, {}, expect)


def _subscribe() -> Call:
    body: Json = {
        "url": "${hook_url}",
        "signing_key": "signing-key",
        "phone_numbers": ["${phone}"],
        "events": _EVENTS,
    }
    return _call("user", "POST", "/v1/webhooks", 201, body)


def _send() -> Call:
    body: Json = {"from": "${phone}", "to": _CONTACT, "content": "hello"}
    capture = {"message": "data.id"}
    return Call("user", "POST", "/v1/messages/send", {}, {}, JsonContent(body), capture, {}, Answer(200))


def _happens(letter: str, index: int, line: Mapping[str, Json], ours: Mapping[str, Json]) -> Iterator[_Scripted]:
    yield _what(letter, index, _at(line["answers"], index)), {"status": _at(ours["answers"], index)}
    yield Settle(_LONG_QUIET_S.get(letter, _QUIET_S)), {}
    look = _call(
        "user", "GET", "/v1/messages/${message}", 200, places={"data.status": _at(line["status_after"], index)}
    )
    yield look, {"body.data.status": _at(ours["status_after"], index)}


def _what(letter: str, index: int, status: Json) -> Call:
    if letter == "F":
        return _call("phone", "GET", "/v1/messages/outstanding", status, query={"message_id": "${message}"})
    if letter == "E":
        return _call("system_key", "POST", "/v1/events", status, _EXPIRY_CHECK)
    body: dict[str, Json] = {"event_name": _REPORTS[letter], "timestamp": f"${{report{index}}}"}
    if letter == "X":
        body["reason"] = "NO_SERVICE"
    return _call("phone", "POST", "/v1/messages/${message}/events", status, body)


# As if the message's time had run out, by the server's own clock (gateway-protocol.md §4.5).
_EXPIRY_CHECK: Json = {
    "specversion": "1.0", "id": "619b6c55-be6a-49e3-81eb-4c30503acfa7", "source": "/test",
    "type": "message.send.expired.check", "datacontenttype": "application/json", "time": "2026-01-01T00:00:00Z",
    "data": {"message_id": "${message}", "scheduled_at": "2026-01-01T00:00:00Z", "user_id": "${user_id}"},
}  # fmt: skip


# -- what came of it ---------------------------------------------------------------------------------


def _message(order: str, line: Mapping[str, Json]) -> Call:
    return _call("user", "GET", "/v1/messages/${message}", 200, places=_places(order, line))


def _places(order: str, line: Mapping[str, Json]) -> dict[str, Json]:
    places = {f"data.{name}": _time(line[name], order) for name in TIMES}
    return {**places, **{f"data.{name}": line[name] for name in ("failure_reason", "send_attempt_count")}}


def _time(value: Json, order: str) -> Json:
    """A time as it is recorded: the index of its report, or `server time`, which is that of no report."""
    match value:
        case {"#oneof": list(alternatives)}:
            return {"#oneof": [_time(alternative, order) for alternative in alternatives]}
        case int():
            return f"${{report{value}}}"
        case "server time":
            return {"#time_but": [f"${{report{index}}}" for index in range(len(order))]}
    return value


# A race may give a contact two threads (README.md).
_THREADS: list[Json] = ["fetched 1 message thread", "fetched 2 message threads"]


def _threads(line: Mapping[str, Json]) -> Call:
    places: dict[str, Json] = {"data.0.status": line["thread_status"], "message": {"#oneof": _THREADS}}
    return _call("user", "GET", "/v1/message-threads", 200, query={"owner": "${phone}"}, places=places)


def _at(values: Json, index: int) -> Json:
    assert isinstance(values, list)
    return values[index]
