"""The seeded source of every choice gives the same draws everywhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.draws import Draws

SEEDS = st.integers(-(2**70), 2**70)


def test_the_draws_of_a_seed_never_change() -> None:
    """Another version with other draws would repeat nobody's failure."""
    draws = Draws(7, "phone:alice")
    assert draws.getrandbits(32) == 889204230
    assert draws.random() == 0.2739021653999728
    assert draws.between(1, 900) == 766
    assert draws.randbytes(5).hex() == "c7b33af3f8"
    assert draws.uuid4() == "c66977bd-f4cb-4c29-a961-1347a0adc6f4"
    assert draws.token(12) == "cQidKIh3_zci"
    assert draws.stream("token").getrandbits(200) == 845153912121678433656554813690446596816371887074036962054053
    assert draws.position == 8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Draws(1, "a"), Draws(2, "a")),
        (Draws(1, "a"), Draws(1, "b")),
        (Draws(1, "a"), Draws(1, "a").stream("a")),
        (Draws(1, "a").stream("b"), Draws(1, "a").stream("c")),
        (Draws(1, "1/a"), Draws(11, "a")),
        (Draws(1, "a/1"), Draws(1, "a")),
    ],
)
def test_each_seed_and_name_has_a_stream_of_its_own(one: Draws, other: Draws) -> None:
    assert one.randbytes(32) != other.randbytes(32)


@given(SEEDS, st.text(), st.integers(0, 40), st.integers(1, 40))
def test_a_copy_and_a_position_go_on_from_the_same_place(seed: int, name: str, drawn: int, more: int) -> None:
    draws = Draws(seed, name)
    for _ in range(drawn):
        draws.random()
    twin = draws.copy()
    sought = Draws(seed, name, draws.position)
    went_back = Draws(seed, name)
    went_back.randbytes(8 * (drawn + more))
    went_back.position = draws.position
    wanted = draws.randbytes(8 * more)
    assert [twin.randbytes(8 * more), sought.randbytes(8 * more), went_back.randbytes(8 * more)] == [wanted] * 3


@given(SEEDS, st.integers(0, 300))
def test_bits_fit_into_their_number(seed: int, k: int) -> None:
    assert 0 <= Draws(seed, "a").getrandbits(k) < 1 << k


@given(SEEDS, st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_what_is_drawn_between_two_numbers_is_between_them(seed: int, low: int, width: int) -> None:
    assert low <= Draws(seed, "a").between(low, low + width) <= low + width


def test_both_ends_and_all_between_are_drawn() -> None:
    draws = Draws(1, "a")
    assert {draws.between(3, 6) for _ in range(100)} == {3, 4, 5, 6}


@given(SEEDS)
def test_a_float_is_below_one(seed: int) -> None:
    assert 0 <= Draws(seed, "a").random() < 1


@given(SEEDS, st.integers(0, 100))
def test_tokens_and_bytes_have_their_length_and_letters(seed: int, length: int) -> None:
    draws = Draws(seed, "a")
    assert len(draws.randbytes(length)) == length
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{{length}}}", draws.token(length))


@given(SEEDS)
def test_a_uuid_is_of_version_four_in_lower_case(seed: int) -> None:
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(pattern, Draws(seed, "a").uuid4())
