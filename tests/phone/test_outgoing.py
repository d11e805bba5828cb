"""What the app reports instead of sending, and its names for result codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness import cipher
from harness.phone import Settings, Sim
from harness.phone.outgoing import CANNOT_DECRYPT, DISABLED, NO_KEY, Refusal, clear_text, reason_for
from harness.wire.app import Outstanding
from tests.phone.kit import ALICE, BOB, ID, SECOND_SIM, SETTINGS

PLAIN = Outstanding(ID, BOB, "hello", "SIM1", False, ())
CIPHERTEXT = cipher.encrypt("Password123", "hello", iv=bytes(16))
SECRET = replace(PLAIN, content=CIPHERTEXT, encrypted=True)
WITH_KEY = replace(SETTINGS, encryption_key="Password123")
OFF = (Sim(ALICE, active=False),)
SECOND_OFF = (Sim(ALICE), Sim(SECOND_SIM, active=False))


@pytest.mark.parametrize(
    ("settings", "message", "text"),
    [
        (SETTINGS, PLAIN, "hello"),
        (WITH_KEY, SECRET, "hello"),
        (WITH_KEY, replace(SECRET, encrypted=False), CIPHERTEXT),
        (SETTINGS, replace(PLAIN, sim="DEFAULT"), "hello"),
        (replace(SETTINGS, sims=OFF), PLAIN, Refusal(DISABLED)),
        (replace(SETTINGS, sims=OFF), replace(PLAIN, sim="DEFAULT"), Refusal(DISABLED)),
        (SETTINGS, replace(PLAIN, sim="SIM2"), Refusal(DISABLED)),
        (replace(SETTINGS, sims=SECOND_OFF), replace(PLAIN, sim="SIM2"), Refusal(DISABLED)),
        (replace(SETTINGS, sims=OFF), SECRET, Refusal(DISABLED)),  # the switch is looked at before the key
        (SETTINGS, SECRET, Refusal(NO_KEY)),
        (WITH_KEY, replace(SECRET, content="not base64"), Refusal(CANNOT_DECRYPT)),
        (WITH_KEY, replace(SECRET, content=""), Refusal(CANNOT_DECRYPT)),
    ],
)
def test_a_message_is_sent_in_clear_or_refused(settings: Settings, message: Outstanding, text: Any) -> None:
    assert clear_text(settings, message) == text


def test_a_wrong_key_is_not_noticed() -> None:
    text = clear_text(replace(SETTINGS, encryption_key="wrong"), SECRET)
    assert isinstance(text, str)
    assert text != "hello"


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1, "GENERIC_FAILURE"), (2, "RADIO_OFF"), (3, "NULL_PDU"), (4, "NO_SERVICE"), (5, "LIMIT_EXCEEDED"),
     (0, "UNKNOWN:0"), (6, "UNKNOWN:6"), (-2, "UNKNOWN:-2"), (124, "UNKNOWN:124")],
)  # fmt: skip
def test_a_result_code_has_a_name_or_a_number(code: int, reason: str) -> None:
    assert reason_for(code) == reason
