"""What an SMSC reports."""

from __future__ import annotations

import pytest

from harness.sms.status import StatusGroup, tp_status_group, tp_status_text


@pytest.mark.parametrize(
    ("status", "group", "text"),
    [
        (0x00, "completed", "received by recipient"),
        (0x01, "completed", "forwarded, delivery not confirmed"),
        (0x03, "completed", "unnamed status 0x03"),
        (0x1F, "completed", "service centre status 0x1f"),
        (0x20, "trying", "congestion"),
        (0x25, "trying", "error in recipient"),
        (0x41, "failed", "incompatible destination"),
        (0x46, "failed", "validity period expired"),
        (0x49, "failed", "message does not exist"),
        (0x62, "given up", "no response from recipient"),
        (0x7F, "given up", "service centre status 0x7f"),
        (0x80, "reserved", "unnamed status 0x80"),
        (0xFF, "reserved", "unnamed status 0xff"),
    ],
)
def test_a_status_has_its_group_and_words(status: int, group: StatusGroup, text: str) -> None:
    assert (tp_status_group(status), tp_status_text(status)) == (group, f"{group}: {text}")


def test_every_octet_says_something() -> None:
    assert len({tp_status_text(status) for status in range(256)}) == 256
