"""Our own cipher as a runner, and functions of somebody else: what they return or raise is an outcome."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import pytest

from harness import cipher
from harness.cipher import DIALECTS, Dialect, encrypt
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.ourselves import introduction, outcome_of, performer
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, Outcome, Refused, Skipped

IV = bytes(range(16))
ENVELOPE = encrypt("key", "text", iv=IV)

ANSWERS: list[tuple[Dialect, Call, Outcome]] = [
    ("phone", Encrypt("key", "text", IV), Encrypted(ENVELOPE)),
    ("phone", Decrypt("key", ENVELOPE), Decrypted("text")),
    ("node", Decrypt("key", f" {ENVELOPE}"), Decrypted("text")),
    ("node", Encrypt("key", "\ud800", IV), Encrypted(encrypt("key", "\ufffd", iv=IV))),
    ("jvm", Encrypt("key", "\ud800", IV), Encrypted(encrypt("key", "?", iv=IV))),
    (
        "go",
        Decrypt("key", "AAAA"),
        Crashed("runtime.boundsError", "the ciphertext holds 3 bytes, fewer than the 16 bytes of the IV"),
    ),
    (
        "phone",
        Decrypt("key", "%"),
        Refused("java.lang.IllegalArgumentException", "the ciphertext is not base64 as the phone accepts it"),
    ),
    ("phone", Encrypt("key", "text", b"short"), Refused("ValueError", "the IV has 16 bytes, not 5")),
]


@pytest.mark.parametrize(("dialect", "call", "outcome"), ANSWERS)
def test_a_call_is_answered_as_that_client_answers_it(dialect: Dialect, call: Call, outcome: Outcome) -> None:
    assert performer(dialect)(call) == outcome


def test_without_an_iv_each_envelope_has_its_own() -> None:
    perform = performer("phone")
    assert perform(Encrypt("key", "text")) != perform(Encrypt("key", "text"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_we_introduce_ourselves_with_what_we_run_on(dialect: Dialect) -> None:
    told = introduction(dialect)
    assert (told.protocol, told.name, told.dialect) == (1, "python", dialect)
    assert re.fullmatch(r"httpsms-harness [\d.]+, cryptography [\d.]+, Python 3[\d.]+\w*", told.version)


# -- functions ---------------------------------------------------------------------------------------------------------

ENCRYPT, DECRYPT = Encrypt("k", "t"), Decrypt("k", "c")


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class Outer:
    class Inner(Exception):
        pass


def raises(error: Exception) -> Any:
    def raising(key: str, text: str) -> NoReturn:
        raise error

    return raising


def gives(result: Any) -> Any:
    return lambda key, text: result


def joined(*arguments: str | bytes) -> str:
    return " ".join(map(str, arguments))


CASES: list[tuple[Call, Any, Outcome]] = [
    (ENCRYPT, joined, Encrypted("k t")),
    (DECRYPT, joined, Decrypted("k c")),
    (ENCRYPT, None, Skipped("it cannot encrypt")),
    (DECRYPT, None, Skipped("it cannot decrypt")),
    (DECRYPT, raises(ValueError("short")), Refused("ValueError", "short")),
    (DECRYPT, raises(Outer.Inner()), Refused("Outer.Inner", "")),
    (DECRYPT, raises(Unspeakable()), Refused("Unspeakable", "")),
    (ENCRYPT, gives(b"AA=="), Garbled("bytes where a str belongs")),
    (DECRYPT, gives(None), Garbled("NoneType where a str belongs")),
]


@pytest.mark.parametrize(("call", "function", "outcome"), CASES)
def test_what_a_function_does_is_an_outcome(call: Call, function: Any, outcome: Outcome) -> None:
    functions = (function, None) if isinstance(call, Encrypt) else (None, function)
    assert outcome_of(call, *functions) == outcome


@pytest.mark.parametrize(
    ("iv", "under", "outcome"),
    [
        (bytes(2), joined, Encrypted("k t b'\\x00\\x00'")),
        (bytes(2), None, Encrypted("k t")),
        (None, joined, Encrypted("k t")),
    ],
)
def test_an_iv_goes_to_who_takes_one(iv: bytes | None, under: Any, outcome: Outcome) -> None:
    assert outcome_of(Encrypt("k", "t", iv), joined, None, under) == outcome


@pytest.mark.parametrize(
    ("dialect", "ciphertext", "outcome"),
    [
        ("phone", "?", Refused("java.lang.IllegalArgumentException")),
        ("node", "AAAA", Refused("TypeError[ERR_CRYPTO_INVALID_IV]")),
        ("go", "AAAA", Crashed("runtime.boundsError")),
    ],
)
def test_our_own_cipher_refuses_with_the_words_of_the_client_that_it_imitates(
    dialect: Dialect, ciphertext: str, outcome: Any
) -> None:
    made: Any = outcome_of(Decrypt("k", ciphertext), None, lambda key, text: cipher.decrypt(key, text, dialect=dialect))
    assert made.message
    made.message = ""
    assert made == outcome


def test_an_interrupt_is_no_outcome() -> None:
    def interrupted(key: str, text: str) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcome_of(DECRYPT, None, interrupted)
