"""Finding a phone's messages on a server that cannot push."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import At, Call, Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Outcome, Response, TimedOut
from harness.instants import SECOND
from harness.parties.poller import SEEN_MAX, Poll, Poller
from harness.wire.client import UserAccess
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.kit import ALICE, BOB, ID, NOW, requests_in

MESSAGE = {"id": ID, "status": "pending", "type": "mobile-terminated", "send_attempt_count": 0}


def _poller() -> Poller:
    access = UserAccess("http", "api.internal", "uk_one")
    return Poller("poller", Draws(1, "poller"), access, ALICE, 5 * SECOND)


def _rows(*rows: Any) -> Response:
    return Response(200, (), json.dumps({"data": list(rows)}).encode())


def _poll(poller: Poller, threads: Outcome, messages: Outcome) -> list[Command]:
    """One round: what the poller says of the threads, and of the messages in each."""
    said: list[Command] = []
    for command in poller.handle(Poll(), NOW):
        for more in poller.handle(Answered(command.exchange, threads), NOW) if isinstance(command, Call) else ():
            said.append(more)
            if isinstance(more, Call):
                said += poller.handle(Answered(more.exchange, messages), NOW)
    return said


def _pushed(said: list[Command]) -> list[str | None]:
    return [command.event.get(MESSAGE_ID) for command in said if isinstance(command, Tell)]


def test_a_round_asks_for_the_threads_and_for_the_messages_of_each() -> None:
    poller = _poller()
    (ask, again) = poller.handle(Poll(), NOW)
    assert again == At(NOW + 5 * SECOND, Poll())
    assert requests_in([ask])[0].target == b"/v1/message-threads?owner=%2B18005550199&limit=100"
    said = _poll(poller, _rows({"contact": BOB}, {"contact": "BANK & co"}), _rows())
    assert [request.target for request in requests_in(said)] == [
        b"/v1/messages?owner=%2B18005550199&contact=%2B18005550100&limit=100",
        b"/v1/messages?owner=%2B18005550199&contact=BANK%20%26%20co&limit=100",
    ]
    assert {request.header("x-api-key") for request in requests_in(said)} == {"uk_one"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"status": "scheduled"}, True),
        ({"status": "expired"}, True),
        ({"status": "sending"}, False),
        ({"status": "delivered"}, False),
        ({"type": "mobile-originated"}, False),
        ({"send_attempt_count": None}, True),
        ({"id": None}, False),
    ],
)
def test_only_a_message_that_waits_for_the_phone_is_handed_over(changes: Any, found: bool) -> None:
    said = _poll(_poller(), _rows({"contact": BOB}), _rows({**MESSAGE, **changes}))
    assert _pushed(said) == ([ID] if found else [])


def test_a_message_is_handed_over_once_per_attempt_of_the_server() -> None:
    poller = _poller()
    attempts = [0, 0, 1, 1, 2]
    rounds = [_rows({**MESSAGE, "send_attempt_count": attempt}) for attempt in attempts]
    pushed = [_pushed(_poll(poller, _rows({"contact": BOB}), messages)) for messages in rounds]
    assert pushed == [[ID], [], [ID], [], [ID]]


def test_only_so_many_messages_are_remembered_and_the_newest_of_them() -> None:
    poller = _poller()
    for start in range(0, SEEN_MAX + 100, 100):
        _poll(poller, _rows({"contact": BOB}), _rows(*({**MESSAGE, "id": f"m{start + n}"} for n in range(100))))
    assert len(poller.seen) == SEEN_MAX
    assert "m99" not in poller.seen
    assert "m100" in poller.seen


def test_the_phone_gets_it_as_a_push() -> None:
    (_, tell) = _poll(_poller(), _rows({"contact": BOB}), _rows(MESSAGE))
    assert tell == Tell("phone", PushReceived("", ((MESSAGE_ID, ID),)))


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [(Response(401), 401), (TimedOut("read"), "TimedOut"), (Response(200, (), b"{}"), 200)],
)
def test_a_round_that_fails_is_written_down(outcome: Outcome, answer: Any) -> None:
    said = _poll(_poller(), outcome, _rows())
    assert said == [Record("harness", "poll failed", None, {"answer": answer})]


JSON_ROWS = st.dictionaries(
    st.sampled_from(["contact", "id", "status", "type", "send_attempt_count"]),
    st.none() | st.integers() | st.sampled_from(["pending", "mobile-terminated", "\ud800"]) | st.lists(st.none()),
)


@given(st.lists(JSON_ROWS, max_size=3), st.binary(max_size=30))
def test_no_answer_makes_a_poller_raise(rows: list[Any], body: bytes) -> None:
    for answer in (_rows(*rows), Response(200, (), body)):
        _poll(_poller(), answer, answer)


def test_what_is_no_word_to_a_poller_is_illegal() -> None:
    with pytest.raises(ProtocolError):
        _poller().handle(object(), NOW)
