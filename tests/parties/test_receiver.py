"""The webhook receiver: answers everything, and says whether the token holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Command, Record
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.http.values import Arrived, Gone, HangUp, Request, Respond, Response
from harness.instants import SECOND
from harness.parties import AnswerHooks, Receiver
from harness.wire.tokens import LIFE_S, sign
from tests.phone.kit import ALICE, BOB, ID, NOW

URL = "http://hooks.test/events"
KEY = "a signing key that is long enough for HS256"
DATA = {"message_id": ID, "owner": ALICE, "contact": BOB, "content": "hello", "encrypted": False, "extra": 1}
TOKEN = sign(KEY, "user-1", URL, NOW)


def _record(body: bytes, authorization: str | None = None, now: int = NOW) -> Record:
    headers = () if authorization is None else (("Authorization", authorization),)
    request = Request("POST", "http", "hooks.test", b"/events", headers, body)
    receiver = Receiver("receiver", Draws(1, "receiver"), URL, KEY)
    (record, respond) = receiver.handle(Arrived("http-1", request), now)
    assert respond == Respond("http-1", Response(200))
    assert isinstance(record, Record)
    return record


def _event(data: Any = DATA, kind: Any = "message.phone.sent") -> bytes:
    return json.dumps({"type": kind, "data": data}).encode()


def test_an_event_is_written_down_with_what_a_story_looks_for() -> None:
    shown = {"owner": ALICE, "contact": BOB, "content": "hello", "encrypted": False}
    assert _record(_event(), f"Bearer {TOKEN}") == Record(
        "webhook", "message.phone.sent", ID, {"verified": True, **shown}
    )


@pytest.mark.parametrize(
    ("authorization", "later_s", "verified"),
    [
        (f"Bearer {TOKEN}", 0, True),
        (f"Bearer {TOKEN}", LIFE_S + 1, False),
        (f"Basic {TOKEN}", 0, False),
        (f"Bearer {sign('another signing key, as long as the first', 'user-1', URL, NOW)}", 0, False),
        (f"Bearer {sign(KEY, 'user-1', 'http://elsewhere.test/', NOW)}", 0, False),
        ("Bearer nonsense", 0, False),
        (None, 0, False),
    ],
)
def test_an_event_is_verified_by_its_token(authorization: str | None, later_s: int, verified: bool) -> None:
    record = _record(_event(), authorization, NOW + later_s * SECOND)
    assert record.facts["verified"] is verified


@pytest.mark.parametrize(
    ("data", "message"),
    [({"id": ID}, ID), ({"message_id": ID, "id": "other"}, ID), ({}, None), ({"id": 7}, None)],
)
def test_an_event_belongs_to_the_message_that_it_names(data: Any, message: str | None) -> None:
    assert _record(_event(data)).message == message


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", _event(data=[]), _event(data=None), _event(kind=7), b"[" * 100_000]
)
def test_what_is_no_event_is_unreadable(body: bytes) -> None:
    assert _record(body) == Record("webhook", "unreadable", None, {"bytes": len(body)})


# -- answers -------------------------------------------------------------------------------------------------------


def _answers(*acts: AnswerHooks, count: int = 3) -> list[list[Command]]:
    """What comes of so many webhooks, the entries left out where they are taken."""
    receiver = Receiver("receiver", Draws(1, "receiver"), URL, KEY)
    for act in acts:
        assert list(receiver.handle(act, NOW)) == []
    request = Request("POST", "http", "hooks.test", b"/events", (), _event())
    return [list(receiver.handle(Arrived(f"http-{number}", request), NOW)) for number in range(count)]


@pytest.mark.parametrize(
    ("acts", "statuses"),
    [
        ([], [200, 200, 200]),
        ([AnswerHooks(500)], [500, 500, 500]),
        ([AnswerHooks(500, 2)], [500, 500, 200]),
        ([AnswerHooks(500), AnswerHooks(204, 1)], [204, 200, 200]),
        ([AnswerHooks(500, 0)], [200, 200, 200]),
    ],
)
def test_so_many_webhooks_are_answered_with_a_status(acts: list[AnswerHooks], statuses: list[int]) -> None:
    responds = [commands[-1] for commands in _answers(*acts)]
    assert responds == [Respond(f"http-{number}", Response(status)) for number, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("answer", "does"),
    [(500, [Respond("http-0", Response(500))]), ("hang", []), ("down", [HangUp("http-0")])],
)
def test_what_is_not_taken_is_told_as_refused(answer: int | str, does: list[Command]) -> None:
    (commands,) = _answers(AnswerHooks(answer), count=1)
    facts = {"event": "message.phone.sent", "answer": str(answer)}
    assert commands == [Record("webhook", "refused", ID, facts), *does]


@pytest.mark.parametrize("answer", ["up", 100, 600])
def test_an_answer_that_there_is_not_is_refused(answer: int | str) -> None:
    with pytest.raises(UsageError, match="is not answered with"):
        AnswerHooks(answer)


def test_whoever_gives_up_waiting_is_no_matter() -> None:
    assert list(Receiver("receiver", Draws(1, "receiver"), URL, KEY).handle(Gone("http-1"), NOW)) == []


@pytest.mark.parametrize(("attachments", "told"), [(["http://a/1", "http://a/2"], 2), ([], None), (None, None)])
def test_attachments_are_counted(attachments: Any, told: int | None) -> None:
    assert _record(_event({**DATA, "attachments": attachments})).facts.get("attachments") == told


JSON = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2))


@given(st.dictionaries(st.sampled_from(sorted(DATA)), JSON), st.text(max_size=20))
def test_no_event_makes_a_receiver_raise_and_facts_are_plain(data: Any, authorization: str) -> None:
    record = _record(_event(data), authorization)
    assert all(isinstance(fact, str | int | bool | None) for fact in record.facts.values())


def test_what_is_no_request_is_illegal() -> None:
    with pytest.raises(ProtocolError):
        Receiver("receiver", Draws(1, "receiver"), URL, KEY).handle(object(), NOW)
