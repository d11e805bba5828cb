"""Is it right what a runner made of a vector?

A runner that says whose dialect it speaks is held against what that client is known to do, any other against what a
correct implementation does. The same divergence is `known` of the one and a failure of the other.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from harness.cipher import DIALECTS, IV_BYTES, Dialect, encrypt
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
from harness.interop.results import Judgement
from harness.interop.suite import Vector

__all__ = ["PREDICTABLE", "judge", "same"]

PREDICTABLE = "PredictableIv"
"""The flag of vectors that ask whether IVs follow from each other."""

# What a program on the command line refuses has no class: its exit status stands for any.
_ANY_ERROR = re.compile(r"exit \d+")


def judge(
    vector: Vector, outcome: Outcome, *, dialect: Dialect | None, iv_given: bool, expected: bool | None = None
) -> Judgement:
    """The verdict on `outcome`.

    `dialect` is the one that the runner claims to speak. `iv_given` says that the runner was told which IV to use, and
    can be. `expected` says that a list of expected failures names the vector.
    """
    if isinstance(outcome, Skipped):
        return Judgement("skip", _demanded(vector), words.plain(outcome.why))
    judgement = _judged(vector, outcome, dialect, iv_given)
    # A call that was never made is no failure that anybody can have expected.
    return _listed(judgement) if expected and not isinstance(outcome, NotRun) else judgement


def _listed(judgement: Judgement) -> Judgement:
    if judgement.verdict in ("fail", "known"):
        return Judgement("known", judgement.expected, judgement.why)
    return Judgement("gone", judgement.expected, "it is in the list of expected failures, and did not fail")


def _judged(vector: Vector, outcome: Outcome, dialect: Dialect | None, iv_given: bool) -> Judgement:
    fault = _fault(vector, outcome, iv_given)
    if dialect is None or dialect not in vector.outcomes:
        return Judgement("fail" if fault else "pass", _demanded(vector), fault)
    known, client = vector.outcomes[dialect], words.CLIENTS[dialect]
    if same(vector, outcome, dialect, iv_given=iv_given):
        why = f"{fault}; {client} is known for it" if fault else ""
        return Judgement("known" if fault else "pass", _in_words(vector, known), why)
    if not fault:
        return Judgement("gone", _in_words(vector, known), f"{client} is known for something else")
    return Judgement("fail", _in_words(vector, known), fault)


def _in_words(vector: Vector, known: Outcome) -> str:
    """What a client is known for. Envelopes under other IVs are as good as the known one."""
    return _demanded(vector) if isinstance(known, Encrypted) else words.outcome(known)


def _demanded(vector: Vector) -> str:
    if PREDICTABLE in vector.flags:
        return f"{words.demanded(vector)}, none of them an output of java.util.Random"
    return words.demanded(vector)


# -- the same as a client ----------------------------------------------------------------------------------------------


def same(vector: Vector, outcome: Outcome, dialect: Dialect, *, iv_given: bool) -> bool:
    """Is that what the client that speaks `dialect` does with the vector, as far as the vector tells?

    Errors are compared by class, not by message: that belongs to the version of a runtime. One crash is as another.
    """
    match outcome, vector.outcomes.get(dialect):
        case Decrypted(text), Decrypted(known):
            return text == known
        case Encrypted(ciphertext), Encrypted():
            return not _envelope_fault(vector, ciphertext, [dialect], iv_given)
        case Refused(error), Refused(known):
            return error == known or _ANY_ERROR.fullmatch(error) is not None
        case Crashed(), Crashed():
            return True
        case DrawnIvs() as drawn, DrawnIvs() as recorded:
            return not _repeated(drawn) and bool(drawn.predictable) == bool(recorded.predictable)
    return False


# -- what a correct implementation does --------------------------------------------------------------------------------


def _fault(vector: Vector, outcome: Outcome, iv_given: bool) -> str:
    """Why that is not what a correct implementation does, or nothing."""
    match outcome:
        case Silent() | Garbled() | NotRun():
            return words.outcome(outcome)
        case Crashed():
            return f"{words.outcome(outcome)}, which no caller can handle"
        case Refused():
            return _refusal_fault(vector, outcome)
        case DrawnIvs():
            return _ivs_fault(vector, outcome)
        case Encrypted(ciphertext):
            return _encryption_fault(vector, ciphertext, iv_given)
    return _text_fault(vector, outcome)


def _refusal_fault(vector: Vector, outcome: Outcome) -> str:
    return words.outcome(outcome) if vector.result == "valid" else ""


def _text_fault(vector: Vector, outcome: Outcome) -> str:
    if vector.operation != "decrypt":
        return f"{words.outcome(outcome)} where an envelope belongs"
    if vector.result == "invalid":
        return f"{words.outcome(outcome)} came of what must be refused"
    if vector.result == "acceptable":
        return "" if outcome in vector.outcomes.values() else f"{words.outcome(outcome)}, as none of the clients gives"
    return "" if outcome == Decrypted(vector.text or "") else f"{words.compared(vector, outcome)}"


def _encryption_fault(vector: Vector, ciphertext: str, iv_given: bool) -> str:
    if vector.operation != "encrypt":
        return f"{words.outcome(Encrypted(ciphertext))} where something else belongs"
    # Of well-formed Unicode all dialects make the same.
    dialects: Iterable[Dialect] = ("phone",) if vector.result == "valid" else vector.outcomes or DIALECTS
    return _envelope_fault(vector, ciphertext, dialects, iv_given)


def _envelope_fault(vector: Vector, ciphertext: str, dialects: Iterable[Dialect], iv_given: bool) -> str:
    """Why the envelope is not the one that one of the `dialects` makes under the IV that it bears, or nothing."""
    iv = _iv_of(ciphertext)
    if iv is None:
        return "the envelope is not standard base64 with padding and without line breaks"
    if len(iv) < IV_BYTES:
        return f"the envelope has {len(iv)} bytes, fewer than an IV"
    if iv_given and vector.iv is not None and iv != vector.iv:
        return f"the envelope begins with {iv.hex()} and not with the IV that was given"
    if ciphertext in [_right_envelope(vector, iv, dialect) for dialect in dialects]:
        return _sum_fault(vector, ciphertext, iv)
    return "the envelope does not hold the text under this key and the IV that it begins with"


def _iv_of(ciphertext: str) -> bytes | None:
    """What stands where the IV belongs; None if that is not base64 as all clients write it."""
    try:
        envelope = base64.b64decode(ciphertext, validate=True)
    except ValueError:
        return None
    return envelope[:IV_BYTES] if base64.b64encode(envelope).decode() == ciphertext else None


def _right_envelope(vector: Vector, iv: bytes, dialect: Dialect) -> str:
    known = vector.outcomes.get(dialect)
    if iv == vector.iv and isinstance(known, Encrypted):
        return known.ciphertext
    return encrypt(vector.key, vector.text or "", iv=iv, dialect=dialect)


def _sum_fault(vector: Vector, ciphertext: str, iv: bytes) -> str:
    if vector.ciphertext_sha256 is None or iv != vector.iv:
        return ""
    found = hashlib.sha256(ciphertext.encode()).hexdigest()
    return "" if found == vector.ciphertext_sha256 else f"the envelope has the SHA-256 {found}"


def _ivs_fault(vector: Vector, drawn: DrawnIvs) -> str:
    if vector.operation != "ivs":
        return f"{words.outcome(drawn)} where something else belongs"
    if repeated := _repeated(drawn):
        return repeated
    if drawn.fixed_bits:
        return f"of the 128 bits of the IV, {drawn.fixed_bits} are the same in all {drawn.encryptions:,} encryptions"
    if PREDICTABLE in vector.flags and drawn.predictable:
        return f"{drawn.predictable} of {drawn.examined} IVs are outputs of java.util.Random: the next one follows"
    return ""


def _repeated(drawn: DrawnIvs) -> str:
    if drawn.of_16_bytes < drawn.encryptions:
        return f"only {drawn.of_16_bytes:,} of {drawn.encryptions:,} envelopes begin with an IV of {IV_BYTES} bytes"
    if drawn.distinct < drawn.encryptions:
        return f"only {drawn.distinct:,} different IVs in {drawn.encryptions:,} encryptions"
    return ""
