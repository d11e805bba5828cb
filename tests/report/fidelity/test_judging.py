"""Two runs of one story, beside each other: every kind of difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import SECOND
from harness.report.fidelity import Difference, Kind, Row, as_text, compared
from harness.verdict import StepVerdict
from tests.report.fidelity.runs import CALL, END, FAILS, READ, changed, found, later, ran, swapped
from tests.report.outcomes import FAILED, SKIPPED, verdict
from tests.report.traces import CAME_IN, SENT, Written

DIFFERENCES: dict[str, tuple[list[Written], list[Written], list[tuple[str, str]]]] = {
    "a stage that is missing": (SENT, [*SENT[:9], *SENT[10:]], [("only in A", "the phone knows that it is sent")]),
    "a stage that came twice": ([*SENT, READ], [*SENT, READ, READ], [("only in B", "the contact's handset shows it")]),
    "an order of one hop": (SENT, swapped(SENT, 9, 12), [("other order", "the phone knows that it is delivered")]),
    "a text in the air": (SENT, changed(SENT, 8, text="ho"), [("other text", "the network takes it")]),
    "a text that is not encrypted": (
        changed(SENT, 6, encrypted=True, content="b64"), SENT, [("other text", "the phone fetches the message")]
    ),
    "a reason": (FAILS, changed(FAILS, 9, reason="RADIO_OFF"), [("other reason", "the phone knows that it failed")]),
    "a status": (SENT, changed(SENT, 11, status=65), [("other status", "the status report comes back")]),
    "a code of the radio": (FAILS, changed(FAILS, 8, code=2), [("other status", "the network rejects it")]),
    "a message as a whole": ([*SENT, *later(CAME_IN, 3)], SENT, [("only in A", "all of it")]),
    "a text that came in otherwise": (
        CAME_IN,
        changed(CAME_IN, 2, content="Thank"),
        [("other text", "the phone takes it up")],
    ),
    "a call that nobody tells of": (CALL, CALL[:2], [("only in A", "the gateway hears of the call")]),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "differs"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_told_by_its_kind_and_its_stage(
    one: list[Written], other: list[Written], differs: list[tuple[str, str]]
) -> None:
    assert found(ran(one), ran(other)) == differs
    assert not compared(ran(one), ran(other)).is_alike


LONG = "x" * 70
VALUES: dict[str, tuple[list[Written], list[Written], tuple[str, str]]] = {
    "an order: what came before on the hop": (
        SENT,
        swapped(SENT, 9, 12),
        ("after the phone knows that it is sent", "after the phone hands it to the radio"),
    ),
    "a text": (SENT, changed(SENT, 8, text="ho"), ("“hi”", "“ho”")),
    "a long text: around where it differs": (
        changed(SENT, 8, text=f"{LONG}1{LONG}{LONG}"),
        changed(SENT, 8, text=f"{LONG}2{LONG}{LONG}"),
        (f"“…{'x' * 30}1{'x' * 59}…”", f"“…{'x' * 30}2{'x' * 59}…”"),
    ),
    "a text that goes on": (changed(SENT, 8, text=LONG), changed(SENT, 8, text=LONG[:-1]), (
        f"“…{'x' * 31}”", f"“…{'x' * 30}”"
    )),
    "a text that is encrypted": (
        SENT, changed(SENT, 6, encrypted=True, content="b64"), ("“hi”", "no text in clear")
    ),
    "a reason": (FAILS, changed(FAILS, 9, reason="RADIO_OFF"), ("NO_SERVICE", "RADIO_OFF")),
    "a status": (SENT, changed(SENT, 11, status=65), ("0", "65")),
    "a code": (FAILS, changed(FAILS, 8, code=2), ("4", "2")),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "values"), VALUES.values(), ids=VALUES)
def test_a_difference_tells_what_each_target_has(
    one: list[Written], other: list[Written], values: tuple[str, str]
) -> None:
    [difference] = compared(ran(one), ran(other)).differences
    assert (difference.one, difference.other) == values


def test_texts_that_a_handset_shows_in_another_order_are_told() -> None:
    shown = [ran([(*READ[:4], {**READ[4], "text": text})]) for text in ("first", "second")]
    there, back = (
        replace(shown[0], entries=[run.entries[0]._replace(number=number) for number, run in enumerate(runs)])
        for runs in (shown, shown[::-1])
    )
    assert compared(there, back).differences == (
        Difference(
            Kind.ORDER, "what the handset of bob shows, in order", "contact", "alice → bob “second”",
            "after alice → bob “first”", "first",
        ),
    )  # fmt: skip


def test_the_verdicts_come_first_and_differ_too() -> None:
    assert found(ran(SENT), FAILED)[0] == ("other status", "its verdict")
    other = replace(FAILED.verdict.failure, title="another step")  # type: ignore[type-var]
    elsewhere = replace(FAILED, verdict=replace(FAILED.verdict, failure=other))
    assert found(FAILED, elsewhere) == [("other reason", "its verdict")]


# -- times -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_s", "apart", "kinds"),
    [(5.0, None, set()), (5.0, 6 * SECOND, set()), (5.0, SECOND, {"slower"}), (-5.0, SECOND, {"faster"})],
)
def test_times_are_told_if_they_are_asked_for_and_make_nothing_different(
    by_s: float, apart: int | None, kinds: set[str]
) -> None:
    fidelity = compared(ran(later(SENT, 5)), ran(later(SENT, 5 + by_s)), apart)
    assert {each.kind.value for each in fidelity.differences} == kinds
    assert fidelity.is_alike


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (SENT, SENT, 0),
        (SENT, later(SENT, 3), 3 * SECOND),
        (later(SENT, 3), SENT, 3 * SECOND),
        (SENT, [*SENT[:13], (9.0, *SENT[13][1:])], 7 * SECOND),
        (SENT, [], None),
    ],
)
def test_how_far_they_are_apart_is_known_where_they_are_furthest(
    one: list[Written], other: list[Written], apart: int | None
) -> None:
    assert compared(ran(one), ran(other)).apart == apart


def test_times_count_from_the_first_own_step() -> None:
    steps = (StepVerdict("set-up: alice logs in", True, "", 0, SECOND), replace(END, began_at=2 * SECOND))
    one = replace(ran(later(SENT, 2)), verdict=verdict(steps=steps))
    assert found(one, ran(SENT), 1) == []


# -- a story that did not run ------------------------------------------------------------------------------------------


def test_a_story_that_one_target_skips_is_not_compared() -> None:
    for one, other, letter in ((SKIPPED, ran(SENT), "A"), (ran(SENT), SKIPPED, "B")):
        fidelity = compared(one, other)
        assert (fidelity.is_compared, fidelity.differences) == (False, ())
        assert as_text(fidelity) == (
            f"SKIP  A story: {letter} (embedded): no device\n      to compare it: connect one and try again"
        )


# -- whatever the traces -----------------------------------------------------------------------------------------------

STORIES = [SENT, FAILS, CAME_IN, CALL, [*SENT, READ], [*CALL, *later(CAME_IN, 1)]]
SOME: st.SearchStrategy[list[Written]] = st.sampled_from(STORIES).flatmap(
    lambda written: st.lists(st.sampled_from(written), max_size=len(written) + 3)
)


@given(SOME)
def test_a_run_is_like_itself(written: list[Written]) -> None:
    assert found(ran(written), ran(written), 0) == []


@given(SOME, SOME)
def test_both_directions_find_as_much(one: list[Written], other: list[Written]) -> None:
    mirrored: Callable[[Kind], Kind] = lambda kind: {  # noqa: E731
        Kind.ONLY_IN_A: Kind.ONLY_IN_B, Kind.ONLY_IN_B: Kind.ONLY_IN_A,
    }.get(kind, kind)  # fmt: skip
    there, back = compared(ran(one), ran(other)), compared(ran(other), ran(one))
    assert there.is_alike == back.is_alike
    whole = {mirrored(each.whole.kind) for each in there.strands if each.whole}
    assert whole == {each.whole.kind for each in back.strands if each.whole}


@given(SOME, SOME)
def test_every_moment_stands_in_one_row(one: list[Written], other: list[Written]) -> None:
    def rows(first: list[Written], second: list[Written]) -> list[Row]:
        strands = compared(ran(first), ran(second)).strands
        return [row for strand in strands if "in order" not in strand.name for row in strand.rows]

    assert sum(row.one is not None for row in rows(one, other)) == len(rows(one, one))
    assert sum(row.other is not None for row in rows(one, other)) == len(rows(other, other))
