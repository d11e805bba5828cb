"""What every form of report says of a run."""

from __future__ import annotations

import pytest

from harness.interop.facts import (
    call_facts,
    crashes,
    facts,
    flags_of,
    gist,
    missed,
    speed,
    tally,
    told_flag,
    vectors_of,
    verdict,
    version,
)
from harness.interop.results import Cell, Hello, Interop, RunnerReport
from harness.interop.suite import Flag
from tests.interop.runs import (
    CELLS,
    CUT,
    FLAGS,
    GO,
    GOOD,
    HELLO,
    LOST,
    MINE,
    PADDING,
    RUN,
    SEALED,
    SHORT,
    TOO_SHORT,
    WEB,
    report,
)


def test_results_are_counted_by_verdict() -> None:
    assert tally(GO.results) == {"pass": 3, "known": 1}
    assert tally(MINE.results) == {"fail": 2, "gone": 1, "skip": 1}


def test_what_failed_and_what_is_gone_is_missed() -> None:
    assert [result.vector.id for result in missed(MINE)] == ["1", "2", "3"]
    assert missed(GO) == []


def test_crashes_are_found_whatever_the_verdict() -> None:
    assert [result.vector.id for result in crashes(GO)] == ["3"]


@pytest.mark.parametrize(
    ("interop", "came"),
    [
        (GOOD, "pass"),
        (RUN, "fail"),
        (Interop((MINE,)), "fail"),
        (Interop((MINE, GO)), "fail"),
        (Interop(cells=CELLS[:2]), "pass"),
        (Interop(cells=CELLS), "fail"),
        # who was asked for nothing has passed nothing, and has done nothing wrong
        (Interop((WEB,)), "skip"),
        (Interop((GO, WEB)), "pass"),
        (Interop((report("x", MINE.results[3:]),)), "skip"),
        (Interop(cells=(Cell("a", "b", 0, 0),)), "skip"),
        (Interop(cells=(*CELLS[:1], Cell("a", "b", 0, 0))), "pass"),
    ],
)
def test_a_run_fails_if_anything_is_missed_or_lost_and_passes_if_anything_was_asked(
    interop: Interop, came: str
) -> None:
    assert verdict(interop) == came


def test_speed_is_calls_by_seconds() -> None:
    assert speed(GO) == pytest.approx(2000)
    assert speed(MINE) is None
    assert speed(RunnerReport("x", seconds=1)) is None


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        (None, "never said hello"),
        (Hello(1, "go", "httpsms-go v0.0.6", frozenset(), "go"), "httpsms-go v0.0.6 (as go)"),
        (Hello(1, "mine", "0.3", frozenset()), "mine 0.3"),
        (Hello(1, "mine", "mine 0.3", frozenset()), "mine 0.3"),
        (Hello(1, "./x", "0.3\n", frozenset()), "0.3\\n"),
    ],
)
def test_a_runner_is_named_once(hello: Hello | None, said: str) -> None:
    assert version(RunnerReport("./x", hello)) == said


def test_of_who_does_not_introduce_himself_it_is_told_what_was_asked() -> None:
    assert version(RunnerReport("command", version="prog {key}\t{text}")) == "prog {key}\\t{text}"


def test_every_vector_is_told_once_in_the_order_of_the_suite() -> None:
    assert list(vectors_of(RUN).values()) == [HELLO, CUT, TOO_SHORT, SEALED]


def test_flags_are_told_once_and_only_those_that_are_borne() -> None:
    known = {flag.name: flag for flag in FLAGS}
    assert flags_of([CUT, TOO_SHORT, CUT], known) == [PADDING, SHORT]
    assert flags_of([CUT], {}) == []


def test_a_result_says_what_went_in_what_was_expected_and_what_came() -> None:
    assert facts(MINE.results[1]) == [
        ("key", '"k"'),
        ("ciphertext", '"AAAAAAAAAAAAAAAAAAAAAAAA=AAAA"'),
        ("expected", "an error that a caller can handle"),
        ("got", 'text "He" (cut)'),
        ("why", 'text "He" came of what must be refused'),
    ]
    assert facts(GO.results[3])[:3] == [
        ("key", '"k\\n"'),
        ("text", '"🎉"'),
        ("IV", "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"),
    ]


def test_a_reason_that_only_repeats_the_outcome_is_left_out() -> None:
    assert [label for label, _ in facts(MINE.results[0])] == ["key", "ciphertext", "expected", "got"]


def test_values_are_cut_where_a_limit_is_given() -> None:
    assert facts(MINE.results[0], 4)[1] == ("ciphertext", '"EbnC…" (28 characters)')


def test_a_lost_text_says_what_it_was() -> None:
    assert call_facts(LOST) == [
        ("key", '"k"'),
        ("expected", 'text "a \\"b\\"\\n"'),
        ("envelope", '"QUJD-_"'),
        ("got", "refused: IllegalArgumentException: Illegal base64 character 3d"),
    ]


def test_the_gist_of_a_failure_is_its_reason_or_the_difference() -> None:
    assert gist(MINE.results[2]) == "it did not come"
    assert gist(GO.results[1]).startswith("expected an error, got refused: IllegalArgumentException")


def test_what_a_flag_leaves_open_is_not_told() -> None:
    assert told_flag(Flag("X", "K", "what", "", "do\nit")) == [("what", "what"), ("remedy", "do\\nit")]
