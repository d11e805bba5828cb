"""The words that every form of the report shares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.instants import MS, SECOND
from harness.outcome import Outcome
from harness.report import told
from harness.trace import HOPS
from harness.verdict import Failure, Status, StepVerdict
from tests.report.outcomes import (
    ALIVE,
    ALL,
    ANOTHER,
    BARE_SKIP,
    BROKEN,
    DIALOG,
    FAILED,
    IN_PYTHON,
    KNOWN,
    NO_CODE,
    NO_WEBHOOK,
    PASSED,
    SEGMENTS,
    SKIPPED,
    STUCK,
    TEXT,
    TOO_OFTEN,
    TYPO,
    UNWANTED,
    because,
    failed,
    incoming,
    verdict,
)
from tests.report.traces import CAME_IN, SENT


@pytest.mark.parametrize(
    ("outcome", "gist"),
    [
        (PASSED, ""),
        (SKIPPED, ""),
        (FAILED, "missing: the push reaches the phone (phone: pushed), of the message hi"),
        (KNOWN, "missing: the push reaches the phone (phone: pushed), of the message hi"),
        (BROKEN, "broken: one-sms-per-send, no-clear-text"),
        (IN_PYTHON, "not seen within 30 s"),
        (failed("m1", SENT), "not seen within 30 s"),
        (failed("unknown", CAME_IN), "not seen within 30 s"),
        (because(), "expect: {sms: {to: bob}}"),
        (STUCK, "missing: the push reaches the phone (phone: pushed), of the message hi"),
        (ANOTHER, "missing: the push reaches the phone (phone: pushed), of the message hi"),
        (TEXT, "text: expected 'b', got 'a'"),
        (TYPO, "reason: expected 'NO_SERVCE', got 'NO_SERVICE'"),
        (ALIVE, "not seen within 30 s: gateway (of hi, status='expired')"),
        (NO_WEBHOOK, "not seen within 30 s: webhook message.send.failed (of hi)"),
        (SEGMENTS, "segment: expected 2, got 1"),
        (UNWANTED, "it came: contact received (text='hi')"),
        (TOO_OFTEN, "seen 2 times, and may come at most 1 time: contact received (text='hi')"),
        (NO_CODE, "nothing to capture as code: '\\\\d+' is not found in its text"),
        (incoming(1), "missing: the network brings it to the handset (radio: delivered), of a text that came in"),
    ],
)
def test_the_gist_of_a_failure_is_the_missing_step_of_a_life_where_that_explains_it_and_else_the_reason(
    outcome: Outcome, gist: str
) -> None:
    assert told.gist(outcome) == gist


def test_a_message_that_waits_for_somebody_to_allow_it_says_so() -> None:
    assert told.gist(DIALOG) == (
        "missing: the phone's user allows a text to a short code, as `do: dialog allow` does (radio: dialog answered), "
        "of the message hi"
    )


def test_what_is_lacking_is_known_also_where_the_story_failed_for_something_else() -> None:
    assert str(told.lacking(TYPO)) == "the push reaches the phone (phone: pushed)"
    assert told.lacking(BROKEN) is told.lacking(TEXT) is told.lacking(IN_PYTHON) is None


def test_the_steps_of_a_story_are_those_that_it_has_written_down() -> None:
    steps = [StepVerdict(title, True, branch=branch) for title, branch in STEPS]
    assert [step.title for step in told.own_steps(steps)] == ["together: …", "send: {…}", "expect: {…}"]


STEPS = (("set-up: alice logs in", ""), ("together: …", ""), ("send: {…}", "1"), ("expect: {…}", "2"))


@pytest.mark.parametrize(
    ("took", "trace_hash", "words"),
    [
        (0, "0a", ""),
        (999_999, "0a", ""),
        (86_400 * SECOND + 1, "0a", "1 day of virtual time"),
        (2_500 * MS, "0a", "2.5 s of virtual time"),
        (2_500 * MS, None, "2.5 s"),
    ],
)
def test_a_run_tells_how_long_it_took_and_by_which_clock(took: int, trace_hash: str | None, words: str) -> None:
    assert told.took(replace(PASSED, verdict=verdict(took=took), trace_hash=trace_hash)) == words


def test_what_nobody_sees_is_not_missing() -> None:
    foreign = ("client", "phone", "radio", "contact", "webhook")
    outcome = failed("m1", [entry for entry in SENT if entry[1] in foreign and entry[2] != "fetched"], hops=foreign)
    assert str(told.missing(outcome)) == "the phone fetches the message (phone: fetched)"
    assert told.unseen(outcome) == ("api", "gateway", "push")
    assert told.unseen(failed(hops=HOPS)) == told.unseen(FAILED) == ()


@pytest.mark.parametrize(
    ("place", "line", "column", "shown"),
    [
        ("s.yaml:7", 7, 5, ("s.yaml", 7, 5)),
        ("s.yaml:7", 0, 0, ("s.yaml", 7, 0)),
        ("C:stories/s.yaml:7", 7, 1, ("C:stories/s.yaml", 7, 1)),
        ("s.yaml", 7, 5, ("s.yaml", 7, 5)),
        ("", 0, 0, ("own.yaml", 2, 0)),
    ],
)
def test_a_failure_has_a_place_if_its_story_has_one(
    place: str, line: int, column: int, shown: tuple[str, int, int]
) -> None:
    failure = Failure("t", place, (), "", line=line, column=column)
    assert told.place(failure, replace(FAILED, path="own.yaml")) == shown


def test_skips_are_grouped_by_reason_and_remedy() -> None:
    grouped = {(why.reason, why.remedy): len(found) for why, found in told.skips(ALL).items()}
    assert grouped == {("no device", "connect one and try again"): 2, ("not yet", ""): 1}
    assert told.skip(PASSED) is None
    assert told.skip(BARE_SKIP) == told.Skip("not yet")


def test_a_reason_is_the_same_whichever_step_it_hinders() -> None:
    told_by = [
        replace(BARE_SKIP, verdict=replace(BARE_SKIP.verdict, skipped=f"{step}: no push service\nstart one"))
        for step in ("send: {from: a}", "send: {from: b}")
    ]
    assert list(told.skips(told_by)) == [told.Skip("no push service", "start one")]
    assert list(told.skips(told_by[:1])) == [told.Skip("send: {from: a}: no push service", "start one")]


def test_every_status_has_its_label() -> None:
    assert set(told.LABELS) == set(Status)


@pytest.mark.parametrize(
    ("line", "shown"),
    [("plain ä😀", "plain ä😀"), ("a\x1b[31m", "a\\x1b[31m"), ("\ud83d", "\\ud83d"), ("a\nb", "a\\nb")],
)
def test_a_line_holds_nothing_that_a_terminal_obeys(line: str, shown: str) -> None:
    assert told.plain(line) == shown
