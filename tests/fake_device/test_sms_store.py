from __future__ import annotations

import pytest

from harness.fake_device.sms_store import COLUMNS, Box, SmsStore, bears_code, column


def test_a_row_has_every_column() -> None:
    store = SmsStore()
    row = store.add(Box.INBOX, "BANK", "hi", 5, date_sent_ms=4, protocol=0, service_center="+1", sub_id=2, creator="x")
    values = [column(row, name) for name in COLUMNS]
    assert values == [1, 1, "BANK", None, 5, 4, 0, 0, -1, 1, None, None, "hi", "+1", 0, 2, 0, "x", 0]


def test_a_conversation_is_an_address_and_ids_are_never_used_again() -> None:
    store = SmsStore()
    rows = [store.add(Box.SENT, address, "", 0) for address in ("a", "b", "a")]
    assert [(row.id, row.thread_id, row.read) for row in rows] == [(1, 1, 1), (2, 2, 1), (3, 1, 1)]


def test_the_shell_sees_what_was_received_and_sent() -> None:
    store = SmsStore()
    for box in Box:
        store.add(box, "a", "", 0)
    assert [row.box for row in store.seen_by_shell(0, 0)] == [Box.INBOX, Box.SENT]
    store.move(5, Box.SENT)
    assert [row.id for row in store.seen_by_shell(0, 0)] == [1, 2, 5]
    with pytest.raises(KeyError):
        store.move(99, Box.SENT)


@pytest.mark.parametrize(
    ("text", "bears"),
    [
        ("Your code is 123456", True),
        ("OTP: 9876", True),
        ("one-time password 12345678", True),
        ("call 123456", False),
        ("your code is 123", False),
        ("decode 123456", False),
    ],
)
def test_a_one_time_code_is_digits_beside_a_word_for_it(text: str, bears: bool) -> None:
    assert bears_code(text) is bears
