"""Delays are drawn the same way everywhere, and are what their distributions say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.delays import DELAY_MAX_NS, Delay, Fixed, LogNormal, Mixture, Uniform, sample
from harness.draws import Draws
from harness.errors import UsageError
from harness.plain import dump, load

SECOND = 1_000_000_000
STRAGGLERS = Mixture(((99, Fixed(SECOND)), (1, Uniform(10 * SECOND, 20 * SECOND))))


def _samples(delay: Delay, count: int = 2000) -> list[int]:
    draws = Draws(7, "delays")
    return [sample(delay, draws) for _ in range(count)]


def test_a_fixed_delay_is_what_it_is_and_draws_nothing() -> None:
    draws = Draws(7, "delays")
    assert sample(Fixed(5), draws) == 5
    assert draws.position == 0


def test_a_uniform_delay_takes_every_value_between_its_bounds() -> None:
    assert set(_samples(Uniform(3, 6))) == {3, 4, 5, 6}


def test_half_of_the_log_normal_samples_are_above_the_median_and_two_thirds_within_one_sigma() -> None:
    samples = _samples(LogNormal(SECOND, 0.5))
    above = sum(taken > SECOND for taken in samples)
    # e to the power of half a sigma either way
    within = sum(SECOND / 1.6487 < taken < SECOND * 1.6487 for taken in samples)
    assert above / len(samples) == pytest.approx(0.5, abs=0.03)
    assert within / len(samples) == pytest.approx(0.683, abs=0.03)


def test_a_log_normal_delay_without_a_spread_is_its_median() -> None:
    assert set(_samples(LogNormal(SECOND, 0), 20)) == {SECOND}


def test_a_mixture_takes_each_part_as_often_as_its_weight_says() -> None:
    samples = _samples(STRAGGLERS, 5000)
    late = [taken for taken in samples if taken >= 10 * SECOND]
    assert len(late) / len(samples) == pytest.approx(0.01, abs=0.006)
    assert set(samples) - set(late) == {SECOND}
    assert SECOND not in _samples(Mixture(((0, Fixed(SECOND)), (3, Fixed(5)))), 50)


def test_the_same_seed_gives_these_very_nanoseconds_on_every_machine() -> None:
    assert _samples(LogNormal(SECOND, 0.5), 5) == PINNED
    assert _samples(Uniform(0, DELAY_MAX_NS), 2) == PINNED_UNIFORM


PINNED = [1_109_402_011, 933_427_641, 780_806_017, 1_487_173_540, 2_234_098_133]
PINNED_UNIFORM = [26_691_441_951_419_192, 35_294_803_245_678_408]


@given(st.floats(0, 10), st.integers(0, DELAY_MAX_NS), st.integers(0, 1 << 32))
def test_no_sample_leaves_the_calendar(sigma: float, median_ns: int, seed: int) -> None:
    assert 0 <= sample(LogNormal(median_ns, sigma), Draws(seed, "delays")) <= DELAY_MAX_NS


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Fixed(-1),
        lambda: Fixed(DELAY_MAX_NS + 1),
        lambda: Uniform(5, 4),
        lambda: Uniform(-5, 4),
        lambda: LogNormal(-1, 1),
        lambda: LogNormal(1, -1),
        lambda: LogNormal(1, float("nan")),
        lambda: LogNormal(1, 99),
        lambda: Mixture(()),
        lambda: Mixture(((0, Fixed(1)),)),
        lambda: Mixture(((-1, Fixed(1)), (2, Fixed(1)))),
    ],
)
def test_what_is_no_distribution_is_refused_where_it_is_made(wrong: Any) -> None:
    with pytest.raises(UsageError):
        wrong()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Fixed(-SECOND), "there is no delay of -1 s\n  delays are from 0 s to 63 weeks"),
        (lambda: Fixed(10**400), "there is no delay of 1000"),
        (lambda: Uniform(5 * SECOND, SECOND // 2), "there is no delay between 5 s and 0.5 s\n  delays are"),
        (lambda: LogNormal(SECOND, 11), "there is no log-normal sigma of 11\n  it is from 0 to 10"),
    ],
)
def test_a_refusal_speaks_of_seconds_as_authors_do(wrong: Any, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        wrong()
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("delay", [Fixed(5), Uniform(1, 2), LogNormal(5, 0.25), STRAGGLERS], ids=repr)
def test_a_distribution_comes_back_from_a_file_as_it_was(delay: Delay) -> None:
    assert load(dump(delay)) == delay
