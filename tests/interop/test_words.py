"""Outcomes and texts in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.interop import words
from harness.interop.outcomes import (
    Crashed,
    Decrypted,
    DrawnIvs,
    Encrypted,
    Garbled,
    NotRun,
    Outcome,
    Refused,
    Silent,
    Skipped,
)
from harness.interop.suite import Vector

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


def _vector(**known: object) -> Vector:
    fields = {"ciphertext": "A" * 32, **known}
    return Vector("1", fields.pop("operation", "decrypt"), "g", "c", (), fields.pop("result", "valid"), "k", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Decrypted("Hello"), 'text "Hello"'),
        (Decrypted(""), 'text ""'),
        (Decrypted("x" * 70), f'text "{"x" * 60}…" (70 characters)'),
        (Decrypted("caf\udce9"), 'bytes "caf\\xe9", which are no UTF-8'),
        (Decrypted("\ud800\udce9"), 'text "\\ud800\\udce9"'),
        (Encrypted("AAAA"), 'envelope "AAAA"'),
        (DrawnIvs(1000, 1000, 1000, 20, 0), "1,000 different IVs in 1,000 encryptions, 0 of 20 predictable"),
        (DrawnIvs(2, 1, 0, 0, 0), "1 different IV in 2 encryptions, 0 of 16 bytes"),
        (
            Refused("java.security.InvalidAlgorithmParameterException", "m"),
            "refused: InvalidAlgorithmParameterException",
        ),
        (Refused("TypeError[ERR_CRYPTO_INVALID_IV]"), "refused: TypeError[ERR_CRYPTO_INVALID_IV]"),
        (Refused("*errors.joinError"), "refused: *errors.joinError"),
        (Refused("a\nb.C"), "refused: a\\nb.C"),
        (Crashed("runtime.boundsError", "m"), "CRASH: runtime.boundsError"),
        (Silent(10), "no answer within 10 s"),
        (Garbled("no JSON"), "no answer of the protocol: no JSON"),
        (Skipped("a NUL"), "skipped: a NUL"),
        (NotRun("it died"), "not run: it died"),
    ],
)
def test_an_outcome_has_its_words(outcome: Outcome, said: str) -> None:
    assert words.outcome(outcome) == said


@pytest.mark.parametrize(
    ("vector", "outcome", "note"),
    [
        (_vector(text="Hello"), Decrypted("Hell"), " (cut)"),
        (_vector(text="Hello"), Decrypted("Hello!"), " (more follows)"),
        (_vector(text="Hello"), Decrypted(" Hello"), " (other white space around it)"),
        (_vector(text="caf\u00e9"), Decrypted("cafe\u0301"), " (another Unicode normalisation)"),
        (_vector(text="Hello"), Decrypted("Hello"), ""),
        (_vector(text="Hello"), Decrypted("Hallo"), ""),
        # 32 letters are 24 bytes, 8 of them text
        (_vector(), Decrypted("1234567"), " (cut)"),
        (_vector(), Decrypted("12345678"), ""),
        (_vector(), Decrypted("я" * 4), ""),
        (_vector(), Decrypted("abc\udcff"), " (cut)"),
        (_vector(), Decrypted("\ufffd\ufffd1234"), ""),
        (_vector(), Decrypted("1234\ufffd"), " (cut)"),
        (_vector(operation="encrypt", text="Hello"), Decrypted("Hell"), ""),
    ],
)
def test_what_strikes_the_eye_stands_beside_the_outcome(vector: Vector, outcome: Outcome, note: str) -> None:
    assert words.compared(vector, outcome) == words.outcome(outcome) + note


def test_the_message_follows_the_class_of_an_error() -> None:
    assert words.told(Refused("a.B", "no\nway")) == "refused: B: no\\nway"
    assert words.told(Crashed("exit 2", "panic: x")) == "CRASH: exit 2: panic: x"
    assert words.told(Crashed("exit 2")) == "CRASH: exit 2"


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        (Decrypted("a"), Decrypted("b"), True),
        (Encrypted("a"), Encrypted("b"), True),
        (Refused("A", "1"), Refused("A", "2"), True),
        (Refused("A"), Refused("B"), False),
        (Refused("A"), Crashed("A"), False),
        (Silent(1), Silent(2), True),
    ],
)
def test_outcomes_of_one_shape_differ_in_values_only(one: Outcome, other: Outcome, are_alike: bool) -> None:
    assert (words.shape(one) == words.shape(other)) is are_alike


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("", None, '""'),
        ('a"b\\c', None, '"a\\"b\\\\c"'),
        ("\n\r\t\0\x1b", None, '"\\n\\r\\t\\u0000\\u001b"'),
        ("\u202eabc\u200b\u2028", None, '"\\u202eabc\\u200b\\u2028"'),
        ("\ud83d|\U000e0001", None, '"\\ud83d|\\U000e0001"'),
        ("żółć 🎉", None, '"żółć 🎉"'),
        ("abc", 3, '"abc"'),
        ("abcd", 3, '"abc…" (4 characters)'),
        ("x" * 1520, 1, '"x…" (1,520 characters)'),
    ],
)
def test_a_quoted_text_says_what_it_holds(text: str, limit: int | None, shown: str) -> None:
    assert words.quoted(text, limit) == shown


@given(ANY_TEXT)
def test_what_is_shown_can_do_nothing_to_a_terminal_and_can_be_written(text: str) -> None:
    for shown in (words.plain(text), words.quoted(text), words.told(Decrypted(text)), words.told(Refused(text, text))):
        assert shown.isprintable()
        shown.encode()


@given(ANY_TEXT, ANY_TEXT)
def test_different_texts_are_quoted_differently(one: str, other: str) -> None:
    assert (words.quoted(one) == words.quoted(other)) == (one == other)


def test_bytes_are_shown_in_hex() -> None:
    assert words.hex_of("aя\ud800") == "61 d1 8f ed a0 80"
    assert words.raw_bytes("a\udcff") == b"a\xff"
    assert words.raw_bytes("aя") is None


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (_vector(result="invalid"), "an error that a caller can handle"),
        (_vector(result="acceptable"), "an error that a caller can handle, or what one of the real clients does"),
        (_vector(text="Hello"), 'text "Hello"'),
        (_vector(operation="encrypt"), f'envelope "{"A" * 32}", or the same text under an IV of its own'),
        (
            _vector(operation="encrypt", ciphertext=None, ciphertext_sha256="ab"),
            "an envelope with the SHA-256 ab, or the same text under an IV of its own",
        ),
        (_vector(operation="encrypt", ciphertext=None), "the envelope of the text"),
        (_vector(operation="ivs", encryptions=1000), "1,000 encryptions, each with an IV of its own of 16 bytes"),
        (
            _vector(operation="ivs", encryptions=20, unpredictable=True),
            "20 encryptions, each with an IV of its own of 16 bytes, none of them an output of java.util.Random",
        ),
    ],
)
def test_a_vector_says_what_it_demands(vector: Vector, said: str) -> None:
    assert words.demanded(vector) == said


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (_vector(), "exactly this must come out"),
        (_vector(operation="encrypt", result="invalid"), "this must be refused"),
        (_vector(operation="ivs"), "every encryption must succeed, and the IVs be as expected"),
    ],
)
def test_a_vector_says_what_its_result_means(vector: Vector, said: str) -> None:
    assert words.meaning(vector) == said


def test_counts_are_said_as_people_say_them() -> None:
    assert [words.count(number, "vector") for number in (0, 1, 1520)] == ["0 vectors", "1 vector", "1,520 vectors"]
