"""The core as a whole: who hears what, whatever comes, and a phone in a world. Bytes are in test_recorded.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Tell
from harness.errors import ProtocolError
from harness.http.values import Answered, BodyBroken, Call, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import SECOND
from harness.phone import KillProcess, LogIn, Phone
from harness.phone.core import Gate
from harness.phone.receiving import CALLS_MAX
from harness.phone.sending import SUBMISSIONS_MAX
from harness.plain import dump, load
from harness.radio import CallLogged, DeliverReceived, Submit, SubmitAccepted, TextReceived
from harness.sms import deliver_tpdus
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, Listening, PushReceived
from tests.phone.kit import (
    ALICE,
    BOB,
    ID,
    LOGGED_OUT,
    NOW,
    SETTINGS,
    PhoneWorld,
    a_phone,
    answer,
    kinds_in,
    outstanding,
    rows,
    submitted,
    tell,
)


def test_an_unknown_event_is_illegal_and_changes_nothing() -> None:
    phone = a_phone()
    before = rows(phone)
    with pytest.raises(ProtocolError):
        phone.handle(object(), NOW)
    assert rows(phone) == before


def test_a_push_with_neither_key_is_ignored() -> None:
    assert tell(a_phone(), PushReceived("", (("other", "x"),))) == []


def test_every_event_has_its_gate() -> None:
    gates = {kind.__name__: gate for kind, (_, gate) in Phone._HANDLERS.items()}
    print({gate.value: sorted(name for name, known in gates.items() if known is gate) for gate in Gate})
    assert set(gates.values()) == set(Gate)


# -- whatever comes ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
CHANGED = st.dictionaries(st.sampled_from(["id", "contact", "content", "sim", "encrypted", "attachments"]), JSON)
BODIES = st.one_of(
    st.binary(max_size=80),
    st.text(st.sampled_from('{}[]:,"tf1n \\u-e.'), max_size=20).map(str.encode),
    JSON.map(lambda value: json.dumps(value).encode()),
    CHANGED.map(lambda changes: outstanding(**changes).body),
)
CHARSETS = st.sampled_from(["utf-8", "iso-8859-1", "utf-16", "hex", "idna", "unicode_escape", "undefined", "\0"])
CONTENT_TYPES = st.text(max_size=12) | CHARSETS.map(lambda name: f"application/json; charset={name}")
ANSWERS = st.builds(
    lambda status, kind, body: Response(status, (("Content-Type", kind), ("Location", "/x")), body),
    st.sampled_from([200, 201, 204, 301, 304, 307, 400, 401, 404, 408, 429, 500, 599]),
    CONTENT_TYPES,
    BODIES,
)
OUTCOMES = st.one_of(
    ANSWERS,
    st.builds(BodyBroken, ANSWERS, st.binary(max_size=9)),
    st.sampled_from([ConnectFailed("refused"), TimedOut("read"), Closed(sent_all=True)]),
)
ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates too
PUSHES = st.dictionaries(st.sampled_from([MESSAGE_ID, HEARTBEAT_ID, "other"]), ANY_TEXT).map(
    lambda data: PushReceived("", tuple(data.items()))
)


@given(st.lists(PUSHES | st.builds(TextReceived, ANY_TEXT, ANY_TEXT), max_size=4), st.lists(OUTCOMES, max_size=8))
def test_no_push_text_or_answer_makes_a_phone_raise(events: list[Any], outcomes: list[Outcome]) -> None:
    phone = a_phone()
    phone._change_settings(encryption_key="Password123")
    open_calls = [command for event in events for command in tell(phone, event)]
    while open_calls:
        command = open_calls.pop()
        if isinstance(command, Tell) and isinstance(command.event, Submit):
            open_calls += tell(phone, SubmitAccepted(command.event.id, len(command.event.segments) - 1, 1))
        elif isinstance(command, Call) and outcomes:
            open_calls += tell(phone, Answered(command.exchange, outcomes.pop()))


@given(OUTCOMES)
def test_no_answer_to_a_login_makes_a_phone_raise(outcome: Outcome) -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    commands = answer(phone, tell(phone, Listening("fcm-token-one")), outcome)
    if not any(isinstance(command, Call) for command in commands):
        assert kinds_in(commands)[-1:] in (["login failed"], ["permissions asked"])


# -- in a world ----------------------------------------------------------------------------------------------


def test_a_message_goes_all_the_way_and_is_reported() -> None:
    here = PhoneWorld()
    here.send(ID, "x" * 161)
    here.run()
    assert here.facts("contact", "received") == [{"from": ALICE, "to": BOB, "text": "x" * 161, "segments": 2}]
    assert sorted(here.gateway.script.events) == [(ID, "DELIVERED"), (ID, "SENT")]


def test_messages_go_out_in_any_order() -> None:
    """There is none among jobs (§7): every seed has its own."""
    orders = set()
    for seed in range(8):
        here = PhoneWorld(seed)
        for number in range(6):
            here.send(f"m{number}", "hello")
        here.run()
        orders.add(tuple(entry.message for entry in here.world.trace.entries if entry.kind == "submitted"))
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {frozenset(f"m{number}" for number in range(6))}


def test_a_week_of_messages_leaves_nothing_behind() -> None:
    """Reports that never come, segments that are lost, deaths of the process: none of it may grow for ever."""
    here = PhoneWorld()
    sizes = []
    for hour in range(7 * 24):
        for number in range(4):
            here.send(f"m{hour}-{number}", "x" * (161 if number else 5))
        (first, *_) = deliver_tpdus(BOB, "y" * 400, NOW, hour % 256)
        here.world.inject("phone:alice", DeliverReceived(first))
        here.world.inject("phone:alice", CallLogged(BOB, 3, here.world.now))
        here.world.inject("phone:alice", KillProcess())
        here.world.run_until(here.world.now + 3600 * SECOND)
        sizes.append({name: len(table) for name, table in here.phone.tables().items()})
    assert len(here.gateway.script.events) > 1000
    last = sizes[-1]
    assert (last["jobs"], last["threads"], last["ready"], last["files"]) == (0, 0, 0, 0)
    assert last["submissions"] <= SUBMISSIONS_MAX
    assert last["intents"] <= 3 * SUBMISSIONS_MAX
    assert (last["calls"], last["inbox"]) == (CALLS_MAX, 7 * 24)
    assert max(size["facts"] for size in sizes) == last["facts"]


@given(st.integers(0, 25), st.integers(0, 1000))
def test_a_phone_taken_from_a_state_file_goes_on_as_the_other(steps: int, seed: int) -> None:
    here = PhoneWorld(seed)
    here.send(ID, "x" * 161)
    for pdu in deliver_tpdus(BOB, "y" * 400, NOW, 7)[:2]:
        here.world.inject("phone:alice", DeliverReceived(pdu))
    for _ in range(steps):
        here.world.step()
    there = PhoneWorld(seed)
    there.gateway.script.outbox = here.gateway.script.outbox
    there.world.restore([load(dump(row)) for row in here.world.snapshot()])
    here.run()
    there.run()
    for mine, other in ((here.phone, there.phone), (here.modem, there.modem), (here.bob, there.bob)):
        assert rows(other) == rows(mine)


def test_a_fork_has_a_future_of_its_own() -> None:
    phone = a_phone()
    submit = submitted(phone)
    twin = phone.fork()
    before = rows(phone)
    tell(twin, SubmitAccepted(submit.id, 0, 1))
    tell(twin, DeliverReceived(deliver_tpdus(BOB, "y" * 400, NOW, 7)[0]))
    assert rows(phone) == before
    assert phone.settings == SETTINGS
