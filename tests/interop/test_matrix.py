"""The matrix: texts and keys of every kind that all clients agree on, and who reads what of whom."""

from __future__ import annotations

import unicodedata

from harness.cipher import DIALECTS, decrypt, encrypt
from harness.interop.calls import Decrypt, Encrypt
from harness.interop.matrix import KEYS, PAIRS, TEXTS, Made, cells, envelopes
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Skipped
from harness.interop.results import Cell, MatrixFailure


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


# -- who reads what ----------------------------------------------------------------------------------------------------

ONE, TWO = Encrypt("k", "one"), Encrypt("l", "two")
CRASH, SKIP = Crashed("SIGSEGV"), Skipped("it cannot")


def made(encryptor: str, *outcomes: Outcome) -> Made:
    return Made(encryptor, (ONE, TWO), outcomes)


RIGHT, HALF, NOTHING = (
    made("a", Encrypted("A1"), Encrypted("A2")),
    made("b", CRASH, Encrypted("B2")),
    made("c", SKIP, SKIP),
)


def test_decryptors_are_asked_for_every_envelope_that_there_is() -> None:
    assert envelopes([RIGHT, HALF, NOTHING]) == [Decrypt("k", "A1"), Decrypt("l", "A2"), Decrypt("l", "B2")]


def test_a_text_comes_back_or_is_kept_with_its_envelope() -> None:
    read: dict[str, tuple[Outcome, ...]] = {
        "x": (Decrypted("one"), Decrypted("two"), Decrypted("two")),
        "y": (Decrypted("ONE"), CRASH, Decrypted("two")),
    }
    lost = (MatrixFailure(ONE, "A1", Decrypted("ONE")), MatrixFailure(TWO, "A2", CRASH))
    never_made = (MatrixFailure(ONE, "", CRASH),)
    assert cells([RIGHT, HALF, NOTHING], read) == (
        Cell("a", "x", 2, 2),
        Cell("a", "y", 2, 0, lost),
        Cell("b", "x", 2, 1, never_made),
        Cell("b", "y", 2, 1, never_made),
        Cell("c", "x", 0, 0),
        Cell("c", "y", 0, 0),
    )


def test_what_a_decryptor_cannot_carry_is_not_tried() -> None:
    assert cells([RIGHT], {"x": (SKIP, Decrypted("two"))}) == (Cell("a", "x", 1, 1),)
