"""IVs: are they unique, and does the next one follow from the last?"""

from __future__ import annotations

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.draws import Draws
from harness.interop.ivs import drawn, next_bytes, recovered_state, seeded
from harness.interop.outcomes import DrawnIvs

# What a JDK prints for the first nextInt() of new Random(seed), and for nextBytes of 16.
FIRST_INTS = [(42, -1170105035), (0, -1155484576), (1, -1155869325), (-1, 1155099827)]


def _envelope(iv: bytes, text: bytes = b"text") -> str:
    return base64.b64encode(iv + text).decode()


@pytest.mark.parametrize(("seed", "first"), FIRST_INTS)
def test_the_generator_is_that_of_java(seed: int, first: int) -> None:
    octets, _ = next_bytes(seeded(seed), 4)
    assert int.from_bytes(octets, "little", signed=True) == first


def test_bytes_are_drawn_from_the_low_one_of_each_number_on() -> None:
    octets, _ = next_bytes(seeded(42), 16)
    ints = (-1170105035, 234785527, -1360544799, 205897768)
    assert octets == b"".join(each.to_bytes(4, "little", signed=True) for each in ints)


@given(st.integers(0, 2**48 - 1))
def test_the_state_follows_from_any_iv_of_java_and_the_next_iv_from_the_state(state: int) -> None:
    iv, after = next_bytes(state, 16)
    assert recovered_state(iv) == after
    assert next_bytes(after, 16) == next_bytes(next_bytes(state, 16)[1], 16)


@given(st.integers(0, 2**48 - 1), st.integers(4, 15), st.integers(0, 7))
def test_one_bit_that_is_another_betrays_that_java_did_not_draw_it(state: int, byte: int, bit: int) -> None:
    iv = bytearray(next_bytes(state, 16)[0])
    iv[byte] ^= 1 << bit
    assert recovered_state(bytes(iv)) is None


@pytest.mark.parametrize("iv", [bytes(16), b"\xff" * 16, bytes(range(16)), Draws(1, "ivs").randbytes(16)])
def test_other_ivs_have_no_state(iv: bytes) -> None:
    assert recovered_state(iv) is None


def _java(number: int) -> list[bytes]:
    state, ivs = seeded(7), []
    for _ in range(number):
        iv, state = next_bytes(state, 16)
        ivs.append(iv)
    return ivs


_ours = [Draws(2, "ivs").randbytes(16), *(Draws(3, f"{number}").randbytes(16) for number in range(29))]


def _uuid(number: int) -> bytes:
    return UUID(bytes=Draws(4, f"{number}").randbytes(16), version=4).bytes


SERIES: list[tuple[str, list[str], DrawnIvs]] = [
    ("nothing", [], DrawnIvs(0, 0, 0, 0, 0)),
    ("as they should be", [_envelope(iv) for iv in _ours], DrawnIvs(30, 30, 30, 20, 0)),
    ("of java", [_envelope(iv) for iv in _java(30)], DrawnIvs(30, 30, 30, 20, 20)),
    ("one of java", [_envelope(iv) for iv in [*_ours[:4], *_java(1)]], DrawnIvs(5, 5, 5, 5, 1)),
    ("always the same", [_envelope(_ours[0])] * 4, DrawnIvs(4, 1, 4, 4, 0)),
    ("one twice", [_envelope(iv) for iv in [*_ours[:4], _ours[2]]], DrawnIvs(5, 4, 5, 5, 0)),
    ("empty texts", [_envelope(iv, b"") for iv in _ours[:3]], DrawnIvs(3, 3, 3, 3, 0)),
    ("short IVs", [_envelope(iv[:12], b"abc") for iv in _ours[:3]], DrawnIvs(3, 0, 0, 0, 0)),
    ("a UUID each", [_envelope(_uuid(number)) for number in range(100)], DrawnIvs(100, 100, 100, 20, 0, 6)),
    ("too few to tell", [_envelope(_uuid(number)) for number in range(63)], DrawnIvs(63, 63, 63, 20, 0)),
    (
        "a counter",
        [_envelope(number.to_bytes(16, "big")) for number in range(100)],
        DrawnIvs(100, 100, 100, 20, 0, 121),
    ),
    ("one is no base64", [_envelope(_ours[0]), "?" * 40, "", "Ł" * 30], DrawnIvs(4, 1, 1, 1, 0)),
]


@pytest.mark.parametrize(("ciphertexts", "counts"), [case[1:] for case in SERIES], ids=[case[0] for case in SERIES])
def test_a_series_is_counted(ciphertexts: list[str], counts: DrawnIvs) -> None:
    assert drawn(ciphertexts) == counts


def test_more_can_be_examined() -> None:
    assert drawn([_envelope(iv) for iv in _java(25)], examined=25).predictable == 25
