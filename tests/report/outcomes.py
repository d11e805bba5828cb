"""Outcomes as the tests of the reports write them: one of each kind, and one whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.instants import SECOND
from harness.outcome import Outcome, Person
from harness.trace import Entry
from harness.verdict import Failure, StepVerdict, Verdict
from tests.report.traces import ASKED, CAME_IN, RECEIVED, SENT, Written, trace

REPEAT = "httpsms-harness run s.yaml -k 'A story' --seed 7"
SEND, LOOK = "send: {from: alice, to: bob, text: hi}", "expect: {sms: {to: bob}}"
STEPS = (
    StepVerdict(SEND, True, "s.yaml:5", 0, 0),
    StepVerdict(LOOK, False, "s.yaml:7", 0, 30 * SECOND),
)
WHY = ("not seen within 30 s", "nothing of the kind was seen on the hop contact")
PEOPLE = (Person("alice", "+1", "phone"), Person("bob", "+2", "contact"))
UP_TO_THE_PUSH = SENT[:5]
HOSTILE = (
    "</script><img src=x onerror=alert(1)> | `a` @everybody %0A\r\n::error::, #1 <b>&amp; [x](https://x) \ud83d\x1b"
)


def outcome(verdict: Verdict, written: list[Written] | None = None, **more: Any) -> Outcome:
    known: dict[str, Any] = {"path": "s.yaml", "line": 2, "tags": ("smoke",), "people": PEOPLE, "trace_hash": "0a" * 16}
    return Outcome(verdict, trace(*(SENT if written is None else written)), 7, REPEAT, **{**known, **more})


def verdict(**changes: Any) -> Verdict:
    return replace(Verdict("A story", True, STEPS[:1], None, 1_234_567_890, (("hi", "m1"),)), **changes)


def failure(message: str | None = "m1", place: str = "s.yaml:7", **more: Any) -> Failure:
    known: dict[str, Any] = {"line": 7, "column": 5} if place else {}
    return Failure(LOOK, place, WHY, message, **{**known, **more})


def failed(message: str | None = "m1", written: list[Written] | None = None, **more: Any) -> Outcome:
    """A failed story that is about the message, with this trace."""
    told = verdict(passed=False, steps=STEPS, took=30 * SECOND + 1, failure=failure(message))
    return outcome(told, UP_TO_THE_PUSH if written is None else written, **more)


PASSED = outcome(
    verdict(still_open=(("m1", "sending; a report of the phone"), ("m2", "accepted; its time has not come")))
)
FAILED = failed()
SKIPPED = outcome(verdict(steps=(), took=0, skipped="no device\nconnect one\nand try again"), [], trace_hash=None)
SKIPPED_TOO = outcome(verdict(title="Another", steps=(), took=0, skipped="no device\nconnect one\nand try again"), [])
BARE_SKIP = outcome(verdict(title="Not yet", steps=(), took=0, skipped="not yet"), [])
KNOWN = outcome(verdict(title="A defect", failure=failure(), expected="upstream 412 is open"), UP_TO_THE_PUSH)
BROKEN = outcome(
    verdict(
        passed=False,
        failure=Failure(
            "what holds in every story",
            "s.yaml:2",
            (
                "one-sms-per-send: one send became 2 texts (message m1); entries 3, 9",
                "no-clear-text: api shows it; entry 4",
            ),
            "m1",
            rule="one-sms-per-send",
            line=2,
            column=1,
        ),
    )
)


def because(*why: str, written: list[Written] | None = None) -> Outcome:
    """A failed story about the message `hi`, for these reasons."""
    told = verdict(passed=False, steps=STEPS, failure=replace(failure(), why=why))
    return outcome(told, UP_TO_THE_PUSH if written is None else written)


# What a look tells of a message that did not get as far as it should …
STUCK = because(
    "not seen within 30 s: gateway (of hi, status='delivered')",
    "instead: gateway message.phone.sending (was='sending', status='sending')",
    "  status: expected 'delivered', got 'sending'",
)
DIALOG = replace(STUCK, entries=trace(*ASKED))
# … and of one that did, or came, or got no further as it should, while something else is wrong.
TYPO = because(
    "not seen within 30 s: gateway (of hi, status='failed', reason='NO_SERVCE')",
    "instead: gateway message.send.failed (was='sending', status='failed', reason='NO_SERVICE')",
    "  reason: expected 'NO_SERVCE', got 'NO_SERVICE'",
)
ALIVE = because("not seen within 30 s: gateway (of hi, status='expired')", "nothing of the kind was seen")
NO_WEBHOOK = because("not seen within 30 s: webhook message.send.failed (of hi)", "nothing of the kind was seen")
SEGMENTS = because(
    "not seen within 30 s: radio submitted (of hi, segment=2)",
    "instead: radio submitted (text='hi', segment=1)",
    "  segment: expected 2, got 1",
)
UNWANTED = because("it came: contact received (text='hi')", written=RECEIVED)
TOO_OFTEN = because("seen 2 times, and may come at most 1 time: contact received (text='hi')", written=RECEIVED)
NO_CODE = because(
    "nothing to capture as code: '\\\\d+' is not found in its text",
    "in: contact received (text='hi')",
    written=RECEIVED,
)
# The text of another message says nothing of the one that is stuck.
ANOTHER = because(
    "not seen within 30 s: contact received (to='+2', text='b')",
    "instead: contact received (to='+2', text='a')",
    "  text: expected 'b', got 'a'",
)
TEXT = replace(ANOTHER, entries=trace(*SENT))
IN_PYTHON = outcome(
    verdict(title="In Python", passed=False, failure=failure("", "")), path="", line=0, tags=(), trace_hash=None
)
ALL = (PASSED, FAILED, SKIPPED, SKIPPED_TOO, BARE_SKIP, KNOWN, BROKEN, IN_PYTHON)


def hostile() -> Outcome:
    """A failed story in which every text of a stranger tries to get out of where it is put."""
    written: list[Written] = [
        (at_s, hop, kind, message, {**facts, "content": HOSTILE, "text": HOSTILE, "request": HOSTILE})
        for at_s, hop, kind, message, facts in UP_TO_THE_PUSH
    ]
    told = verdict(
        title=HOSTILE,
        passed=False,
        steps=(StepVerdict(HOSTILE, False, HOSTILE, 0, SECOND, "1"),),
        failure=Failure(HOSTILE, f"{HOSTILE}:7", (HOSTILE,), "m1", line=7, column=5),
        messages=((HOSTILE, "m1"),),
    )
    people = (Person(HOSTILE, "+1", "phone"),)
    return replace(outcome(told, written, path=HOSTILE, tags=(HOSTILE,), people=people, target=HOSTILE), repeat=HOSTILE)


def incoming(known: int = 3) -> Outcome:
    """A failed story about a text that came in, as far as that many of its entries."""
    return failed(None, CAME_IN[:known])


def long(entries: int) -> Outcome:
    """A story of so many entries, in which every message goes its whole way."""
    made: list[Entry] = []
    for number in range(-(-entries // len(SENT))):
        for at_s, hop, kind, message, facts in SENT:
            cause = len(made) - 1 if message else None
            about = f"m{number}" if message else None
            made.append(Entry(len(made), round((number * 60 + at_s) * SECOND), hop, kind, about, cause, facts))
    return replace(outcome(verdict(title="A long one")), entries=made[:entries])
