"""What a test reads that has waited in vain."""

from __future__ import annotations

import pytest

from harness.hosting import stories
from tests.hosting.entries import BOB, entries, life, received, sent


def test_the_missing_stage_comes_first_and_then_the_life() -> None:
    lines = stories.of_texts(entries(*life("m1", 3)))
    assert lines[0] == f"message m1 to {BOB}, missing: the push reaches the phone (phone: pushed)"
    assert [line.split()[2:4] for line in lines[1:]] == [
        ["gateway", "message.api.sent"],
        ["gateway", "message.notification.scheduled"],
        ["push", "accepted"],
    ]


def test_what_contacts_have_read_is_told_and_what_has_arrived_is_counted() -> None:
    lines = stories.of_texts(entries(*life("m1"), received("Hi"), sent("m2")))
    assert lines[0] == f"{BOB} has read 'Hi' from +18005550199"
    assert lines[1].startswith("message m2")
    assert lines[-1] == "messages arrived whole: 1"


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        ([], ["nothing was asked of the gateway"]),
        (
            [("api", "POST /v1/messages/send", None, {"status": 422, "as": "user", "error": "no phone"})],
            ["no message was sent; the application asked:", "  POST /v1/messages/send: 422 (no phone)"],
        ),
        ([("api", "GET /v1/messages/outstanding", None, {"as": "phone"})], ["nothing was asked of the gateway"]),
    ],
)
def test_where_nothing_was_sent_the_story_is_what_was_asked(
    told: list[tuple[str, str, None, dict[str, object]]], lines: list[str]
) -> None:
    assert stories.of_texts(entries(*told)) == lines


def test_a_message_that_nobody_sent_is_named() -> None:
    assert stories.of_message(entries(*life("m1")), "m2") == ["the gateway has no message m2"]


def test_only_the_last_messages_are_told_in_full() -> None:
    lines = stories.of_messages(entries(*(sent(f"m{number}") for number in range(9))))
    told = [line.split()[1].removesuffix(",") for line in lines if line.startswith("message m")]
    assert told == ["m6", "m7", "m8"]
    assert lines[-1] == "messages still under way: 6"


def test_a_webhook_that_never_came_shows_who_subscribed_and_what_was_answered() -> None:
    answered = (
        "gateway",
        "webhook.answered",
        "m1",
        {"event": "message.phone.sent", "url": "http://a.b/", "status": 500},
    )
    lines = stories.of_webhooks(entries(answered), ["http://a.b/ to message.phone.sent"])
    assert lines[:2] == ["subscribed: http://a.b/ to message.phone.sent", "told http://a.b/ of message.phone.sent: 500"]
    assert stories.of_webhooks([], ())[:2] == ["nobody has subscribed to any event", "no webhook was called"]
