"""A trace with its indexes."""

from __future__ import annotations

import pytest

from harness.scenario.invariants import Story
from harness.scenario.invariants.story import listed, name
from tests.scenario.invariants.traces import real, written

ROWS = written(
    (0, "client", "send", None, None, {"step": "s", "from": "+1"}),
    (0, "client", "accepted", "m1", 0, {"step": "s"}),
    (1, "radio", "submitted", "m1", 1),
    (2, "contact", "received", None, 2),
    (3, "contact", "wrote", None, 3),
    (4, "radio", "delivered", None, 4),
    (5, "phone", "text received", None, 5),
)


def test_entries_are_found_by_what_they_are_and_what_they_led_to() -> None:
    story = Story(ROWS)
    assert story.of("radio", "submitted") == [ROWS[2]]
    assert story.of("radio", "nothing") == ()
    assert story.every("radio", "delivered", "submitted") == [ROWS[5], ROWS[2]]
    assert story.led_to(ROWS[1]) == [ROWS[2]]
    assert story.led_to(ROWS[6]) == ()
    assert story.cause(ROWS[6]) == ROWS[5]
    assert story.cause(ROWS[0]) is None
    assert story.hops == {"client", "radio", "contact", "phone"}
    assert story.end_at == ROWS[-1].at
    assert name(ROWS[2]) == "radio submitted"


def test_causes_lead_back_to_the_first() -> None:
    assert [entry.number for entry in Story(ROWS).causes(ROWS[6])] == [5, 4, 3, 2, 1, 0]


def test_a_text_comes_from_where_it_was_written() -> None:
    """Not from the text that it answers."""
    assert Story(ROWS).origin(ROWS[6]) == [ROWS[5], ROWS[4]]
    assert Story(ROWS).origin(ROWS[3]) == [ROWS[2]]


@pytest.mark.parametrize(
    ("more", "owner"),
    [
        ((), "+1"),
        (((0, "gateway", "message.api.sent", "m1", None, {"owner": "+2"}),), "+2"),
    ],
    ids=["as the client has asked", "as the gateway tells"],
)
def test_the_owner_of_a_message_is_known(more: tuple[tuple[object, ...], ...], owner: str) -> None:
    assert Story([*ROWS, *written(*more)]).owners == {"m1": owner}


def test_a_message_is_deleted_by_a_request_that_was_granted_or_by_its_event() -> None:
    rows = written(
        (0, "api", "DELETE /v1/messages/{id}", "kept", None, {"status": 401}),
        (0, "api", "DELETE /v1/messages/{id}", "gone", None, {"status": 204}),
        (0, "gateway", "message.api.deleted", "gone"),
        (0, "gateway", "message.api.deleted", "gone too"),
    )
    assert Story(rows).deleted == {"gone": rows[1], "gone too": rows[3]}


def test_races_and_events_from_outside_are_seen() -> None:
    assert not Story(real()).races
    assert not Story(real()).injected
    assert Story(written((0, "gateway", "message.saved", "m1"))).races
    assert Story(written((0, "gateway", "message.api.sent", "m1", None, {"was": "pending"}))).races
    assert Story(written((0, "api", "POST /v1/events", None, None, {"status": 204}))).injected
    assert not Story(written((0, "api", "POST /v1/events", None, None, {"status": 403}))).injected


@pytest.mark.parametrize(
    ("cause", "is_ours"),
    [
        ([], True),
        ([(0, "gateway", "message.notification.sent")], True),
        ([(0, "phone", "reported"), (0, "api", "POST /v1/messages/{id}/events", None, 0)], True),
        ([(0, "client", "send"), (0, "api", "POST /v1/messages/{id}/events", None, 0)], False),
        ([(0, "api", "POST /v1/messages/{id}/events")], False),
    ],
    ids=["nobody knows why", "the gateway itself", "our phone", "the application", "a stranger"],
)
def test_what_is_due_to_a_request_of_somebody_else_is_not_by_our_phone(
    cause: list[tuple[object, ...]], is_ours: bool
) -> None:
    rows = written(*cause, (0, "gateway", "message.phone.sent", "m1", len(cause) - 1 if cause else None))
    assert Story(rows).by_our_phone(rows[-1]) is is_ours


@pytest.mark.parametrize(("value", "words"), [(None, ()), ("", ()), ("a", ("a",)), ("a, b c", ("a", "b c"))])
def test_words_are_listed_in_a_fact(value: str | None, words: tuple[str, ...]) -> None:
    (row,) = written((0, "phone", "booted", None, None, {"numbers": value}))
    assert listed(row, "numbers") == words


def test_an_empty_trace_is_a_story() -> None:
    assert Story(()).end_at == 0
