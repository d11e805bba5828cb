"""The default alphabet as Android decodes it, and septets in octets."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.sms.alphabet import GSM7, Alphabet, pack, septets, unpack

SEPTETS = st.binary(max_size=256).map(lambda octets: bytes(octet & 0x7F for octet in octets))
ALPHABET = [GSM7.decode(bytes((code,))) for code in range(128) if code != 0x1B]
EXTENSION = list("\f^{}\\[~]|€")


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        (b"\x1b\x1b", " "),
        (b"a\x1b", "a"),
        (b"\x1b", ""),
        (b"\x1b\x1b\x1be", " €"),
        (b"\x1b\x41b", "Ab"),
        (b"", ""),
    ],
)
def test_an_escape_reads_as_on_android(codes: bytes, text: str) -> None:
    assert GSM7.decode(codes) == text


@pytest.mark.parametrize(
    ("text", "count", "codes"),
    [
        ("", 0, b""),
        ("a@\n", 3, b"a\0\n"),
        ("€", 2, b"\x1be"),
        ("Ç", 1, b"\x09"),
        ("ç", None, None),
        ("`", None, None),
        ("\t", None, None),
        ("\x80", None, None),
        ("é", 1, b"\x05"),
        ("e\u0301", None, None),
        ("😀", None, None),
        ("\ud83d", None, None),
        ("\uffff", 1, b"\x1b"),
        ("a\x1b", 1, b"a"),
        ("\x1b\x1b", 0, b""),
        ("a\x1bb", 2, None),
        ("\x1bж", None, None),
    ],
)
def test_a_text_is_counted_and_written_as_on_android(text: str, count: int | None, codes: bytes | None) -> None:
    assert (septets(text), GSM7.encode(text)) == (count, codes)


@given(st.text())
def test_what_is_counted_is_written_and_reads_back(text: str) -> None:
    codes = GSM7.encode(text)
    assert (codes is None) == (septets(text) is None or "\x1b" in text.rstrip("\x1b"))
    if codes is not None and "\x1b" not in text and "\uffff" not in text:
        assert (GSM7.decode(codes), len(codes)) == (text, septets(text))


def test_a_character_in_both_tables_goes_out_as_the_basic_one_and_of_two_places_the_last_counts() -> None:
    basic = "ab" + "c" * 126
    both = Alphabet(basic, {0x10: "a", 0x11: "x", 0x12: "x", 0x00: "y"})
    assert both.encode("abcxy") == b"\x00\x01\x7f\x1b\x12\x1b\x00"
    assert both.decode(b"\x1b\x10\x1b\x11\x1b\x12\x1b\x00\x1b\x01") == "axxyb"


def test_an_escaped_code_is_not_taken_for_an_extended_character() -> None:
    table = "".join(map(chr, range(0x100, 0x180)))
    alphabet = Alphabet(table, {0x20: "a", 0x21: "b"})
    assert alphabet.encode("ab") == b"\x1b\x20\x1b\x21"


@given(st.text(st.sampled_from(ALPHABET + EXTENSION)))
def test_a_text_of_the_alphabet_survives(text: str) -> None:
    codes = GSM7.encode(text)
    assert codes is not None
    assert GSM7.decode(codes) == text
    assert len(codes) == septets(text) == len(text) + sum(map(text.count, EXTENSION))


def _packed_one_by_one(codes: bytes, fill_bits: int) -> bytes:
    bits = "".join(f"{code:07b}" for code in reversed(codes)) + "0" * fill_bits
    return int(bits or "0", 2).to_bytes((len(bits) + 7) // 8, "little")


@given(SEPTETS, st.integers(0, 7))
@example(b"\x7f" * 256, 7)
@example(b"", 1)
def test_septets_are_packed_bit_behind_bit_and_come_back(codes: bytes, fill_bits: int) -> None:
    packed = pack(codes, fill_bits)
    assert packed == _packed_one_by_one(codes, fill_bits)
    assert unpack(packed, len(codes), fill_bits) == codes


def test_more_septets_than_a_pdu_can_announce_are_refused() -> None:
    with pytest.raises(ValueError, match="257"):
        pack(bytes(257))
