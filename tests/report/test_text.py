"""The story report as people read it: of one story, with its steps, and of a whole run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.instants import SECOND
from harness.outcome import Outcome
from harness.report import as_text, summary, with_steps
from harness.report.text import reason_text
from harness.verdict import Status, StepVerdict
from tests.report.outcomes import (
    ALL,
    BARE_SKIP,
    BROKEN,
    FAILED,
    IN_PYTHON,
    KNOWN,
    PASSED,
    SKIPPED,
    STUCK,
    TEXT,
    TYPO,
    failed,
    hostile,
    incoming,
    outcome,
    verdict,
)
from tests.report.traces import CAME_IN, SENT, trace

GOLDEN: dict[str, tuple[Outcome, str]] = {
    "passed": (PASSED, "pass  A story  (1 step, 1.2 s of virtual time)"),
    "skipped": (SKIPPED, "SKIP  A story: no device\n      to run it: connect one and try again"),
    "skipped without a remedy": (BARE_SKIP, "SKIP  Not yet: not yet"),
    "a known defect": (KNOWN, "known  A defect: upstream 412 is open"),
    "a message that never reached the network": (
        failed("m1", SENT[:8]),
        """\
FAIL  A story
      missing: the network takes it (radio: submitted)
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the life of hi so far:
            +0.000 s  client   accepted  status=200
            +0.000 s  gateway  message.api.sent  was=pending, status=pending, content=hi
            +0.000 s  gateway  message.notification.scheduled  was=pending, status=scheduled
            +0.000 s  push     accepted  priority=normal
            +0.100 s  phone    pushed
            +0.200 s  phone    fetched  to=+2, content=hi
            +0.200 s  phone    submitted  to=+2, segments=1
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "a message that lived its whole life, and has no name": (
        replace(failed("m1", SENT[:2] + SENT[-1:], hops=("client",)), verdict=verdict(
            passed=False, messages=(), failure=FAILED.verdict.failure)),
        """\
FAIL  A story
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the message's life, complete:
            +0.000 s  client   accepted  status=200
            +2.000 s  gateway  message.phone.delivered  was=sent, status=delivered
      not seen on this target: api, gateway, push, phone, radio, contact, webhook
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "a text that came in as far as the phone": (
        incoming(),
        """\
FAIL  A story
      missing: the gateway hears of it (gateway: message.phone.received)
      s.yaml:7: expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      the text's life so far:
            +0.000 s  contact  wrote  from=+2, to=+1, text=Thank you
            +0.000 s  radio    delivered  from=+2, to=+1, text=Thank you
            +0.100 s  phone    text received  from=+2, content=Thank you
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
    "about no message, and from no file": (
        IN_PYTHON,
        """\
FAIL  In Python
      expect: {sms: {to: bob}}
      not seen within 30 s
      nothing of the kind was seen on the hop contact
      repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("told", "text"), GOLDEN.values(), ids=GOLDEN)
def test_a_report_says_first_what_is_missing_and_last_how_to_repeat_it(told: Outcome, text: str) -> None:
    assert as_text(told) == text


@pytest.mark.parametrize(
    ("told", "head"),
    [
        (STUCK, "the life of hi so far:"),
        (TYPO, "the life of hi:"),
        (TEXT, "the life of hi, complete:"),
        (BROKEN, "the life of hi:"),
    ],
)
def test_a_life_says_how_far_it_went_where_that_is_what_failed(told: Outcome, head: str) -> None:
    lines = [line.strip() for line in as_text(told).splitlines()]
    assert head in lines
    assert any(line.startswith("missing: ") for line in lines) is (told is STUCK)


def test_on_a_terminal_lines_end_at_its_edge_but_for_what_differs_and_what_is_typed_again() -> None:
    wide = {**SENT[1][4], "note": "n" * 39}
    told = replace(TYPO, entries=trace(*((*entry[:4], {**entry[4], **wide}) for entry in SENT[:5])))
    whole, cut = as_text(told).splitlines(), as_text(told, 50).splitlines()
    assert [len(line) > 50 for line in whole] != [len(line) > 50 for line in cut]
    for line, shown in zip(whole, cut, strict=True):
        is_kept = "not seen" in line or "expected" in line or "repeat with" in line
        assert shown == line if is_kept or len(line) <= 50 else (shown == line[:49] + "…"), line
    assert with_steps(told, 50).splitlines()[-len(cut) + 1 :] == cut[1:]


def test_the_reason_of_a_failure_stands_without_its_life() -> None:
    assert reason_text(TYPO).splitlines() == ["s.yaml:7: expect: {sms: {to: bob}}", *TYPO.verdict.failure.why]  # type: ignore[union-attr]
    assert reason_text(PASSED) == ""


def test_a_broken_invariant_is_told_by_its_name() -> None:
    lines = as_text(BROKEN).splitlines()
    assert lines[1] == "      broken: one-sms-per-send, no-clear-text"
    assert lines[2] == "      s.yaml:2: what holds in every story"
    assert "      the life of hi:" in lines
    assert not any("missing:" in line for line in lines)


def test_a_text_that_is_looked_for_points_to_the_message_that_is_stuck_not_to_the_last_one_that_arrived() -> None:
    """A run tells the last message; where that one is whole, the text that is missing is another."""
    told = failed(None, [*SENT[:5], *CAME_IN])
    assert as_text(told).splitlines()[1] == "      missing: the push reaches the phone (phone: pushed)"
    # A look at something else is about what it says.
    webhook = replace(told.verdict.failure, title="expect: {webhook: message.phone.received}")  # type: ignore[type-var]
    other = replace(told, verdict=replace(told.verdict, failure=webhook))
    assert "the text's life, complete:" in as_text(other)


def test_whole_requests_and_answers_are_not_on_the_lines_of_a_life() -> None:
    written = [(*entry[:4], {**entry[4], "request": "R" * 500, "note": "n" * 30, "more": "m" * 99}) for entry in SENT]
    lines = as_text(failed("m1", written[:4])).splitlines()  # type: ignore[arg-type]
    assert not any("RRR" in line for line in lines)
    assert max(map(len, lines)) < 200


# -- steps -------------------------------------------------------------------------------------------------------------


def test_the_steps_of_the_set_up_are_shown_and_not_counted() -> None:
    steps = (StepVerdict("set-up: alice logs in", True), StepVerdict("send: {…}", True, "s.yaml:5"))
    first, *rest = with_steps(outcome(verdict(steps=steps))).splitlines()
    assert first == "pass  A story  (1 step, 1.2 s of virtual time)"
    assert len(rest) == 2


def test_the_steps_are_told_with_their_times_and_branches() -> None:
    steps = (
        StepVerdict("send: {…}", True, "s.yaml:5", 5 * SECOND, 5 * SECOND),
        StepVerdict("expect: {…}", False, "s.yaml:7", 6 * SECOND, 36 * SECOND, "2"),
    )
    told = outcome(verdict(steps=steps))
    assert with_steps(told).splitlines() == [
        "pass  A story  (2 steps, 1.2 s of virtual time)",
        "          +0.000 s     0.000 s  pass  send: {…}",
        "          +1.000 s    30.000 s  FAIL  [2] expect: {…}",
    ]


def test_what_was_on_its_way_at_the_end_follows_the_steps() -> None:
    assert with_steps(PASSED).splitlines()[2:] == [
        "      still on its way at the end: hi (sending; a report of the phone)",
        "      still on its way at the end: m2 (accepted; its time has not come)",
    ]


def test_a_story_without_steps_is_told_as_without() -> None:
    assert with_steps(SKIPPED) == as_text(SKIPPED)


def test_the_report_of_a_failure_follows_its_steps() -> None:
    lines = with_steps(FAILED).splitlines()
    assert [line.split()[4] for line in lines[1:3]] == ["pass", "FAIL"]
    assert lines[3] == "      missing: the push reaches the phone (phone: pushed)"


# -- a run -------------------------------------------------------------------------------------------------------------


def test_a_summary_groups_what_did_not_run_and_ends_with_the_counts() -> None:
    assert summary(ALL, 2) == (
        """\
failed:
  A story
    missing: the push reaches the phone (phone: pushed), of the message hi
    s.yaml:7: expect: {sms: {to: bob}}
    repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7
  A story
    broken: one-sms-per-send, no-clear-text
    s.yaml:2: what holds in every story
    repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7
  In Python
    not seen within 30 s
    expect: {sms: {to: bob}}
    repeat with: httpsms-harness run s.yaml -k 'A story' --seed 7
known defects, which still show:
  A defect: upstream 412 is open
skipped:
  A story, Another: no device
    to run them: connect one and try again
  Not yet: not yet
1 passed, 3 failed, 1 known defect, 3 skipped, 2 not run"""
    )


def test_of_what_its_reader_knows_a_summary_has_only_the_number() -> None:
    lines = summary([SKIPPED, KNOWN, FAILED], without={Status.SKIPPED, Status.EXPECTED}).splitlines()
    assert lines[0] == "failed:"
    assert lines[-1] == "0 passed, 1 failed, 1 known defect, 1 skipped"
    assert not {"skipped:", "known defects, which still show:"} & set(lines)


def test_a_summary_says_of_a_failure_first_why_and_then_in_which_step() -> None:
    assert summary([TYPO]).splitlines()[1:4] == [
        "  A story",
        "    reason: expected 'NO_SERVCE', got 'NO_SERVICE'",
        "    s.yaml:7: expect: {sms: {to: bob}}",
    ]


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [((PASSED,), "1 passed"), ((), "0 passed"), ((KNOWN, KNOWN), "0 passed, 2 known defects")],
)
def test_a_summary_names_only_what_there_is(outcomes: tuple[Outcome, ...], text: str) -> None:
    assert summary(outcomes).splitlines()[-1] == text


def test_of_many_stories_that_did_not_run_a_few_are_named() -> None:
    assert "  A story, A story, A story and 2 more: no device" in summary([SKIPPED] * 5).splitlines()


def test_an_incoming_text_is_named_as_such() -> None:
    assert "of a text that came in" in summary([incoming()])


@pytest.mark.parametrize("tell", [as_text, with_steps, lambda outcome: summary([outcome])])
def test_no_text_of_a_story_commands_a_terminal_or_is_half_a_letter(tell: Callable[[Outcome], str]) -> None:
    text = tell(hostile())
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b" in text
    assert not any(line.startswith("::") for line in text.split("\n"))
