"""Webhooks: every event reaches every subscriber, once, with a token that names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.invariants.traces import (
    CAROL,
    Case,
    assert_noticed,
    broken,
    changed,
    find,
    twice,
    without,
    written,
)

SENT = find("gateway", "message.phone.sent")
OURS = find("gateway", "webhook.called", event="message.phone.sent", url="http://hooks.internal/events")
OTHERS = find("gateway", "webhook.called", event="message.phone.sent", url="http://elsewhere.internal/hook", attempt=1)
AGAIN = find("gateway", "webhook.called", url="http://elsewhere.internal/hook", attempt=2)

TAMPERED: dict[str, Case] = {
    "a token that does not verify": (
        changed(find("webhook", "message.phone.sent"), verified=False),
        "webhook-tokens-verify",
        "the token of message.phone.sent does not verify",
    ),
    "a webhook that arrives twice": (
        twice(find("webhook", "message.phone.sent")),
        "one-webhook-per-event",
        "a webhook for message.phone.sent with no such event, or its second one",
    ),
    "a webhook with no event": (
        without(SENT),
        "one-webhook-per-event",
        "a webhook for message.phone.sent with no such event",
    ),
    "a subscriber who is forgotten": (
        without(OTHERS),
        "one-webhook-per-event",
        "no webhook for message.phone.sent where there is one subscriber",
    ),
    "a subscriber who is called twice": (
        twice(OURS),
        "one-webhook-per-event",
        "2 webhooks for message.phone.sent where there is one subscriber",
    ),
    "a webhook that nobody wants": (
        changed(find("gateway", "webhook.saved", events="message.phone.sent"), numbers="+18005550199"),
        "one-webhook-per-event",
        "a webhook for message.phone.sent that nobody subscribed to",
    ),
    "a third attempt": (
        changed(AGAIN, attempt=3),
        "one-webhook-per-event",
        "a webhook for message.phone.sent was called for the 3. time",
    ),
    "a second attempt after a good answer": (
        changed(find("gateway", "webhook.answered", url="http://elsewhere.internal/hook"), status=204),
        "one-webhook-per-event",
        "a webhook for message.phone.sent was called for the 2. time",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


# -- who subscribes ------------------------------------------------------------------------------------------------

KIND = "message.phone.sent"


def saved(webhook: str = "w", events: str = f"{KIND}, message.send.failed", numbers: str = f"+1, {CAROL}") -> Any:
    return (0, "gateway", "webhook.saved", None, None, {"webhook": webhook, "events": events, "numbers": numbers})


def deleted(webhook: str = "w") -> Any:
    return (0, "gateway", "webhook.deleted", None, None, {"webhook": webhook})


EVENT = (0, "gateway", KIND, "m1", None, {"was": "sending", "status": "sent", "owner": CAROL})


def called(cause: int, webhook: str = "w", attempt: int = 1) -> Any:
    return (0, "gateway", "webhook.called", "m1", cause, {"event": KIND, "webhook": webhook, "attempt": attempt})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((saved(), EVENT, called(1)), 0),
        ((saved(), EVENT), 1),
        ((EVENT,), 0),
        ((EVENT, saved()), 0),
        ((saved(), deleted(), EVENT), 0),
        ((saved(), deleted(), EVENT, called(2)), 1),
        ((saved(), deleted("other"), EVENT), 1),
        ((saved(), EVENT, deleted(), called(1)), 0),
        ((saved(events="message.call.missed"), EVENT), 0),
        ((saved(numbers="+1"), EVENT), 0),
        # A change replaces everything.
        ((saved(numbers="+1"), saved(), EVENT), 1),
        ((saved(), saved(numbers="+1"), EVENT), 0),
        # Two who subscribe to the same.
        ((saved("w"), saved("v"), EVENT, called(2, "w"), called(2, "v")), 0),
        ((saved("w"), saved("v"), EVENT, called(2, "w"), called(2, "w")), 2),
        ((saved(), (0, "gateway", "user.account.deleted"), EVENT), 0),
        # Whose event it is is not told.
        ((saved(), (0, "gateway", KIND, "m1")), 0),
        # The queue does what somebody told it.
        ((saved(), (0, "api", "POST /v1/events", None, None, {"status": 204}), EVENT), 0),
    ],
)
def test_every_subscriber_is_called_once(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "one-webhook-per-event")) == violations


def test_a_heartbeat_is_an_event_too() -> None:
    offline = (0, "gateway", "phone.heartbeat.offline", None, None, {"owner": CAROL})
    assert len(broken(written(saved(events="phone.heartbeat.offline"), offline), "one-webhook-per-event")) == 1


def test_a_receiver_that_refused_reads_the_event_again() -> None:
    refused = (0, "webhook", "refused", "m1", 2, {"event": KIND, "answer": "500"})
    answered = (0, "gateway", "webhook.answered", "m1", 3, {"event": KIND, "webhook": "w", "status": 500})
    rows = [saved(), EVENT, called(1), refused, answered, called(4, attempt=2), (0, "webhook", KIND, "m1", 5)]
    assert broken(written(*rows), "one-webhook-per-event") == []
    assert len(broken(written(*rows, (0, "webhook", KIND, "m1", 5)), "one-webhook-per-event")) == 1


def test_of_another_server_only_the_webhooks_are_seen() -> None:
    assert broken(written((0, "webhook", KIND, "m1"), (0, "webhook", KIND, "m1")), "one-webhook-per-event") == []


# -- tokens --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "violations"), [("set-up/webhook", 1), ("step-3", 0), (None, 1)])
def test_a_webhook_of_the_story_s_own_has_a_key_of_its_own(step: str | None, violations: int) -> None:
    accepted = () if step is None else ((0, "client", "accepted", None, 0, {"step": step}),)
    _, *row = saved()
    rows = written(
        (0, "api", "POST /v1/webhooks"),
        (0, *row[:3], 0, row[4]),
        EVENT,
        called(2),
        (0, "webhook", KIND, "m1", 3, {"verified": False}),
        *accepted,
    )
    assert len(broken(rows, "webhook-tokens-verify")) == violations
