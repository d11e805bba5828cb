"""What a profile does to pushes and jobs in the background."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.delays import Fixed, Uniform
from harness.draws import Draws
from harness.errors import UsageError
from harness.instants import SECOND
from harness.profile import DEFAULT_APP, STOCK, OemProfile, Windows

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DOZE = Windows((1 * HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR), (5 * MINUTE, 10 * MINUTE))


@pytest.mark.parametrize(
    ("at_min", "opens_at_min"),
    [
        (-1, -1),  # nothing is closed before it begins
        (0, 60),
        (59, 60),
        (60, 60),
        (64, 64),
        (65, 65 + 120),
        (65 + 120 + 9, 65 + 120 + 9),
        (65 + 120 + 10, 195 + 240),
        (195 + 250, 445 + 360),  # the first of the windows that come for ever
        (445 + 369, 445 + 369),
        (445 + 370, 445 + 370 + 360),
        (445 + 370 * 1000, 445 + 370 * 1000 + 360),
        (445 + 370 * 1000 + 365, 445 + 370 * 1000 + 365),
    ],
)
def test_what_waits_goes_in_the_next_window(at_min: int, opens_at_min: int) -> None:
    assert DOZE.opens_at(0, at_min * MINUTE) == opens_at_min * MINUTE
    assert DOZE.opens_at(7 * HOUR, 7 * HOUR + at_min * MINUTE) == 7 * HOUR + opens_at_min * MINUTE


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=4),
    st.lists(st.integers(1, 50), min_size=1, max_size=4),
    st.integers(-100, 2000),
)
def test_windows_are_those_that_counting_gives(closed: list[int], opened: list[int], at: int) -> None:
    is_open = [True] * 100
    for number in range(60):
        is_open += [False] * closed[min(number, len(closed) - 1)] + [True] * opened[min(number, len(opened) - 1)]
    if at < len(is_open) - 200:
        expected = next(instant for instant in range(at, len(is_open)) if is_open[100 + instant])
        assert Windows(tuple(closed), tuple(opened)).opens_at(0, at) == expected


@pytest.mark.parametrize(("closed", "opened"), [((), (1,)), ((1,), ()), ((0,), (1,)), ((1,), (1, -1))])
def test_windows_without_a_length_are_refused(closed: tuple[int, ...], opened: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="there are no windows"):
        Windows(closed, opened)


HELD = OemProfile(
    name="held", restricted_after_ns=1 * HOUR, push_delay=Fixed(3 * MINUTE), job_delay=Uniform(SECOND, 2 * SECOND)
)


@pytest.mark.parametrize(
    ("at", "unused_since", "push_at"),
    [
        (2 * HOUR, None, 2 * HOUR),  # in use, or on the charger
        (2 * HOUR, 1 * HOUR + 1, 2 * HOUR),  # not yet
        (2 * HOUR, 1 * HOUR, 2 * HOUR + 3 * MINUTE),
        (9 * HOUR, 0, 9 * HOUR + 3 * MINUTE),
    ],
)
def test_a_push_waits_once_nobody_has_used_the_phone_for_long(at: int, unused_since: int | None, push_at: int) -> None:
    assert HELD.push_at(at, unused_since, Draws(7, "phone")) == push_at


def test_jobs_wait_for_as_long_as_is_drawn() -> None:
    waited = {HELD.job_at(2 * HOUR, 0, Draws(seed, "phone")) - 2 * HOUR for seed in range(20)}
    assert len(waited) > 1
    assert min(waited) >= SECOND
    assert max(waited) <= 2 * SECOND


def test_what_is_late_waits_for_a_window_too() -> None:
    dozing = OemProfile(restricted_after_ns=HOUR, push_delay=Fixed(2 * MINUTE), windows=DOZE)
    draws = Draws(7, "phone")
    # It is there in the first window, which is closed again when the two minutes are over.
    assert dozing.push_at(2 * HOUR + 4 * MINUTE, 0, draws) == 2 * HOUR + 5 * MINUTE + 2 * HOUR
    assert dozing.job_at(2 * HOUR + 4 * MINUTE, 0, draws) == 2 * HOUR + 4 * MINUTE


def test_a_stock_phone_holds_nothing_back() -> None:
    assert (STOCK.push_at(5, 0, Draws(7, "phone")), STOCK.job_at(5, 0, Draws(7, "phone"))) == (5, 5)
    assert OemProfile() == STOCK


def test_the_build_of_the_recordings_has_no_crash_reporter() -> None:
    assert (DEFAULT_APP.version, DEFAULT_APP.runtime, DEFAULT_APP.sentry_headers) == ("5dab6f8", "android", False)
