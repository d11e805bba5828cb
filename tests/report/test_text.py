"""The story report, as people and as machines read it."""

from __future__ import annotations

import json

import pytest

from harness.instants import SECOND
from harness.report import as_json, as_text
from harness.testing import Story, run_scenario
from harness.verdict import Failure, StepVerdict, Verdict
from tests.report.traces import CAME_IN, SENT, Written, trace

REPEAT = "httpsms-harness run s.yaml -k 'A story' --seed 7"
STEPS = (StepVerdict("send: {from: alice, to: bob, text: hi}", True), StepVerdict("expect: {sms: {to: bob}}", False))
PASSED = Verdict("A story", True, STEPS[:1], None, 1_234_567_890)
SKIPPED = Verdict("A story", False, (), None, 0, skipped="no device; connect one")


def failed(message: str | None, place: str = "s.yaml:7") -> Verdict:
    why = ("not seen within 30 s", "nothing of the kind was seen on the hop contact")
    return Verdict(
        "A story", False, STEPS, Failure(STEPS[1].title, place, why, message), 30 * SECOND + 1, (("hi", "m1"),)
    )


UP_TO_THE_RADIO = SENT[:8]

GOLDEN: dict[str, tuple[Verdict, list[Written], str]] = {
    "passed": (PASSED, SENT, "pass  A story  (1 steps, 1.235 s of its own time)"),
    "skipped": (SKIPPED, [], "SKIP  A story: no device; connect one"),
    "a message that never reached the network": (
        failed("m1"),
        UP_TO_THE_RADIO,
        """\
FAIL  A story
      missing: the network takes it (radio: submitted)
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the message's life so far:
            +0.000 s  client   accepted  step=step-1, status=200
            +0.000 s  gateway  message.api.sent  was=pending, status=pending, content=hi
            +0.000 s  gateway  message.notification.scheduled  was=pending, status=scheduled
            +0.000 s  push     accepted  priority=normal
            +0.100 s  phone    pushed
            +0.200 s  phone    fetched  to=+2, content=hi, encrypted=False
            +0.200 s  phone    submitted  to=+2, segments=1
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "a message that lived its whole life": (
        failed("m1"),
        SENT,
        """\
FAIL  A story
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the message's life, complete:
            +0.000 s  client   accepted  step=step-1, status=200
            +0.000 s  gateway  message.api.sent  was=pending, status=pending, content=hi
            +0.000 s  gateway  message.notification.scheduled  was=pending, status=scheduled
            +0.000 s  push     accepted  priority=normal
            +0.100 s  phone    pushed
            +0.200 s  phone    fetched  to=+2, content=hi, encrypted=False
            +0.200 s  phone    submitted  to=+2, segments=1
            +0.200 s  radio    submitted  text=hi, segment=1
            +0.250 s  phone    sent
            +0.300 s  gateway  message.phone.sent  was=sending, status=sent
            +1.000 s  radio    report  segment=1, status=0
            +1.000 s  phone    delivered
            +2.000 s  gateway  message.phone.delivered  was=sent, status=delivered
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "a text that came in as far as the phone": (
        failed(None),
        CAME_IN[:3],
        """\
FAIL  A story
      missing: the gateway hears of it (gateway: message.phone.received)
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the text's life so far:
            +0.000 s  contact  wrote  from=+2, to=+1, text=Thank you
            +0.000 s  radio    delivered  from=+2, to=+1, text=Thank you
            +0.100 s  phone    text received  from=+2, content=Thank you, encrypted=False
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "about no message, and from no file": (
        failed("", place=""),
        SENT,
        """\
FAIL  A story
      expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
}


@pytest.mark.parametrize(("verdict", "written", "text"), GOLDEN.values(), ids=GOLDEN)
def test_a_report_says_first_what_is_missing_and_last_how_to_repeat_it(
    verdict: Verdict, written: list[Written], text: str
) -> None:
    assert as_text(verdict, iter(trace(*written)), REPEAT) == text


@pytest.mark.parametrize(
    ("verdict", "word", "failure"),
    [
        (PASSED, "passed", None),
        (SKIPPED, "skipped", None),
        (
            failed("m1"),
            "failed",
            {
                "step": "expect: {sms: {to: bob}}",
                "place": "s.yaml:7",
                "why": ["not seen within 30 s", "nothing of the kind was seen on the hop contact"],
                "message": "m1",
            },
        ),
    ],
)
def test_machines_read_the_same(verdict: Verdict, word: str, failure: object) -> None:
    read = json.loads(json.dumps(as_json(verdict, 7, "abc")))
    assert read == {
        "scenario": "A story",
        "verdict": word,
        "seed": 7,
        "took_s": round(verdict.took / SECOND, 6),
        "trace_hash": "abc",
        "steps": [{"step": step.title, "passed": step.passed} for step in verdict.steps],
        "failure": failure,
        "skipped": verdict.skipped,
    }


@pytest.mark.parametrize("message", [None, ""])
def test_a_failure_about_no_message_names_none_to_machines(message: str | None) -> None:
    assert as_json(failed(message), 1, None)["failure"]["message"] is None


def test_the_nanosecond_after_a_deadline_is_not_shown() -> None:
    assert as_json(failed("m1"), 1, None)["took_s"] == 30.0


# -- real failures -------------------------------------------------------------------------------------------------


def _report(story: Story) -> list[str]:
    outcome = run_scenario(story.plan(), 7)
    assert not outcome.passed
    return outcome.report().splitlines()


def test_a_lost_push_is_named_first() -> None:
    story = Story("A lost push")
    alice, bob = story.phone("alice", encryption_key="Password123"), story.contact("bob")
    story.lose_push(phone=alice)
    story.send(from_=alice, to=bob, text="hello", encrypted=True)
    story.expect_sms(to=bob, text="hello")
    lines = _report(story)
    assert lines[:2] == ["FAIL  A lost push", "      missing: the push reaches the phone (phone: pushed)"]
    assert any("push     lost" in line for line in lines)
    assert lines[-1] == "      repeat with: run_scenario(story.plan(), seed=7)"
    assert "Password123" not in "\n".join(lines)


def test_a_text_to_a_phone_that_is_off_is_named_first() -> None:
    story = Story("A dead radio")
    alice, bob = story.phone("alice"), story.contact("bob")
    story.carrier(phone=alice, service="none")
    story.text(from_=bob, to=alice, text="hello")
    story.expect_webhook("message.phone.received", text="hello")
    assert _report(story)[1] == "      missing: the network brings it to the handset (radio: delivered)"
