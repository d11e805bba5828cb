"""What holds in every story: real traces are in order, and each way of tampering with one is noticed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from harness.scenario.invariants import FOLDS, INVARIANTS, check, judge
from harness.testing import Story, run_scenario
from harness.trace import HOPS, Entry, Trace
from harness.verdict import Failure, Verdict

Entries = list[Entry]
PASSED = Verdict("A story", True, (), None, 0)

# -- real traces ---------------------------------------------------------------------------------------------------

LONG = "Hello from the other side, with a smile 😀. " * 6


def everything() -> Story:
    """Clear and encrypted texts out and in, long ones, one from phone to phone, one that nobody can deliver."""
    story = Story("everything")
    alice = story.phone("alice", encryption_key="Password123")
    carol, bob = story.phone("carol"), story.contact("bob")
    sent = [
        story.send(from_=alice, to=bob, text=LONG, encrypted=True),
        story.send(from_=alice, to=bob, text="In clear"),
        story.send(from_=carol, to=alice, text="From carol to alice"),
        story.send(from_=alice, to=carol, text="Once encrypted, then in clear", encrypted=True),
        story.send(from_=carol, to=bob, text=LONG),
    ]
    for message in sent:
        story.expect_message(message, status="delivered", within_s=120)
    story.text(from_=bob, to=alice, text="To a phone that encrypts")
    story.text(from_=bob, to=carol, text=LONG)
    story.expect_webhook("message.phone.received", text="To a phone that encrypts")
    story.expect_webhook("message.phone.received", text=LONG)
    story.carrier(phone=carol, service="none")
    failed = story.send(from_=carol, to=bob, text="Nobody hears me")
    story.expect_message(failed, status="failed", reason="NO_SERVICE", within_s=120)
    story.carrier(phone=carol, service="full")
    return story


@cache
def real() -> tuple[Entry, ...]:
    return tuple(run_scenario(everything().plan()).trace.entries)


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_story_with_everything_in_it_breaks_nothing(seed: int) -> None:
    outcome = run_scenario(everything().plan(), seed)
    assert outcome.passed, outcome.report()
    assert check(outcome.trace.entries) == ()


def test_every_invariant_is_asked_by_its_name() -> None:
    assert tuple(FOLDS) == INVARIANTS
    assert all(fold.__name__ == name.replace("-", "_") for name, fold in FOLDS.items())


def test_an_empty_trace_and_one_of_a_single_hop_break_nothing() -> None:
    assert check(()) == ()
    for hop in HOPS:
        assert check(entry for entry in real() if entry.hop == hop) == ()


# -- tampering -----------------------------------------------------------------------------------------------------

Find = Callable[[Entry], bool]


def of(hop: str, kind: str, **facts: Any) -> Find:
    return lambda entry: (
        (entry.hop, entry.kind) == (hop, kind)
        and all(entry.facts.get(name.rstrip("_")) == value for name, value in facts.items())
    )


def _first(entries: Sequence[Entry], find: Find) -> int:
    return next(index for index, entry in enumerate(entries) if find(entry))


def without(find: Find) -> Callable[[Entries], Entries]:
    return lambda entries: [entry for entry in entries if not find(entry)]


def changed(find: Find, **facts: Any) -> Callable[[Entries], Entries]:
    """The first such entry has other facts."""

    def tamper(entries: Entries) -> Entries:
        at = _first(entries, find)
        return [*entries[:at], entries[at]._replace(facts={**entries[at].facts, **facts}), *entries[at + 1 :]]

    return tamper


def twice(find: Find) -> Callable[[Entries], Entries]:
    """The first such entry comes again at the end."""
    return lambda entries: [*entries, entries[_first(entries, find)]._replace(number=len(entries))]


def of_message(find: Find, message: str) -> Callable[[Entries], Entries]:
    """Such entries are about another message."""
    return lambda entries: [entry._replace(message=message) if find(entry) else entry for entry in entries]


def also(hop: str, kind: str, **facts: Any) -> Callable[[Entries], Entries]:
    """One more entry at the end."""
    more = {name.rstrip("_"): value for name, value in facts.items()}
    return lambda entries: [*entries, Entry(len(entries), 0, hop, kind, None, None, more)]


API = of("gateway", "message.api.sent")
CLEAR = of("gateway", "message.api.sent", content="In clear")
RECEIVED = of("gateway", "message.phone.received")

TAMPERED: dict[str, tuple[Callable[[Entries], Entries], str, str]] = {
    "the radio sends what nobody sent": (
        of_message(of("radio", "submitted", text="In clear"), "nobody"),
        "no-sms-without-a-send",
        "a text went to the radio that nobody sent (message nobody)",
    ),
    "a text goes out twice": (
        twice(of("radio", "submitted", text="In clear")),
        "one-sms-per-send",
        "one send became 2 texts",
    ),
    "SENT without a hand-over": (
        without(of("radio", "submitted", text="In clear")),
        "every-report-has-its-radio-result",
        "message.phone.sent without radio submitted before it",
    ),
    "DELIVERED without a status report": (
        without(of("radio", "report")),
        "every-report-has-its-radio-result",
        "message.phone.delivered without radio report before it",
    ),
    "FAILED without a reason of the radio or the phone": (
        lambda entries: without(of("phone", "failed"))(without(of("radio", "rejected"))(entries)),
        "every-report-has-its-radio-result",
        "message.send.failed without radio rejected or phone failed or gateway message.notification.failed before it",
    ),
    "a report before its result": (
        lambda entries: entries[::-1],
        "every-report-has-its-radio-result",
        "message.phone.sent without radio submitted before it",
    ),
    "a status that the event does not give": (
        changed(of("gateway", "message.phone.sent", was="sending"), status="delivered"),
        "status-moves-along-the-table",
        "message.phone.sent moved the status from sending to delivered",
    ),
    "a status that comes from nowhere": (
        changed(of("gateway", "message.phone.delivered"), was="failed"),
        "status-moves-along-the-table",
        "the status went from sent to failed with no event",
    ),
    "a status that goes back": (
        changed(of("gateway", "message.notification.sent"), was="delivered", status="pending"),
        "status-moves-along-the-table",
        "message.notification.sent moved the status from delivered to pending",
    ),
    "a whole clear text in an answer": (
        also("api", "POST /v1/messages/send", error=f"cannot send [{LONG}]"),
        "no-clear-text",
        "api POST /v1/messages/send shows the clear text of an encrypted one in error",
    ),
    "a clear text that came in encrypted": (
        also("webhook", "message.phone.received", content="To a phone that encrypts"),
        "no-clear-text",
        "webhook message.phone.received shows the clear text of an encrypted one in content",
    ),
    "a clear text in the push": (
        also("push", "accepted", body="{'text': 'Once encrypted, then in clear'}"),
        "no-clear-text",
        "push accepted shows the clear text of an encrypted one in body",
    ),
    "a content that the gateway changes": (
        changed(CLEAR, content="In clear!"),
        "content-unchanged",
        "content changed between client send and gateway message.api.sent",
    ),
    "a flag that the gateway changes": (
        changed(of("gateway", "message.api.sent", encrypted=True), encrypted=False),
        "content-unchanged",
        "encrypted changed between client send and gateway message.api.sent",
    ),
    "a content that the phone reads otherwise": (
        changed(of("phone", "fetched", content="In clear"), content="In clea"),
        "content-unchanged",
        "content changed between client send and phone fetched",
    ),
    "a webhook with another content": (
        changed(of("webhook", "message.phone.sent", content="In clear"), content=""),
        "content-unchanged",
        "content changed between client send and webhook message.phone.sent",
    ),
    "a radio that takes another text": (
        changed(of("radio", "submitted", text="In clear"), text="In cleaR"),
        "content-unchanged",
        "the radio took another text than the API",
    ),
    "a segment that is missing": (
        without(lambda entry: entry.hop == "radio" and entry.facts.get("segment") == 2),
        "content-unchanged",
        "the radio took another text than the API",
    ),
    "a contact that reads another text": (
        changed(of("contact", "received", text="In clear"), text="In clea"),
        "content-unchanged",
        "the contact reads another text than the radio took",
    ),
    "a phone that reads another text": (
        changed(of("contact", "wrote", text=LONG), text=LONG[1:]),
        "content-unchanged",
        "the phone reads another text than the contact wrote",
    ),
    "a gateway that stores another text": (
        lambda entries: [
            entry._replace(facts={**entry.facts, "content": "other"})
            if RECEIVED(entry) or of("webhook", "message.phone.received")(entry)
            else entry
            for entry in entries
        ],
        "content-unchanged",
        "the gateway has a text that no phone received like this",
    ),
    "a token that does not verify": (
        changed(of("webhook", "message.phone.sent"), verified=False),
        "webhook-tokens-verify",
        "the token of message.phone.sent does not verify",
    ),
    "a webhook twice": (
        twice(of("webhook", "message.phone.sent")),
        "one-webhook-per-event",
        "a webhook for message.phone.sent with no such event, or its second one",
    ),
    "a webhook with no event": (
        without(of("gateway", "message.phone.sent")),
        "one-webhook-per-event",
        "a webhook for message.phone.sent with no such event, or its second one",
    ),
    "a text that becomes two messages": (
        twice(RECEIVED),
        "one-message-per-text",
        "one received text became 2 messages",
    ),
    "a text without service": (
        lambda entries: [
            *entries[: _first(entries, of("radio", "submitted", text="In clear"))],
            Entry(9999, 0, "radio", "service", None, None, {"number": "+18005550100", "service": "off"}),
            *entries[_first(entries, of("radio", "submitted", text="In clear")) :],
        ],
        "nothing-on-a-dead-radio",
        "a text was submitted while the radio had no service",
    ),
    "a text to a radio that is off": (
        lambda entries: [
            Entry(9999, 0, "radio", "service", None, None, {"number": "+18005550101", "service": "none"}),
            *entries,
        ],
        "nothing-on-a-dead-radio",
        "a text was delivered while the radio had no service",
    ),
}


@pytest.mark.parametrize(("tamper", "invariant", "words"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(tamper: Callable[[Entries], Entries], invariant: str, words: str) -> None:
    entries = tamper(list(real()))
    found = [line for line in check(entries) if line.startswith(f"{invariant}: ")]
    assert any(words in line for line in found), check(entries)
    assert all("entry " in line or "entries " in line for line in found)
    # A story that means to break it is let off.
    assert not [line for line in check(entries, [invariant]) if line.startswith(f"{invariant}: ")]


def test_a_text_that_goes_out_twice_is_no_other_text() -> None:
    entries = twice(of("radio", "submitted", text="In clear"))(list(real()))
    assert [line.partition(":")[0] for line in check(entries)] == ["one-sms-per-send"]


def test_a_radio_that_is_back_may_be_used() -> None:
    number = "+18005550101"
    services = [
        Entry(9000, 0, "radio", "service", None, None, {"number": number, "service": service})
        for service in ("none", "full")
    ]
    assert check([*services, *real()]) == ()
    assert check([services[1], services[0], *real()]) != ()


def test_every_invariant_can_be_broken() -> None:
    assert {invariant for _, invariant, _ in TAMPERED.values()} == set(INVARIANTS)


# -- what is in order ----------------------------------------------------------------------------------------------


def _trace(*written: tuple[str, str, str | None, dict[str, Any]]) -> Entries:
    trace = Trace()
    for hop, kind, message, facts in written:
        trace.write(0, hop, kind, message, None, facts)
    return list(trace.entries)


ENCRYPTED = ("gateway", "message.api.sent", "m1", {"content": "x", "encrypted": True})


@pytest.mark.parametrize(
    "more",
    [
        # Short texts occur in anything: only a fact that is one of them counts.
        ("api", "GET /v1/messages", None, {"error": "hi there"}),
        ("gateway", "message.phone.received", "m2", {"content": "hi", "encrypted": False}),
        ("client", "send", None, {"to": "hi"}),
        ("contact", "received", None, {"text": "hi"}),
        ("api", "GET /v1/messages", None, {"status": 200, "ok": True, "none": None}),
    ],
)
def test_a_text_that_is_in_clear_elsewhere_is_no_leak(more: tuple[str, str, str | None, dict[str, Any]]) -> None:
    sent = ("radio", "submitted", "m1", {"text": "hi", "segment": 1})
    assert check(_trace(ENCRYPTED, sent, more)) == ()


def test_a_short_clear_text_alone_in_a_fact_is_a_leak() -> None:
    sent = ("radio", "submitted", "m1", {"text": "hi", "segment": 1})
    (line,) = check(_trace(ENCRYPTED, sent, ("phone", "failed", "m1", {"reason": "hi"})))
    assert line == (
        "no-clear-text: phone failed shows the clear text of an encrypted one in reason (message m1); entries 2, 1"
    )


@pytest.mark.parametrize(
    ("was", "kind", "status"),
    [
        ("pending", "message.notification.scheduled", "scheduled"),
        ("expired", "message.notification.scheduled", "scheduled"),
        ("sending", "message.notification.scheduled", "sending"),
        ("scheduled", "message.phone.sent", "sent"),
        ("expired", "message.phone.sent", "sent"),
        ("failed", "message.phone.sent", "failed"),
        ("sending", "message.phone.delivered", "delivered"),
        ("sent", "message.send.failed", "failed"),
        ("received", "message.send.failed", "failed"),
        ("delivered", "message.send.failed", "delivered"),
        ("sending", "message.send.expired", "expired"),
        (None, "message.phone.sent", None),
    ],
)
def test_the_moves_of_the_protocol_are_in_order(was: str | None, kind: str, status: str | None) -> None:
    entries = _trace(("gateway", kind, "m1", {"was": was, "status": status}))
    assert [line for line in check(entries) if line.startswith("status")] == []


@pytest.mark.parametrize(
    ("first", "then", "in_order"),
    [
        ("pending", "sending", True),
        ("scheduled", "sending", True),
        ("expired", "sending", True),
        ("sent", "sending", False),
        ("scheduled", "sent", False),
        ("failed", "sent", False),
    ],
)
def test_between_two_events_only_a_fetch_moves_the_status(first: str, then: str, in_order: bool) -> None:
    kinds = ("message.notification.sent", "message.phone.sending")
    written = [
        ("gateway", kind, "m1", {"was": at, "status": at}) for kind, at in zip(kinds, (first, then), strict=True)
    ]
    assert (check(_trace(*written)) == ()) is in_order


# -- verdicts ------------------------------------------------------------------------------------------------------

LEAK = _trace(ENCRYPTED, ("radio", "submitted", "m1", {"text": "hi", "segment": 1}), ("push", "x", None, {"a": "hi"}))


def test_a_violation_fails_a_story_that_went_as_told() -> None:
    verdict = judge(PASSED, LEAK, (), "s.yaml:1")
    assert not verdict.passed
    assert verdict.failure == Failure(
        "what holds in every story",
        "s.yaml:1",
        ("no-clear-text: push x shows the clear text of an encrypted one in a (message m1); entries 2, 1",),
        "m1",
    )


@pytest.mark.parametrize(
    ("verdict", "breaks"),
    [
        (PASSED, ["no-clear-text"]),
        (Verdict("A story", False, (), Failure("look", "", ("not seen",)), 0), []),
        (Verdict("A story", True, (), None, 0, (), "no such device"), []),
    ],
)
def test_a_violation_that_is_meant_or_comes_too_late_changes_nothing(verdict: Verdict, breaks: list[str]) -> None:
    assert judge(verdict, LEAK, breaks, "") == verdict


def test_only_the_first_violations_are_shown() -> None:
    leaks = [("push", "x", None, {"a": "hi"})] * 100
    verdict = judge(
        PASSED, _trace(ENCRYPTED, ("radio", "submitted", "m1", {"text": "hi", "segment": 1}), *leaks), (), ""
    )
    assert verdict.failure is not None
    assert len(verdict.failure.why) == 12
