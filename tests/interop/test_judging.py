"""Verdicts on what runners make of vectors."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from harness.cipher import Dialect, encrypt
from harness.interop.judging import as_expected, judge, same
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
from harness.interop.results import Verdict
from harness.interop.suite import Vector

KEY, TEXT = "key", "Hello you"
IV, OTHER_IV = bytes(range(16)), bytes(range(16, 32))
RIGHT = encrypt(KEY, TEXT, iv=IV)
UNDER_OTHER_IV = encrypt(KEY, TEXT, iv=OTHER_IV)


def _vector(operation: Any, result: Any, **fields: Any) -> Vector:
    return Vector("1", operation, "group", "comment", fields.pop("flags", ()), result, KEY, **fields)


def _all(outcome: Outcome) -> dict[Dialect, Outcome]:
    return dict.fromkeys(("phone", "jvm", "node", "go"), outcome)


VALID = _vector("decrypt", "valid", ciphertext=RIGHT, text=TEXT, outcomes=_all(Decrypted(TEXT)))
SHORT = _vector(
    "decrypt",
    "invalid",
    ciphertext="AAAA",
    outcomes={**_all(Refused("java.lang.E")), "node": Refused("TypeError"), "go": Crashed("runtime.boundsError")},
)
SKIPPED = _vector(
    "decrypt", "invalid", ciphertext=f"{RIGHT}!", outcomes={**_all(Refused("java.lang.E")), "node": Decrypted(TEXT)}
)
BYTES = _vector(
    "decrypt", "acceptable", ciphertext=RIGHT, outcomes={**_all(Decrypted("\ufffd")), "go": Decrypted("\udcff")}
)
UNPADDED = _vector(
    "decrypt", "acceptable", ciphertext=RIGHT, outcomes={**_all(Decrypted(TEXT)), "go": Refused("*errors.joinError")}
)
ANSWER = _vector("encrypt", "valid", text=TEXT, iv=IV, ciphertext=RIGHT, outcomes=_all(Encrypted(RIGHT)))
HALF = _vector(
    "encrypt",
    "acceptable",
    text="\ud83d",
    iv=IV,
    outcomes={
        **_all(Encrypted(encrypt(KEY, "?", iv=IV))),
        "node": Encrypted(encrypt(KEY, "\ufffd", iv=IV)),
        "go": Encrypted(encrypt(KEY, "\ufffd", iv=IV)),
    },
)
BY_HASH = _vector("encrypt", "valid", text=TEXT, iv=IV, ciphertext_sha256=hashlib.sha256(RIGHT.encode()).hexdigest())
OTHER_HASH = _vector("encrypt", "valid", text=TEXT, iv=IV, ciphertext_sha256="00" * 32)
_FORETOLD, _GOOD = DrawnIvs(9, 9, 9, 9, 9), DrawnIvs(9, 9, 9, 9, 0)
_DRAWN: dict[Dialect, Outcome] = {"phone": _FORETOLD, "jvm": _FORETOLD, "node": _GOOD, "go": _GOOD}
FRESH = _vector("ivs", "valid", text="", encryptions=9, outcomes=_DRAWN)
UNFORESEEN = _vector("ivs", "valid", text="", encryptions=9, unpredictable=True, outcomes=_DRAWN)

GO_PANICS = "CRASH: slice bounds, which no caller can handle"
Row = tuple[Vector, Outcome, Dialect | None, Verdict, str]

DECRYPTIONS: list[Row] = [
    # a runner that claims nothing is held against what a correct implementation does
    (VALID, Decrypted(TEXT), None, "pass", ""),
    (VALID, Decrypted("Hell"), None, "fail", 'text "Hell" (cut)'),
    (VALID, Decrypted(""), None, "fail", 'text "" (cut)'),
    (VALID, Refused("E"), None, "fail", "refused: E"),
    (VALID, Crashed("SIGSEGV"), None, "fail", "CRASH: SIGSEGV, which no caller can handle"),
    (VALID, Encrypted(RIGHT), None, "fail", "where something else belongs"),
    (VALID, DrawnIvs(1, 1, 1, 0, 0), None, "fail", "where something else belongs"),
    (SHORT, Refused("E"), None, "pass", ""),
    (SHORT, Decrypted(""), None, "fail", 'text "" came of what must be refused'),
    (SHORT, Crashed("slice bounds"), None, "fail", GO_PANICS),
    (SHORT, Silent(10), None, "fail", "no answer within 10 s"),
    (SKIPPED, Decrypted(TEXT), None, "fail", 'text "Hello you" came of what must be refused'),
    (BYTES, Decrypted("\ufffd"), None, "pass", ""),
    (BYTES, Decrypted("\udcff"), None, "pass", ""),
    (BYTES, Refused("UnicodeDecodeError"), None, "pass", ""),
    (BYTES, Decrypted(""), None, "fail", 'text "", as none of the clients gives'),
    (BYTES, Crashed("slice bounds"), None, "fail", GO_PANICS),
    (UNPADDED, Decrypted(TEXT), None, "pass", ""),
    (UNPADDED, Decrypted("H"), None, "fail", 'text "H", as none of the clients gives'),
    # one that claims a dialect is held against what that client is known for
    (VALID, Decrypted(TEXT), "go", "pass", ""),
    (VALID, Decrypted("other"), "go", "fail", 'text "other"'),
    (SHORT, Refused("TypeError"), "node", "pass", ""),
    (SHORT, Refused("RangeError"), "node", "gone", "httpsms for Node is known for something else"),
    (SHORT, Refused("exit 1", "TypeError: invalid IV"), "node", "gone", "httpsms for Node is known for something else"),
    (SHORT, Crashed("slice bounds"), "go", "known", f"{GO_PANICS}; httpsms-go is known for it"),
    (SHORT, Refused("*errors.errorString"), "go", "gone", "httpsms-go is known for something else"),
    (SHORT, Decrypted(""), "go", "fail", 'text "" came of what must be refused'),
    (SHORT, Crashed("slice bounds"), "phone", "fail", GO_PANICS),
    (SKIPPED, Decrypted(TEXT), "node", "known", "came of what must be refused; httpsms for Node is known for it"),
    (SKIPPED, Decrypted("other"), "node", "fail", 'text "other" came of what must be refused'),
    (SKIPPED, Decrypted(TEXT), "phone", "fail", 'text "Hello you" came of what must be refused'),
    (SKIPPED, Silent(0.5), "node", "fail", "no answer within 0.5 s"),
    (BYTES, Decrypted("\udcff"), "go", "pass", ""),
    (BYTES, Decrypted("\ufffd"), "go", "gone", "httpsms-go is known for something else"),
    (UNPADDED, Refused("*errors.joinError"), "go", "pass", ""),
    (UNPADDED, Refused("java.lang.E"), "phone", "gone", "the Android app is known for something else"),
    # what is no answer
    (VALID, Skipped("NUL cannot be an argument"), None, "skip", "NUL cannot be an argument"),
    (VALID, Skipped("no"), "go", "skip", "no"),
    (VALID, NotRun("it died 20 times"), None, "fail", "not run: it died 20 times"),
    (SHORT, NotRun("it died 20 times"), "go", "fail", "not run: it died 20 times"),
    (SHORT, Garbled("a list"), None, "fail", "no answer of the protocol: a list"),
    (SHORT, Garbled("a list"), "node", "fail", "no answer of the protocol: a list"),
]


@pytest.mark.parametrize(("vector", "outcome", "dialect", "verdict", "why"), DECRYPTIONS)
def test_what_was_decrypted_is_judged(
    vector: Vector, outcome: Outcome, dialect: Dialect | None, verdict: Verdict, why: str
) -> None:
    judgement = judge(vector, outcome, held_to=dialect, claimed=dialect)
    assert judgement.verdict == verdict
    assert why in judgement.why
    assert bool(why) == bool(judgement.why)


def _wrapped(ciphertext: str) -> str:
    return f"{ciphertext[:8]}\n{ciphertext[8:]}"


OTHER_TEXT = encrypt(KEY, "Hallo", iv=IV)
NOT_BASE64 = "the envelope is not standard base64"
NOT_HELD = "the envelope does not hold the text"

ENCRYPTIONS: list[tuple[Vector, Outcome, Dialect | None, bytes | None, Verdict, str]] = [
    (ANSWER, Encrypted(RIGHT), None, IV, "pass", ""),
    (ANSWER, Encrypted(RIGHT), None, None, "pass", ""),
    (ANSWER, Encrypted(RIGHT), "phone", IV, "pass", ""),
    (ANSWER, Encrypted(UNDER_OTHER_IV), None, None, "pass", ""),
    (ANSWER, Encrypted(UNDER_OTHER_IV), "go", None, "pass", ""),
    (ANSWER, Encrypted(UNDER_OTHER_IV), None, IV, "fail", f"begins with {OTHER_IV.hex()} and not with the IV"),
    (ANSWER, Encrypted(UNDER_OTHER_IV), "go", IV, "fail", f"begins with {OTHER_IV.hex()} and not with the IV"),
    (ANSWER, Encrypted(OTHER_TEXT), None, IV, "fail", NOT_HELD),
    (ANSWER, Encrypted(OTHER_TEXT), None, None, "fail", NOT_HELD),
    (ANSWER, Encrypted(encrypt("other", TEXT, iv=OTHER_IV)), None, None, "fail", NOT_HELD),
    (ANSWER, Encrypted(RIGHT.rstrip("=")), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(f"{RIGHT}=="), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(f"{RIGHT[:-3]}{chr(ord(RIGHT[-3]) + 1)}=="), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(_wrapped(RIGHT)), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(f"{RIGHT}\n"), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(f"Ł{RIGHT[1:]}"), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted(base64.b64decode(RIGHT).hex()), None, None, "fail", NOT_BASE64),
    (ANSWER, Encrypted("AAAA"), None, None, "fail", "the envelope has 3 bytes, fewer than an IV"),
    (ANSWER, Encrypted(""), None, None, "fail", "the envelope has 0 bytes, fewer than an IV"),
    (ANSWER, Refused("E"), None, IV, "fail", "refused: E"),
    (ANSWER, Decrypted(TEXT), None, IV, "fail", "where an envelope belongs"),
    (HALF, Encrypted(encrypt(KEY, "?", iv=IV)), None, IV, "pass", ""),
    (HALF, Encrypted(encrypt(KEY, "\ufffd", iv=OTHER_IV)), None, None, "pass", ""),
    (HALF, Encrypted(encrypt(KEY, "", iv=OTHER_IV)), None, None, "fail", NOT_HELD),
    (HALF, Refused("UnicodeEncodeError"), None, IV, "pass", ""),
    (HALF, Encrypted(encrypt(KEY, "?", iv=OTHER_IV)), "phone", None, "pass", ""),
    (HALF, Encrypted(encrypt(KEY, "?", iv=IV)), "node", IV, "gone", "httpsms for Node is known for something else"),
    (HALF, Encrypted(encrypt(KEY, "!", iv=IV)), "node", IV, "fail", NOT_HELD),
    (BY_HASH, Encrypted(RIGHT), "node", IV, "pass", ""),
    (BY_HASH, Encrypted(UNDER_OTHER_IV), "node", None, "pass", ""),
    (OTHER_HASH, Encrypted(RIGHT), "node", IV, "fail", "the envelope has the SHA-256 "),
    (OTHER_HASH, Encrypted(UNDER_OTHER_IV), None, None, "pass", ""),
]


@pytest.mark.parametrize(("vector", "outcome", "dialect", "given_iv", "verdict", "why"), ENCRYPTIONS)
def test_what_was_encrypted_is_judged(
    vector: Vector, outcome: Outcome, dialect: Dialect | None, given_iv: bytes | None, verdict: Verdict, why: str
) -> None:
    judgement = judge(vector, outcome, held_to=dialect, claimed=dialect, given_iv=given_iv)
    assert judgement.verdict == verdict
    assert why in judgement.why
    assert bool(why) == bool(judgement.why)


def test_a_recorded_envelope_counts_more_than_our_model_of_it() -> None:
    wrong = _vector("encrypt", "valid", text=TEXT, iv=IV, ciphertext=OTHER_TEXT, outcomes=_all(Encrypted(OTHER_TEXT)))
    assert judge(wrong, Encrypted(OTHER_TEXT), held_to=None, given_iv=IV).verdict == "pass"
    assert judge(wrong, Encrypted(RIGHT), held_to="phone", given_iv=IV).verdict == "fail"


SERIES: list[Row] = [
    (FRESH, DrawnIvs(9, 9, 9, 9, 0), None, "pass", ""),
    (FRESH, DrawnIvs(9, 9, 9, 9, 9), None, "pass", ""),
    (FRESH, DrawnIvs(9, 8, 9, 9, 9), "phone", "fail", "only 8 different IVs in 9 encryptions"),
    (FRESH, DrawnIvs(9, 8, 9, 9, 0), None, "fail", "only 8 different IVs in 9 encryptions"),
    (FRESH, DrawnIvs(99, 99, 99, 9, 0, 6), None, "fail", "of the 128 bits of the IV, 6 are the same"),
    (FRESH, DrawnIvs(9, 9, 7, 9, 0), "go", "fail", "only 7 of 9 envelopes begin with an IV of 16 bytes"),
    (FRESH, Refused("E"), None, "fail", "refused: E"),
    (FRESH, Encrypted(RIGHT), None, "fail", "where something else belongs"),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 0), None, "pass", ""),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 1), None, "fail", "1 of 9 IVs are outputs of java.util.Random"),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 9), "go", "fail", "9 of 9 IVs are outputs of java.util.Random"),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 0), "go", "pass", ""),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 0), "phone", "pass", ""),
    (
        UNFORESEEN,
        DrawnIvs(9, 9, 9, 9, 9),
        "phone",
        "known",
        "outputs of java.util.Random: the next one follows; the And",
    ),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 1), "phone", "known", "1 of 9 IVs are outputs of java.util.Random"),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 9), "jvm", "known", "the app's code on OpenJDK is known for it"),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 0), "jvm", "pass", ""),
    (UNFORESEEN, DrawnIvs(9, 9, 9, 9, 9), "node", "fail", "9 of 9 IVs are outputs of java.util.Random"),
    (UNFORESEEN, DrawnIvs(9, 1, 9, 9, 9), "jvm", "fail", "only 1 different IVs"),
    (UNFORESEEN, DrawnIvs(99, 99, 99, 9, 9, 6), "jvm", "fail", "of the 128 bits of the IV, 6 are the same"),
    (UNFORESEEN, Refused("E"), "jvm", "fail", "refused: E"),
    (FRESH, DrawnIvs(9, 9, 9, 9, 9), "go", "pass", ""),
]


@pytest.mark.parametrize(("vector", "outcome", "dialect", "verdict", "why"), SERIES)
def test_a_series_of_ivs_is_judged(
    vector: Vector, outcome: Outcome, dialect: Dialect | None, verdict: Verdict, why: str
) -> None:
    judgement = judge(vector, outcome, held_to=dialect, claimed=dialect)
    assert judgement.verdict == verdict
    assert why in judgement.why
    assert bool(why) == bool(judgement.why)


# By the word of `claimed`, or of nobody, and held to another client or to the same.
NODE_SAYS = "TypeError"
CLAIMS: list[tuple[Vector, Outcome, Dialect | None, Dialect | None, Verdict]] = [
    (SHORT, Refused(NODE_SAYS), "node", "node", "pass"),
    (SHORT, Refused("exit 3"), "node", "node", "gone"),
    (SHORT, Refused("ValueError"), "node", "node", "gone"),
    (SHORT, Refused("ValueError"), "node", None, "pass"),
    (SHORT, Refused("exit 3"), "node", None, "pass"),
    (SHORT, Refused("ValueError"), "node", "phone", "pass"),
    (SHORT, Refused(NODE_SAYS), None, "node", "pass"),
    (SHORT, Refused("ValueError"), None, "node", "pass"),
    (SHORT, Crashed("SIGSEGV"), "go", "go", "known"),
    (SHORT, Crashed("SIGSEGV"), "go", None, "known"),
    (SHORT, Crashed("SIGSEGV"), "node", "go", "fail"),
    (SHORT, Refused("ValueError"), "go", None, "gone"),
    (UNPADDED, Refused("ValueError"), "go", None, "pass"),
    (UNPADDED, Refused("ValueError"), "go", "go", "gone"),
    (VALID, Refused("exit 3"), "node", None, "fail"),
]


@pytest.mark.parametrize(("vector", "outcome", "held_to", "claimed", "verdict"), CLAIMS)
def test_classes_of_errors_count_only_of_one_that_claims_to_be_that_client(
    vector: Vector, outcome: Outcome, held_to: Dialect | None, claimed: Dialect | None, verdict: Verdict
) -> None:
    assert judge(vector, outcome, held_to=held_to, claimed=claimed).verdict == verdict


LISTED: list[tuple[Vector, Outcome, Dialect | None, Verdict]] = [
    (VALID, Decrypted("other"), None, "known"),
    (VALID, Decrypted(TEXT), None, "gone"),
    (SHORT, Crashed("slice bounds"), "go", "known"),
    (SHORT, Refused("E"), "go", "gone"),
    (VALID, Silent(10), None, "known"),
    (VALID, Garbled("a list"), None, "known"),
    (VALID, Skipped("no"), None, "skip"),
]


@pytest.mark.parametrize(("vector", "outcome", "dialect", "verdict"), LISTED)
def test_a_failure_in_the_list_is_expected(
    vector: Vector, outcome: Outcome, dialect: Dialect | None, verdict: Verdict
) -> None:
    without = judge(vector, outcome, held_to=dialect, claimed=dialect)
    listed = as_expected(without)
    assert (listed.verdict, listed.expected) == (verdict, without.expected)
    assert listed.why == (
        "it is in the list of expected failures, and did not fail" if verdict == "gone" else without.why
    )


EXPECTATIONS = [
    (VALID, None, 'text "Hello you"'),
    (SHORT, None, "an error that a caller can handle"),
    (SHORT, "go", "CRASH: runtime.boundsError"),
    (SHORT, "node", "refused: TypeError"),
    (ANSWER, "go", "or the same text under an IV of its own"),
    (UNFORESEEN, None, "none of them an output of java.util.Random"),
    (UNFORESEEN, "phone", "none of them an output of java.util.Random"),
]


@pytest.mark.parametrize(("vector", "dialect", "words"), EXPECTATIONS)
def test_what_was_expected_is_said(vector: Vector, dialect: Dialect | None, words: str) -> None:
    assert words in judge(vector, NotRun("x"), held_to=dialect).expected


def test_a_dialect_of_which_nothing_is_known_is_never_the_same() -> None:
    assert not same(BY_HASH, Encrypted(RIGHT), "go", given_iv=IV)
