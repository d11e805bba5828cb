"""The national language tables as Android reads and writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sms.alphabet import GSM7, Tables
from harness.sms.national import LANGUAGES, LOCKING, SINGLE, alphabet
from tests.sms.recorded import FOLDER
from tests.sms.replay import alphabet_parts

PAIRS = st.builds(Tables, st.integers(0, 13), st.integers(0, 13))


@pytest.mark.cases
def test_every_code_of_every_table_reads_as_on_android() -> None:
    parts = dict(alphabet_parts(json.loads((FOLDER / "alphabets.json").read_text(encoding="ascii"))))
    assert len(parts) == 15
    assert [name for name, (ours, theirs) in parts.items() if ours != theirs] == []


def test_every_table_has_128_codes_and_no_escape() -> None:
    assert {len(table) for table in LOCKING.values()} == {128}
    assert {table[0x1B] for table in LOCKING.values()} == {"\uffff"}
    assert not any(0x1B in table for table in SINGLE.values())
    assert len(LANGUAGES) == 14


@pytest.mark.parametrize("language", [2, 14, 255])
def test_a_language_without_a_locking_table_has_the_default_one(language: int) -> None:
    assert alphabet(Tables(locking=language)).encode("ñ") == GSM7.encode("ñ")


@pytest.mark.parametrize(
    ("tables", "text", "codes"),
    [
        (Tables(single=1), "ğ", "1b67"),
        (Tables(locking=1), "ğ€", "0c04"),
        (Tables(6, 6), "@A", "1b001b41"),
        (Tables(3, 3), "Φ", "1b12"),
        # A blank that stands for an open code is a blank; the last one is written.
        (Tables(locking=11), " ", "5b"),
    ],
)
def test_a_character_is_written_where_android_has_it(tables: Tables, text: str, codes: str) -> None:
    written = alphabet(tables).encode(text)
    assert written is not None
    assert written.hex() == codes
    assert alphabet(tables).decode(written) == text


@given(PAIRS, st.data())
def test_a_text_of_any_two_tables_survives(tables: Tables, data: st.DataObject) -> None:
    both = alphabet(tables)
    codes = bytes(code for code in range(128) if code != 0x1B)
    characters = both.decode(codes) + "".join(both.decode(bytes((0x1B, code))) for code in codes)
    text = data.draw(st.text(st.sampled_from(characters), max_size=80))
    written = both.encode(text)
    assert written is not None
    assert both.decode(written) == text
    assert len(written) == both.septets(text)
