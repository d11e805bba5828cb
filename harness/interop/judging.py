"""Is it right what a runner made of a vector?

A runner that says whose dialect it speaks is held against what that client is known to do, any other against what a
correct implementation does. The same divergence is `known` of the one and a failure of the other.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import replace

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

__all__ = ["as_expected", "judge", "same"]


def judge(
    vector: Vector,
    outcome: Outcome,
    *,
    held_to: Dialect | None,
    claimed: Dialect | None = None,
    given_iv: bytes | None = None,
) -> Judgement:
    """The verdict on `outcome`.

    `held_to` is the dialect that the runner shall speak, `claimed` the one that it says it speaks: only of one that
    speaks it by its own word are the classes of errors compared. `given_iv` is the IV that the runner was told to use.
    """
    if isinstance(outcome, Skipped):
        return Judgement("skip", words.demanded(vector), words.plain(outcome.why))
    fault = _fault(vector, outcome, given_iv)
    known = None if held_to is None else vector.outcomes.get(held_to)
    if held_to is None or known is None or (isinstance(outcome, DrawnIvs) and not fault):
        # Where IVs come from is no part of a dialect: who draws better ones than that client does right.
        return Judgement("fail" if fault else "pass", words.demanded(vector), fault)
    expected, client = _in_words(vector, known), words.CLIENTS[held_to]
    match same(vector, outcome, held_to, claimed=claimed, given_iv=given_iv), bool(fault):
        case True, False:
            return Judgement("pass", expected)
        case True, True:
            return Judgement("known", expected, f"{fault}; {client} is known for it")
        case False, False:
            return Judgement("gone", expected, f"{client} is known for something else")
    return Judgement("fail", expected, fault)


def as_expected(judgement: Judgement) -> Judgement:
    """The verdict where a list of expected failures names the vector.

    It is not for a call that was never made (NotRun): that is no failure that anybody can have expected.
    """
    match judgement.verdict:
        case "fail":
            return replace(judgement, verdict="known")
        case "pass" | "gone":
            return Judgement("gone", judgement.expected, "it is in the list of expected failures, and did not fail")
    return judgement


def _in_words(vector: Vector, known: Outcome) -> str:
    """What a client is known for. Envelopes under other IVs are as good as the known one."""
    return words.demanded(vector) if isinstance(known, Encrypted | DrawnIvs) else words.outcome(known)


# -- the same as a client ----------------------------------------------------------------------------------------------


def same(
    vector: Vector,
    outcome: Outcome,
    held_to: Dialect,
    *,
    claimed: Dialect | None = None,
    given_iv: bytes | None = None,
) -> bool:
    """Is that what the client that speaks the dialect `held_to` does with the vector, as far as the vector tells?

    Errors are compared by class, if it is `claimed` to be that client's, and never by message: that belongs to the
    version of a runtime. One crash is as another.
    """
    match outcome, vector.outcomes.get(held_to):
        case Decrypted(text), Decrypted(known):
            return text == known
        case Encrypted(ciphertext), Encrypted():
            return not _envelope_fault(vector, ciphertext, [held_to], given_iv)
        case Refused(error), Refused(known):
            return error == known or claimed != held_to
        case Crashed(), Crashed():
            return True
        case DrawnIvs() as drawn, DrawnIvs() as recorded:
            return not _defect(drawn) and bool(drawn.predictable) == bool(recorded.predictable)
    return False


# -- what a correct implementation does --------------------------------------------------------------------------------


def _fault(vector: Vector, outcome: Outcome, given_iv: bytes | None) -> str:
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
            return _encryption_fault(vector, ciphertext, given_iv)
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


def _encryption_fault(vector: Vector, ciphertext: str, given_iv: bytes | None) -> str:
    if vector.operation != "encrypt":
        return f"{words.outcome(Encrypted(ciphertext))} where something else belongs"
    # Of well-formed Unicode all dialects make the same.
    dialects: Iterable[Dialect] = ("phone",) if vector.result == "valid" else vector.outcomes or DIALECTS
    return _envelope_fault(vector, ciphertext, dialects, given_iv)


def _envelope_fault(vector: Vector, ciphertext: str, dialects: Iterable[Dialect], given_iv: bytes | None) -> str:
    """Why the envelope is not the one that one of the `dialects` makes under the IV that it bears, or nothing."""
    iv = _iv_of(ciphertext)
    if iv is None:
        return "the envelope is not standard base64 with padding and without line breaks"
    if len(iv) < IV_BYTES:
        return f"the envelope has {len(iv)} bytes, fewer than an IV"
    if given_iv is not None and iv != given_iv:
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
    if defect := _defect(drawn):
        return defect
    if vector.unpredictable and drawn.predictable:
        return f"{drawn.predictable} of {drawn.examined} IVs are outputs of java.util.Random: the next one follows"
    return ""


def _defect(drawn: DrawnIvs) -> str:
    """What is wrong with IVs whatever they were drawn from."""
    if drawn.of_16_bytes < drawn.encryptions:
        return f"only {drawn.of_16_bytes:,} of {drawn.encryptions:,} envelopes begin with an IV of {IV_BYTES} bytes"
    if drawn.distinct < drawn.encryptions:
        return f"only {drawn.distinct:,} different IVs in {drawn.encryptions:,} encryptions"
    if drawn.fixed_bits:
        return f"of the 128 bits of the IV, {drawn.fixed_bits} are the same in all {drawn.encryptions:,} encryptions"
    return ""
