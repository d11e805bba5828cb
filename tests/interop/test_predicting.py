"""What our models say that the real clients do."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cipher import DIALECTS, Dialect, encrypt
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.predicting import predict
from harness.interop.suite import Vector

KEY, IV = "key", bytes(range(16))
HELLO = encrypt(KEY, "Hello", iv=IV)


def _vector(operation: Any, **fields: Any) -> Vector:
    return Vector("1", operation, "group", "comment", (), "valid", KEY, **fields)


JAVA = "java.security.InvalidAlgorithmParameterException"
CASES: list[tuple[Vector, Dialect, Outcome]] = [
    (_vector("decrypt", ciphertext=HELLO), "phone", Decrypted("Hello")),
    (_vector("decrypt", ciphertext="AAAA"), "phone", Refused(JAVA)),
    (_vector("decrypt", ciphertext="AAAA"), "go", Crashed("runtime.boundsError")),
    (_vector("decrypt", ciphertext="AAAA"), "node", Refused("TypeError[ERR_CRYPTO_INVALID_IV]")),
    (_vector("decrypt", ciphertext=f"{HELLO} "), "go", Refused("*errors.joinError")),
    (_vector("decrypt", ciphertext=f"{HELLO} "), "node", Decrypted("Hello")),
    (_vector("encrypt", text="Hello", iv=IV), "jvm", Encrypted(HELLO)),
    (_vector("encrypt", text="\ud800", iv=IV), "jvm", Encrypted(encrypt(KEY, "?", iv=IV))),
    (_vector("encrypt", text="\ud800", iv=IV), "node", Encrypted(encrypt(KEY, "\ufffd", iv=IV))),
    (_vector("ivs", text="", encryptions=9), "go", DrawnIvs(9, 9, 9, 0, 0)),
    (_vector("ivs", text="", outcomes={"jvm": DrawnIvs(9, 9, 9, 9, 9)}), "jvm", DrawnIvs(9, 9, 9, 9, 9)),
]


def _without_message(outcome: Outcome) -> Outcome:
    match outcome:
        case Refused(error):
            return Refused(error)
        case Crashed(how):
            return Crashed(how)
    return outcome


@pytest.mark.parametrize(("vector", "dialect", "outcome"), CASES)
def test_each_client_is_known(vector: Vector, dialect: Dialect, outcome: Outcome) -> None:
    assert _without_message(predict(vector, dialect)) == outcome


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_refusal_says_why(dialect: Dialect) -> None:
    outcome = predict(_vector("decrypt", ciphertext="AAAA"), dialect)
    assert isinstance(outcome, Refused | Crashed)
    assert "3 bytes" in outcome.message
