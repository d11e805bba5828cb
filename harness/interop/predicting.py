"""What each of the real clients makes of a vector, by our models of them (`harness.cipher`, dialects)."""

from __future__ import annotations

from typing import assert_never

from harness.cipher import Dialect, decrypt, encrypt
from harness.errors import CipherError
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.suite import Vector

__all__ = ["predict"]


def predict(vector: Vector, dialect: Dialect) -> Outcome:
    """What the client that speaks `dialect` does with `vector`, whatever is recorded of it.

    Nothing can be predicted of IVs that a client draws but what the vector says of it.
    """
    match vector.operation:
        case "decrypt":
            return _decrypted(vector, dialect)
        case "encrypt":
            return Encrypted(encrypt(vector.key, vector.text or "", iv=vector.iv, dialect=dialect))
        case "ivs":
            many = vector.encryptions
            return vector.outcomes.get(
                dialect, DrawnIvs(many, distinct=many, of_16_bytes=many, examined=0, predictable=0)
            )
    assert_never(vector.operation)


def _decrypted(vector: Vector, dialect: Dialect) -> Outcome:
    try:
        return Decrypted(decrypt(vector.key, vector.ciphertext or "", dialect=dialect))
    except CipherError as error:
        kind = Crashed if error.panics else Refused
        return kind(error.raised, str(error))
