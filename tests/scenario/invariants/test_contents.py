"""Texts come out as they went in, each once, and what is secret stays so."""

from __future__ import annotations

from typing import Any

import pytest

from harness.draws import Draws
from harness.scenario.invariants import check
from harness.trace import Entry
from tests.scenario.invariants.traces import (
    BOB,
    CAROL,
    DORA,
    LONG,
    SECRET,
    SECRET_BACK,
    Case,
    Entries,
    also,
    assert_noticed,
    broken,
    changed,
    find,
    real,
    twice,
    without,
    written,
)

CLEAR = find("gateway", "message.api.sent", content="In clear")
RECEIVED = find("gateway", "message.phone.received")
HOOKED = find("webhook", "message.phone.received")


def _stored_otherwise(entries: Entries) -> Entries:
    """Every received text is another one from the gateway on."""
    return [
        entry._replace(facts={**entry.facts, "content": "other"}) if RECEIVED(entry) or HOOKED(entry) else entry
        for entry in entries
    ]


TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhcGkuaHR0cHNtcy5jb20ifQ.x"

TAMPERED: dict[str, Case] = {
    "a whole clear text in an answer": (
        also("api", "POST /v1/messages/send", error=f"cannot send [{SECRET}]"),
        "no-clear-text",
        "api POST /v1/messages/send shows the clear text of an encrypted one in error",
    ),
    "a clear text that came in encrypted": (
        also("webhook", "message.phone.received", content=SECRET_BACK),
        "no-clear-text",
        "webhook message.phone.received shows the clear text of an encrypted one in content",
    ),
    "a clear text in the push": (
        also("push", "accepted", body=f"{{'text': '{SECRET}'}}"),
        "no-clear-text",
        "push accepted shows the clear text of an encrypted one in body",
    ),
    "a user key in an answer": (
        also("api", "GET /v1/users/me", answer="api_key=uk_" + Draws(1, "key").token(64)),
        "no-secret-in-the-trace",
        "api GET /v1/users/me shows what looks like a key or a token in answer",
    ),
    "a phone key in a complaint": (
        also("phone", "login failed", error="pk_" + Draws(2, "key").token(64)),
        "no-secret-in-the-trace",
        "phone login failed shows what looks like a key or a token in error",
    ),
    "a token of a webhook": (
        also("gateway", "webhook.called", request=f"Authorization: Bearer {TOKEN}"),
        "no-secret-in-the-trace",
        "gateway webhook.called shows what looks like a key or a token in request",
    ),
    "a pass phrase by its name": (
        also("phone", "settings changed", encryption_key="Password123"),
        "no-secret-in-the-trace",
        "phone settings changed has a fact called encryption_key",
    ),
    "a content that the gateway changes": (
        changed(CLEAR, content="In clear!"),
        "content-unchanged",
        "content changed between client send and gateway message.api.sent",
    ),
    "a flag that the gateway changes": (
        changed(find("gateway", "message.api.sent", encrypted=True), encrypted=False),
        "content-unchanged",
        "encrypted changed between client send and gateway message.api.sent",
    ),
    "a content that the phone reads otherwise": (
        changed(find("phone", "fetched", content="In clear"), content="In clea"),
        "content-unchanged",
        "content changed between client send and phone fetched",
    ),
    "a SIM that changes on the way": (
        changed(find("phone", "fetched", sim="SIM2"), sim="SIM1"),
        "content-unchanged",
        "sim changed between gateway message.api.sent and phone fetched",
    ),
    "a webhook with another content": (
        changed(find("webhook", "message.phone.sent", content="In clear"), content=""),
        "content-unchanged",
        "content changed between client send and webhook message.phone.sent",
    ),
    "a webhook that names somebody else": (
        changed(find("webhook", "message.call.missed"), contact=CAROL),
        "content-unchanged",
        "contact changed between gateway message.call.missed and webhook message.call.missed",
    ),
    "a phone that sends it to somebody else": (
        changed(find("phone", "fetched", content="In clear"), to=DORA),
        "content-unchanged",
        f"the text is for {BOB}, phone fetched has {DORA}",
    ),
    "a radio that takes another text": (
        changed(find("radio", "submitted", text="In clear"), text="In cleaR"),
        "content-unchanged",
        "the radio took another text than the API",
    ),
    "a segment that is missing": (
        without(lambda entry: entry.hop == "radio" and entry.facts.get("segment") == 2),
        "content-unchanged",
        "the radio took another text than the API",
    ),
    "a contact that reads another text": (
        changed(find("contact", "received", text="In clear"), text="In clea"),
        "content-unchanged",
        "the contact reads another text than the radio took",
    ),
    "a phone that reads another text": (
        changed(find("contact", "wrote", text=LONG), text=LONG[1:]),
        "content-unchanged",
        "the phone reads another text than the contact wrote",
    ),
    "a gateway that stores another text": (
        _stored_otherwise,
        "content-unchanged",
        "the gateway has a text that no phone received like this",
    ),
    "a gateway that takes the other SIM": (
        changed(RECEIVED, sim="SIM2"),
        "content-unchanged",
        "the gateway has a text that no phone received like this",
    ),
    "a text that becomes two messages": (
        twice(RECEIVED),
        "one-message-per-text",
        "one received text became 2 messages",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


# -- in clear ------------------------------------------------------------------------------------------------------

ENCRYPTED = (0, "gateway", "message.api.sent", "m1", None, {"content": "x", "encrypted": True, "status": "pending"})
ON_AIR = (0, "radio", "submitted", "m1", None, {"text": "hi", "segment": 1})
LONG_ON_AIR = (0, "radio", "submitted", "m1", None, {"text": "hi there, you", "segment": 1})


@pytest.mark.parametrize(
    "more",
    [
        # Short texts occur in anything: only a fact that is one of them counts.
        ("api", "GET /v1/messages", None, {"error": "hi there"}),
        ("gateway", "message.phone.received", "m2", {"content": "hi", "encrypted": False}),
        ("client", "send", None, {"to": "hi"}),
        # One word may be the protocol's.
        ("phone", "failed", "m1", {"reason": "hi"}),
        ("contact", "received", None, {"text": "hi"}),
        ("api", "GET /v1/messages", None, {"status": 200, "ok": True, "none": None}),
    ],
)
def test_a_text_that_is_in_clear_elsewhere_is_no_leak(more: tuple[str, str, str | None, dict[str, Any]]) -> None:
    hop, kind, message, facts = more
    assert broken(written(ENCRYPTED, ON_AIR, (0, hop, kind, message, None, facts)), "no-clear-text") == []


def test_a_text_that_goes_both_ways_may_be_shown() -> None:
    in_clear = (0, "gateway", "message.api.sent", "m2", None, {"content": "hi there, you", "encrypted": False})
    shown = (0, "push", "accepted", "m2", None, {"request": '{"content": "hi there, you"}'})
    assert len(broken(written(ENCRYPTED, LONG_ON_AIR, shown), "no-clear-text")) == 1
    assert broken(written(ENCRYPTED, LONG_ON_AIR, in_clear, shown), "no-clear-text") == []


@pytest.mark.parametrize(
    ("body", "is_leak"),
    [
        ('{"content": "hi there, you"}', False),
        ('{"content": "so: hi there, you", "encrypted": false}', False),
        ('[{"messages": [{"content": "hi there, you"}]}]', False),
        ('{"content": "hi there, you", "encrypted": true}', True),
        ('{"content": "x", "request_id": "hi there, you"}', False),
        ('{"content": "x", "note": ["hi there, you"]}', True),
        ('{"note": "hi there, you"', True),
    ],
)
def test_who_asks_in_clear_may_be_refused_and_ids_are_the_storys_own_words(body: str, is_leak: bool) -> None:
    asked = (0, "api", "POST /v1/messages/send", None, None, {"request": body, "status": 422})
    assert bool(broken(written(ENCRYPTED, LONG_ON_AIR, asked), "no-clear-text")) is is_leak


def test_a_short_clear_text_alone_in_a_fact_is_a_leak() -> None:
    rows = written(ENCRYPTED, ON_AIR, (0, "webhook", "message.phone.sent", "m1", None, {"content": "hi"}))
    assert broken(rows, "no-clear-text") == [
        "webhook message.phone.sent shows the clear text of an encrypted one in content (message m1); entries 2, 1"
    ]


# -- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact",
    ["uk_brexit", "bulk_1", "eyJ", "Bearer of news", "buk_aaaaaaaaaaaaaaaaaaaaaaaa", "eyJhbGciOiJIUzI1NiJ9 is a head"],
)
def test_what_only_begins_like_a_key_is_none(fact: str) -> None:
    assert broken(written((0, "client", "send", None, None, {"content": fact})), "no-secret-in-the-trace") == []


def test_whether_a_key_is_associated_is_no_secret() -> None:
    entry = (0, "gateway", "phone.updated", None, None, {"key_associated": True})
    assert broken(written(entry), "no-secret-in-the-trace") == []


# -- contents ------------------------------------------------------------------------------------------------------


def sent(content: str) -> list[tuple[Any, ...]]:
    return [
        (0, "client", "send", None, None, {"step": "s", "content": content, "encrypted": False}),
        (0, "client", "accepted", "m1", 0, {"step": "s"}),
    ]


@pytest.mark.parametrize(
    ("given", "told", "same"),
    [
        ("Hello", "Hello", True),
        ("Hello", "hello", False),
        ("half \ud83d", "half \ufffd", True),
        ("half \ud83d", "half ?", False),
        ("half \ud83d", "\ufffd", False),
    ],
)
def test_half_a_surrogate_pair_is_replaced_on_its_way(given: str, told: str, same: bool) -> None:
    gateway = (0, "gateway", "message.api.sent", "m1", 1, {"content": told, "encrypted": False})
    assert (broken(written(*sent(given), gateway), "content-unchanged") == []) is same


def test_of_a_bulk_request_each_message_has_the_text() -> None:
    accepted = (0, "client", "accepted", "m2", 0, {"step": "s"})
    gateway = (0, "gateway", "message.api.sent", "m2", None, {"content": "other", "encrypted": False})
    assert len(broken(written(*sent("Hello"), accepted, gateway), "content-unchanged")) == 1


def test_a_text_of_which_the_network_refused_a_segment_is_not_compared() -> None:
    rows = written(
        (0, "gateway", "message.api.sent", "m1", None, {"content": "onetwo", "encrypted": False}),
        (0, "radio", "submitted", "m1", None, {"text": "one", "segment": 1}),
        (0, "radio", "rejected", "m1", None, {"text": "two", "segment": 2}),
    )
    assert broken(rows, "content-unchanged") == []


def test_segments_may_be_told_in_any_order() -> None:
    rows = written(
        (0, "gateway", "message.api.sent", "m1", None, {"content": "onetwo", "encrypted": False}),
        (0, "radio", "submitted", "m1", None, {"text": "two", "segment": 2}),
        (0, "radio", "submitted", "m1", None, {"text": "one", "segment": 1}),
    )
    assert broken(rows, "content-unchanged") == []


def test_a_contact_who_answers_is_compared_with_its_own_text() -> None:
    rows = [
        (0, "radio", "submitted", "m1", None, {"text": "Ping", "segment": 1}),
        (0, "contact", "received", None, 0, {"text": "Ping"}),
        (0, "contact", "wrote", None, 1, {"text": "Pong"}),
        (0, "radio", "delivered", None, 2, {"text": "Pong"}),
    ]
    heard = (0, "phone", "text received", None, 3, {"content": "Pong", "encrypted": False})
    misheard = (0, "phone", "text received", None, 3, {"content": "Ping", "encrypted": False})
    assert broken(written(*rows, heard), "content-unchanged") == []
    assert len(broken(written(*rows, misheard), "content-unchanged")) == 1


def test_a_robot_writes_back_segment_by_segment() -> None:
    rows = written(
        (0, "radio", "submitted", "m1", None, {"text": "one", "segment": 1}),
        (0, "radio", "submitted", "m1", 0, {"text": "two", "segment": 2}),
        (0, "contact", "wrote", None, 1, {"text": "two"}),
        (0, "radio", "delivered", None, 2, {"text": "two"}),
        (0, "phone", "text received", None, 3, {"content": "onetwo", "encrypted": False}),
    )
    assert broken(rows, "content-unchanged") == []


# -- one message for each text -------------------------------------------------------------------------------------

TEXT = (0, "phone", "text received", None, None, {"content": "x", "encrypted": False})


def posted(cause: int) -> tuple[Any, ...]:
    return (0, "api", "POST /v1/messages/receive", "m1", cause, {"status": 200})


def stored(cause: int) -> tuple[Any, ...]:
    return (0, "gateway", "message.phone.received", "m1", cause, {"content": "x", "encrypted": False})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((TEXT, posted(0), stored(1)), 0),
        ((TEXT, posted(0), stored(1), stored(1)), 1),
        ((TEXT, posted(0), stored(1), posted(0), stored(3)), 1),
        # The phone has heard no answer and tries again.
        ((TEXT, posted(0), stored(1), (0, "phone", "job retried", None, 1), posted(3), stored(4)), 0),
        # Two texts that look alike.
        ((TEXT, posted(0), stored(1), TEXT, posted(3), stored(4)), 0),
    ],
)
def test_a_try_makes_one_message(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "one-message-per-text")) == violations


def test_a_message_that_somebody_posts_by_hand_needs_no_phone() -> None:
    rows = written(
        TEXT,
        (0, "client", "accepted"),
        (0, "api", "POST /v1/messages/receive", "m1", 1, {"status": 200, "as": "user"}),
        (0, "gateway", "message.phone.received", "m1", 2, {"content": "by hand", "encrypted": False}),
    )
    assert broken(rows, "content-unchanged") == []


def test_the_real_trace_shows_no_secret() -> None:
    entries: tuple[Entry, ...] = real()
    assert check(entries) == ()
