"""The data coding schemes of the standard."""

from __future__ import annotations

import pytest

from harness.sms.coding import Coding, Waiting, classed, coding_of


@pytest.mark.parametrize(
    ("octets", "meaning"),
    [
        ((0x00, 0x03), Coding("gsm7")),
        ((0x04,), Coding("data")),
        ((0x08,), Coding("ucs2")),
        ((0x0C,), Coding(None)),
        ((0x10,), Coding("gsm7", message_class=0)),
        ((0x12,), Coding("gsm7", message_class=2)),
        ((0x18,), Coding("ucs2", message_class=0)),
        ((0x20,), Coding(None, compressed=True)),
        ((0x31,), Coding(None, message_class=1, compressed=True)),
        ((0x40,), Coding("gsm7", deleted_when_read=True)),
        ((0x5A,), Coding("ucs2", message_class=2, deleted_when_read=True)),
        ((0x64,), Coding(None, compressed=True, deleted_when_read=True)),
        ((0x80, 0x84, 0x9F, 0xBF), Coding(None)),
        ((0xC8,), Coding("gsm7", waiting=Waiting("voicemail", active=True, discard=True))),
        ((0xC1,), Coding("gsm7", waiting=Waiting("fax", active=False, discard=True))),
        ((0xDA,), Coding("gsm7", waiting=Waiting("email", active=True, discard=False))),
        ((0xEB,), Coding("ucs2", waiting=Waiting("other", active=True, discard=False))),
        ((0xF0,), Coding("gsm7", message_class=0)),
        ((0xF2,), Coding("gsm7", message_class=2)),
        ((0xF5,), Coding("data", message_class=1)),
    ],
)
def test_a_scheme_says_what_the_standard_says(octets: tuple[int, ...], meaning: Coding) -> None:
    assert [coding_of(octet) for octet in octets] == [meaning] * len(octets)


@pytest.mark.parametrize("message_class", [None, 0, 1, 2, 3])
def test_a_class_is_added_and_read(message_class: int | None) -> None:
    for dcs in (0x00, 0x04, 0x08):
        meaning = coding_of(classed(dcs, message_class))
        assert (meaning.alphabet, meaning.message_class) == (coding_of(dcs).alphabet, message_class)
