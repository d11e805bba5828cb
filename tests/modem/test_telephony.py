"""What Android does with a text before the radio gets it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.modem.telephony import (
    ANDROID,
    PER_HALF_HOUR,
    PER_MINUTE,
    About,
    OutgoingLimit,
    Telephony,
    Verdict,
    denied_code,
    examine,
    is_short_code,
    within,
)
from tests.modem.kit import BOB, NOW


def test_the_presets_are_those_of_the_dossier() -> None:
    second = 1_000_000_000
    assert OutgoingLimit(30, 60 * second) == PER_MINUTE
    assert OutgoingLimit(30, 1800 * second) == PER_HALF_HOUR
    assert Telephony() == Telephony(None, True, None, -1)
    assert Telephony(PER_MINUTE, True, None, -1) == ANDROID


@pytest.mark.parametrize(
    ("to", "is_short"),
    [
        ("1", True), ("911", True), ("12345", True), ("1 23-45", True), ("123456", False), (BOB, False),
        ("+123", False), ("", False), ("CAFE", False), ("1234a", False), ("*#06#", False),
        ("1" * 40, False), ("1" + " " * 40, False),
    ],
)  # fmt: skip
def test_up_to_five_digits_may_be_a_premium_number(to: str, is_short: bool) -> None:
    assert is_short_code(to) is is_short


FDN = ("+1800", "123")


@pytest.mark.parametrize(
    ("telephony", "to", "parts", "sent", "remembered", "verdict"),
    [
        (Telephony(), BOB, 99, 99, None, Verdict.SEND),
        (Telephony(), "12345", 1, 0, None, Verdict.ASK_SHORT_CODE),
        (Telephony(), "12345", 1, 0, True, Verdict.SEND),
        (Telephony(), "12345", 1, 0, False, 8),
        (Telephony(short_codes=False), "12345", 1, 0, None, Verdict.SEND),
        (Telephony(short_codes=False), "12345", 1, 0, False, Verdict.SEND),
        (ANDROID, BOB, 1, 29, None, Verdict.SEND),
        (ANDROID, BOB, 2, 29, None, Verdict.ASK_LIMIT),
        (ANDROID, BOB, 31, 0, None, Verdict.ASK_LIMIT),
        (ANDROID, "12345", 1, 30, None, Verdict.ASK_SHORT_CODE),
        (ANDROID, "12345", 1, 30, True, Verdict.ASK_LIMIT),
        (ANDROID, "12345", 1, 30, False, 8),
        (Telephony(fixed_dialling=FDN), BOB, 1, 0, None, Verdict.SEND),
        (Telephony(fixed_dialling=FDN), "+4930123456", 1, 0, None, 6),
        (Telephony(fixed_dialling=FDN), "54321", 1, 0, None, 6),
        (Telephony(fixed_dialling=FDN), "12345", 1, 0, None, Verdict.ASK_SHORT_CODE),
        (Telephony(fixed_dialling=()), BOB, 1, 0, None, 6),
        (Telephony(PER_MINUTE, fixed_dialling=()), BOB, 31, 0, None, 6),
    ],
)
def test_fixed_dialling_comes_first_then_short_codes_then_the_limit(
    telephony: Telephony, to: str, parts: int, sent: int, remembered: bool | None, verdict: Any
) -> None:
    assert examine(telephony, to, parts, (NOW,) * sent, remembered, NOW) == verdict


@given(st.lists(st.integers(0, 100), max_size=20).map(sorted), st.integers(0, 100))
def test_the_window_slides(sent: list[int], now: int) -> None:
    limit = OutgoingLimit(3, 10)
    assert within(limit, tuple(sent), now) == tuple(at for at in sent if now - at <= 10)


@pytest.mark.parametrize(
    ("about", "for_ever", "code"),
    [(About.LIMIT, False, 5), (About.LIMIT, True, 5), (About.SHORT_CODE, False, 7), (About.SHORT_CODE, True, 8)],
)
def test_a_refused_text_fails_with_the_code_of_the_question(about: About, for_ever: bool, code: int) -> None:
    assert denied_code(about, for_ever=for_ever) == code
