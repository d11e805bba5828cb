"""What a story learns of a gateway that is not ours, by asking."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from harness.core import At, Call, Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Closed, Outcome, Response
from harness.instants import MS, SECOND, rfc3339
from harness.parties.observer import ASSOCIATED, OBSERVED, Observer
from harness.trace import Entry
from harness.wire.client import UserAccess
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.kit import ALICE, BOB, ID, NOW, requests_in

EVERY = 250 * MS
ROW = {"id": ID, "owner": ALICE, "contact": BOB, "status": "pending", "send_attempt_count": 0, "failure_reason": None}


def observer(*phones: tuple[str, str]) -> Observer:
    access = UserAccess("http", "api.internal", "uk_one")
    return Observer("observer", Draws(1, "observer"), access, EVERY, phones, "httpsms-harness story")


def entry(hop: str, kind: str, message: str | None = None, **facts: Any) -> Entry:
    return Entry(7, NOW, hop, kind, message, None, facts)


def answer(data: Any, status: int = 200) -> Response:
    return Response(status, (), json.dumps({"data": data}).encode())


def told(core: Observer, *outcomes: Outcome, now: int = NOW) -> list[Command]:
    """What it does about a message of the story's client when its questions are answered so, one after the other."""
    due: list[Command] = list(core.watch(entry("client", "accepted", ID, step="step-1"), now))
    said: list[Command] = []
    for outcome in outcomes:
        [look] = [command for command in due if isinstance(command, At)]
        [call] = [command for command in core.handle(look.event, now) if isinstance(command, Call)]
        due = list(core.handle(Answered(call.exchange, outcome), now))
        said += due
    return said


def statuses(commands: Iterable[Command]) -> list[Any]:
    return [command.facts["status"] for command in commands if isinstance(command, Record)]


def pushes(commands: Iterable[Command]) -> int:
    return sum(isinstance(command, Tell) for command in commands)


def test_it_asks_for_a_message_of_the_client_and_again_until_that_is_delivered() -> None:
    core = observer()
    [look] = core.watch(entry("client", "accepted", ID), NOW)
    assert isinstance(look, At)
    [call] = core.handle(look.event, NOW)
    assert isinstance(call, Call)
    [request] = requests_in([call])
    assert (request.method, request.target) == ("GET", f"/v1/messages/{ID}".encode())
    assert request.header("x-api-key") == "uk_one"
    said = list(core.handle(Answered(call.exchange, answer({**ROW, "status": "scheduled"})), NOW))
    assert [command.due_at for command in said if isinstance(command, At)] == [NOW + EVERY]
    assert core.open == ((ID, "scheduled"),)
    said = told(observer(), answer({**ROW, "status": "delivered"}))
    assert [command for command in said if isinstance(command, At)] == []


def test_a_change_becomes_an_entry_and_no_change_none() -> None:
    failed = {**ROW, "status": "failed", "failure_reason": "NO_SERVICE"}
    said = told(observer(), answer(ROW), answer(ROW), answer(failed))
    assert [command for command in said if isinstance(command, Record)] == [
        Record("gateway", OBSERVED, ID, {"status": "pending", "owner": ALICE, "contact": BOB, "observed": True}),
        Record(
            "gateway",
            OBSERVED,
            ID,
            {"status": "failed", "owner": ALICE, "contact": BOB, "reason": "NO_SERVICE", "observed": True},
        ),
    ]


AT = rfc3339(NOW)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        # What it went through between two questions is told by its times.
        ({}, {"status": "delivered", "sent_at": AT, "delivered_at": AT}, ["pending", "sent", "delivered"]),
        (
            {},
            {"status": "delivered", "scheduled_at": AT, "last_attempted_at": AT, "sent_at": AT, "delivered_at": AT},
            ["pending", "scheduled", "sending", "sent", "delivered"],
        ),
        # DELIVERED overtook SENT, whose time never comes.
        ({}, {"status": "delivered", "delivered_at": AT}, ["pending", "delivered"]),
        ({"status": "sent", "sent_at": AT}, {"status": "delivered", "sent_at": AT}, ["sent", "delivered"]),
        ({}, {"status": "expired", "scheduled_at": AT, "expired_at": AT}, ["pending", "scheduled", "expired"]),
        (
            {"status": "scheduled", "scheduled_at": AT},
            {"status": "sending", "expired_at": AT, "scheduled_at": "2026-01-01T00:10:00Z", "last_attempted_at": AT},
            ["scheduled", "expired", "sending"],
        ),
    ],
)
def test_no_state_is_missed_that_the_times_tell_of(
    before: dict[str, Any], after: dict[str, Any], shown: list[str]
) -> None:
    assert statuses(told(observer(), answer({**ROW, **before}), answer({**ROW, **after}))) == shown


def test_an_expiry_is_told_although_the_message_waits_again_as_before() -> None:
    again = {**ROW, "status": "scheduled", "scheduled_at": "2026-01-01T00:10:00Z", "expired_at": AT}
    said = told(observer(), answer({**ROW, "status": "scheduled", "scheduled_at": AT}), answer(again), answer(again))
    assert statuses(said) == ["scheduled", "expired", "scheduled"]


def test_the_first_answer_tells_all_that_was_before_it() -> None:
    row = {**ROW, "status": "sent", "scheduled_at": AT, "sent_at": AT}
    assert statuses(told(observer(), answer(row))) == ["scheduled", "sent"]


def test_a_message_that_is_gone_was_deleted() -> None:
    assert statuses(told(observer(), answer(ROW), answer(None, 404))) == ["pending", "deleted"]


@pytest.mark.parametrize("outcome", [Closed(sent_all=True), Response(502), Response(200, (), b"[]"), answer({})])
def test_what_tells_nothing_changes_nothing_and_it_is_asked_again(outcome: Outcome) -> None:
    said = told(observer(), answer(ROW), outcome, answer({**ROW, "status": "sent"}))
    assert statuses(said) == ["pending", "sent"]


# -- echo --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "handed"),
    [
        # Once for each push that the server counts while it waits.
        ([ROW], 0),
        ([{**ROW, "status": "scheduled", "send_attempt_count": 1}], 1),
        ([{**ROW, "status": "scheduled", "send_attempt_count": 1}] * 2, 1),
        ([{**ROW, "status": "sending", "send_attempt_count": 1}], 0),
        ([{**ROW, "send_attempt_count": 1}, {**ROW, "status": "expired", "send_attempt_count": 1}], 1),
        ([{**ROW, "send_attempt_count": 1}, {**ROW, "status": "scheduled", "send_attempt_count": 2}], 2),
        # The count was lost on the way: so long after it was to go out, it has gone out.
        ([{**ROW, "status": "scheduled", "scheduled_at": rfc3339(NOW - 3 * SECOND)}] * 2, 1),
        ([{**ROW, "status": "scheduled", "scheduled_at": rfc3339(NOW - SECOND)}], 0),
        ([{**ROW, "owner": BOB, "status": "scheduled", "send_attempt_count": 1}], 0),
    ],
)
def test_a_phone_that_no_push_reaches_is_told_of_each_push_that_the_server_counts(
    rows: list[dict[str, Any]], handed: int
) -> None:
    said = told(observer((ALICE, "phone:alice")), *[answer(row) for row in rows])
    assert pushes(said) == handed
    push = PushReceived("", ((MESSAGE_ID, ID),))
    assert {command for command in said if isinstance(command, Tell)} <= {Tell("@phone:alice", push)}


def test_after_a_missed_call_it_looks_for_what_the_gateway_answers_by_itself() -> None:
    missed = entry("webhook", "message.call.missed", "other", owner=ALICE, contact=BOB)
    assert list(observer().watch(missed, NOW)) == []
    core = observer((ALICE, "phone:alice"))
    [look] = core.watch(missed, NOW)
    assert isinstance(look, At)
    [call, again] = core.handle(look.event, NOW)
    assert isinstance(call, Call)
    assert isinstance(again, At)
    assert requests_in([call])[
        0
    ].target == b"/v1/messages?owner=%2B18005550100&contact=%2B18005550101&limit=20".replace(
        b"18005550100", ALICE[1:].encode()
    ).replace(b"18005550101", BOB[1:].encode())
    reply = {**ROW, "type": "mobile-terminated"}
    said = list(core.handle(Answered(call.exchange, answer([reply, {**reply, "id": "x", "status": "sent"}])), NOW))
    assert len(said) == 1
    assert core.open == ((ID, ""),)
    [once_more, _] = core.handle(again.event, NOW)
    assert isinstance(once_more, Call)
    assert list(core.handle(Answered(once_more.exchange, answer([reply])), NOW)) == []


def test_where_pushes_come_by_themselves_nobody_is_told() -> None:
    assert pushes(told(observer(), answer({**ROW, "status": "scheduled", "send_attempt_count": 1}))) == 0


# -- when it is asked --------------------------------------------------------------------------------------------------


def test_a_webhook_about_a_message_is_a_reason_to_ask_at_once_and_never_twice_at_the_same_time() -> None:
    core = observer()
    [first] = core.watch(entry("client", "accepted", ID), NOW)
    assert isinstance(first, At)
    [call] = core.handle(first.event, NOW)
    assert isinstance(call, Call)
    [second] = core.watch(entry("webhook", "message.phone.sent", ID), NOW)
    assert isinstance(second, At)
    assert core.handle(second.event, NOW) == []
    said = list(core.handle(Answered(call.exchange, answer(ROW)), NOW))
    assert [command.due_at for command in said if isinstance(command, At)] == [NOW]  # as soon as it is answered


def test_a_webhook_between_two_questions_takes_the_place_of_the_next_one() -> None:
    core = observer()
    [first] = core.watch(entry("client", "accepted", ID), NOW)
    assert isinstance(first, At)
    [call] = core.handle(first.event, NOW)
    assert isinstance(call, Call)
    later = [command for command in core.handle(Answered(call.exchange, answer(ROW)), NOW) if isinstance(command, At)]
    assert core.watch(entry("webhook", "message.phone.sent", ID), NOW)
    assert list(core.handle(later[0].event, NOW)) == []


@pytest.mark.parametrize(
    "other",
    [
        entry("webhook", "message.phone.sent", ID),
        entry("client", "accepted"),
        entry("client", "send", ID),
        entry("gateway", OBSERVED, ID, status="sent"),
        entry("phone", "fetched", ID),
    ],
)
def test_what_the_story_has_not_made_is_not_asked_for(other: Entry) -> None:
    assert list(observer().watch(other, NOW)) == []


# -- keys --------------------------------------------------------------------------------------------------------------


def keys(*rows: tuple[str, str]) -> Response:
    return answer([{"id": ID, "name": name, "phone_numbers": [number], "phone_ids": []} for name, number in rows])


def test_after_a_registration_the_keys_are_asked_for_until_one_of_ours_knows_the_number() -> None:
    core = observer()
    [look] = core.watch(entry("phone", "registered", number=ALICE), NOW)
    assert list(core.watch(entry("phone", "registered", number=BOB), NOW)) == []  # it is being asked for already
    assert isinstance(look, At)
    associated: list[Any] = []
    for outcome in (
        Response(500),
        keys(("somebody's", ALICE)),
        keys(("httpsms-harness story 1 alice", ALICE)),
        keys(("httpsms-harness story 1 alice", ALICE), ("httpsms-harness story 1 bob", BOB)),
    ):
        [call] = core.handle(look.event, NOW)
        assert isinstance(call, Call)
        assert requests_in([call])[0].path == "/v1/phone-api-keys"
        said = list(core.handle(Answered(call.exchange, outcome), NOW))
        associated.append([command for command in said if isinstance(command, Record)])
        looks = [command for command in said if isinstance(command, At)]
        look = looks[0] if looks else look
    record = Record("gateway", ASSOCIATED, None, {"owner": ALICE, "key_associated": True, "observed": True})
    other = Record("gateway", ASSOCIATED, None, {"owner": BOB, "key_associated": True, "observed": True})
    assert associated == [[], [], [record], [other]]
    assert looks == []


def test_an_answer_that_was_not_asked_for_is_illegal() -> None:
    with pytest.raises(ProtocolError):
        observer().handle(Answered("look-7", Response(200)), NOW)
    with pytest.raises(ProtocolError):
        observer().handle("a word", NOW)
