"""A recorded order of what happens to a message, as a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from harness.conform.cases import Bind, Call, Case, Json, Push, Settle, Tally
from harness.conform.orders import FIELDS, read_order
from harness.conform.sequential import order_outcome
from harness.core import Command
from harness.errors import CaseError
from harness.http import values as http
from harness.instants import Instant
from tests.conform.worlds import FakeServer, push, replay_case, reply, webhook
from tests.recorded import folder

LINES = (folder("gateway") / "message-orders.jsonl").read_text(encoding="utf-8").splitlines()


def _case(order: str, **fields: Json) -> Case:
    return read_order(json.dumps({"order": order, **order_outcome(order), **fields}), "orders.jsonl:3")


def _calls(case: Case) -> list[Call]:
    return [step for step in case.steps if isinstance(step, Call)]


@pytest.mark.cases
@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["order"] or "nothing")
def test_every_recorded_order_is_read_with_a_look_after_each_event(line: str) -> None:
    recorded = json.loads(line)
    case = read_order(line)
    looks = [places["data.status"] for places in _places(case) if "data.status" in places]
    assert looks == recorded["status_after"]
    assert (case.area, case.unknown, case.shares) == ("orders", (), True)


def test_an_order_is_sent_pushed_played_and_looked_at() -> None:
    case = _case("FXE")
    assert (case.name, case.path) == ("order-FXE", "orders.jsonl:3")
    calls = [(call.role, call.method, call.path) for call in _calls(case)]
    look = ("user", "GET", "/v1/messages/${message}")
    assert calls == [
        ("user", "POST", "/v1/webhooks"),
        ("user", "POST", "/v1/messages/send"),
        ("phone", "GET", "/v1/messages/outstanding"), look,
        ("phone", "POST", "/v1/messages/${message}/events"), look,
        ("system_key", "POST", "/v1/events"), look,
        look, ("user", "GET", "/v1/message-threads"),
    ]  # fmt: skip
    kinds = [type(step) for step in case.steps]
    assert (kinds[0], kinds[3], kinds[-1]) == (Bind, Push, Tally)


def test_the_server_is_left_alone_as_long_as_when_it_was_recorded() -> None:
    waits = [step.seconds for step in _case("FSDXE").steps if isinstance(step, Settle)]
    assert waits == [0.45, 0.45, 0.45, 1.5, 0.45, 2.0]


def test_times_are_those_of_the_reports_or_of_the_server() -> None:
    fields: dict[str, Json] = {"sent_at": {"#oneof": [0, None]}, "failed_at": 1, "expired_at": "server time"}
    [places] = [places for places in _places(_case("SX", **fields)) if "data.sent_at" in places]
    assert {name: places[f"data.{name}"] for name in ("sent_at", "delivered_at", "failed_at", "expired_at")} == {
        "sent_at": {"#oneof": ["${report0}", None]},
        "delivered_at": None,
        "failed_at": "${report1}",
        "expired_at": {"#time_but": ["${report0}", "${report1}"]},
    }


def _places(case: Case) -> list[Mapping[str, Json]]:
    return [call.expect.places for call in _calls(case) if call.expect is not None]


def test_a_letter_that_is_not_known_makes_the_case_unknown() -> None:
    line = {**order_outcome("FF"), "order": "FQ"}
    assert read_order(json.dumps(line)).unknown == ("what Q stands for",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[]", "an object is needed, not a list"),
        ("{}", "order: a text is needed, not nothing"),
        ('{"order": ""}', "answers: is missing"),
        (json.dumps({"order": "F", **order_outcome("")}), "answers: 1 values are needed, one for each of 'F'"),
        (json.dumps({"order": "F", **order_outcome("F"), "status_after": "sent"}), "status_after: a list is needed"),
    ],
)
def test_a_line_that_is_no_order_names_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(CaseError) as error:
        read_order(text, "orders.jsonl:3")
    assert error.value.path == "orders.jsonl:3"
    assert error.value.why.startswith(why)


def test_a_line_says_what_the_model_says() -> None:
    assert set(FIELDS) == order_outcome("FSD").keys()


# -- played against a scripted server ----------------------------------------------------------------


class _Gateway(FakeServer):
    """Pushes once for the message that it is sent, then reports what `answers` says."""

    def __init__(self, **answers: Any) -> None:
        message = {"id": "m-1", "status": "sent", **dict.fromkeys(("delivered_at", "failed_at", "expired_at"))}
        message |= {"failure_reason": None, "send_attempt_count": 1}
        super().__init__()
        self.message = {**message, **answers}
        self.hook = ""

    def _answer(self, request: http.Request) -> http.Response:
        match f"{request.method} {request.path}":
            case "POST /v1/webhooks":
                self.hook = json.loads(request.body)["url"]
                return reply(201, {"data": {"id": "h-1"}})
            case "POST /v1/messages/send":
                return reply(200, {"data": {"id": "m-1"}})
            case "POST /v1/messages/m-1/events":
                self.message.setdefault("sent_at", json.loads(request.body)["timestamp"])
                return reply(200)
            case "GET /v1/messages/m-1":
                return reply(200, {"data": self.message})
            case "GET /v1/message-threads":
                return reply(200, {"data": [{"status": "scheduled"}], "message": "fetched 1 message thread"})
        return super()._answer(request)

    def _visit(self, request: http.Request, now: Instant) -> list[Command]:
        path = f"{request.method} {request.path}"
        sent = {"POST /v1/messages/send": push(self.token)}
        if path == "POST /v1/messages/m-1/events":
            sent[path] = webhook(self.hook, "message.phone.sent", {}, **{"X-Event-Type": "message.phone.sent"})
        return [http.Call(path, "server", sent[path])] if path in sent else []


def _played(server: FakeServer, case: Case) -> list[tuple[int, str, Any]]:
    result = replay_case(case, server, sequential=True)
    return [(step.index, found.path, found.actual) for step in result.steps for found in step.differences]


def test_an_order_agrees_with_a_server_that_does_what_was_recorded() -> None:
    assert _played(_Gateway(), _case("S")) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"status": "pending"}, "body.data.status"),
        ({"sent_at": None}, "body.data.sent_at"),
        ({"sent_at": "2026-01-01T00:00:00Z"}, "body.data.sent_at"),
        ({"expired_at": "2026-01-01T00:00:00Z"}, "body.data.expired_at"),
        ({"failure_reason": "x"}, "body.data.failure_reason"),
        ({"send_attempt_count": 2}, "body.data.send_attempt_count"),
    ],
)
def test_a_server_that_does_something_else_differs_at_that_field(wrong: dict[str, Any], path: str) -> None:
    assert [found[1] for found in _played(_Gateway(**wrong), _case("S"))] == [path]


def test_pushes_and_webhooks_are_counted() -> None:
    case = _case("S", pushes=2, webhooks=[])
    assert [found[1:] for found in _played(_Gateway(), case)] == [
        ("pushes", 1),
        ("webhooks[0]", "message.phone.sent"),
    ]


def test_only_the_sequential_outcome_of_a_race_agrees_with_a_server_that_has_none() -> None:
    race = _case("S", status_after=[{"#oneof": ["pending", "sent"]}])
    server = _Gateway(status="pending")
    assert [found[1:] for found in _played(server, race)] == [("body.data.status", "pending")]
    assert replay_case(race, _Gateway(status="pending")).verdict == "agree"
