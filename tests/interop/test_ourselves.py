"""Our own cipher as a runner."""

from __future__ import annotations

import re

import pytest

from harness.cipher import DIALECTS, Dialect, encrypt
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.ourselves import introduction, performer
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused

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
