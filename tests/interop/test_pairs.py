"""The matrix has texts and keys of every kind that all clients agree on."""

from __future__ import annotations

import unicodedata

from harness.cipher import DIALECTS, decrypt, encrypt
from harness.interop.pairs import KEYS, PAIRS, TEXTS


def test_there_are_more_pairs_than_were_recorded_and_each_once() -> None:
    assert len(PAIRS) > 51
    assert len(set(PAIRS)) == len(PAIRS)
    assert {pair.text for pair in PAIRS} > set(TEXTS)
    assert {pair.key for pair in PAIRS} == set(KEYS)
    assert {pair.iv for pair in PAIRS} == {None}


def test_all_dialects_agree_on_each_of_them() -> None:
    for pair in PAIRS:
        envelopes = {encrypt(pair.key, pair.text, iv=bytes(16), dialect=dialect) for dialect in DIALECTS}
        assert len(envelopes) == 1
        [envelope] = envelopes
        assert {decrypt(pair.key, envelope, dialect=dialect) for dialect in DIALECTS} == {pair.text}


def test_texts_end_before_on_and_behind_the_borders() -> None:
    sizes = {len(text.encode()) for text in TEXTS}
    assert {0, 1, 15, 16, 17, 31, 32, 33, 751, 752, 753, 1520, 1521, 65536} <= sizes
    assert {len(key.encode()) for key in KEYS} >= {0, 1, 31, 32, 33, 64}


def test_both_normal_forms_of_a_letter_are_there() -> None:
    for those in (TEXTS, KEYS):
        assert [text for text in those if unicodedata.normalize("NFC", text) not in those] == []
