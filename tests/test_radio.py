"""What is said over the radio are plain values: a state file can keep them."""

from __future__ import annotations

from typing import Any

import pytest

from harness import radio
from harness.plain import dump, load
from harness.radio import (
    CALL_STATES,
    CALL_TYPES,
    RESULT_OK,
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirRefused,
    AirReport,
    AirSubmit,
    AirSubmitted,
    CallLogged,
    CallStateChanged,
    DataReceived,
    DeliverReceived,
    Joined,
    MmsResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    SubmitThrew,
    TextReceived,
    WapPushReceived,
)

VALUES = (
    Submit("m/1", "+18005550100", "hi", ("hi",), (b"\x21\x00",), 1),
    SubmitAccepted("m/1", 0, 7),
    SubmitRejected("m/1", 0, 4),
    SubmitThrew("m/1", "SecurityException", "no permission"),
    StatusReport("m/1", 0, 7, 0),
    DeliverReceived(b"\x04", 2),
    TextReceived("BANK", "hi"),
    SubmitMms("m/1", "+18005550100", b"\x8c\x80", 1),
    MmsResult("m/1", 5),
    WapPushReceived(b"\x8c\x82", 2),
    DataReceived("BANK", b"\x00", 9200),
    CallStateChanged("RINGING", None, 2),
    CallLogged("+18005550100", 3, 1, 1, "1"),
    AirRefused(106, "m/1/0"),
    AirMms("+18005550100", "+18005550199", b"\x8c\x80"),
    AirCall("+18005550199", "", "missed", 20, 1),
    AirSubmit("modem", "+18005550199", b"\x21\x07", "m/1/0"),
    AirSubmitted(7, "m/1/0"),
    AirDeliver("+18005550100", b"\x04", "1"),
    AirDelivered("1"),
    AirReport(b"\x06"),
    Joined("modem", "+18005550199"),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_from_a_file_as_it_was(value: Any) -> None:
    assert load(dump(value)) == value


def test_every_value_is_among_them() -> None:
    kinds = {name for name in radio.__all__ if name[0].isupper() and isinstance(getattr(radio, name), type)}
    assert kinds == {type(value).__name__ for value in VALUES}


def test_a_report_is_a_good_one_for_the_app_unless_told_otherwise() -> None:
    assert StatusReport("m/1", 0, 7, status=70).code == RESULT_OK


def test_calls_are_told_in_androids_own_words() -> None:
    assert CALL_STATES == ("RINGING", "OFFHOOK", "IDLE")
    assert CALL_TYPES == {"incoming": 1, "outgoing": 2, "missed": 3, "voicemail": 4, "rejected": 5, "blocked": 6}
