"""What a table of cases is made of, and the one builder that makes vectors of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, TypedDict

from harness.cipher import DIALECTS, IV_BYTES, Dialect, raw
from harness.draws import Draws
from harness.frozen import frozen
from harness.interop.asking import calls_of
from harness.interop.ourselves import performer
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused
from harness.interop.suite import Result, Vector

__all__ = ["KEY", "TEXT", "Case", "Group", "built"]

KEY = "Melange & Kipferl 1873"
"""The pass phrase of cases that are not about pass phrases."""
TEXT = "Your table for two is booked: Friday, 19:30, at the window."
"""The text of cases that are not about texts: four blocks, the last one with 11 bytes."""

_SEED = 1873
_TRIALS = 2000


@frozen
class Case:
    """A row of a table. The envelope of `text` under `key` is made, changed, and given to a decryptor.

    `edit` changes the bytes of the envelope, `change` its base64. `wants` is what the base64 must be like before that:
    other IVs are drawn until it is. `ciphertext` stands for all of it. `hashed` are the bytes that the envelope was
    encrypted under, where they are not the UTF-8 of the key. `sender_key` is the key that it was encrypted under, where
    it is not the reader's.

    `gives` is the text that must come out, where that is not plain from the table.
    Of a series of `encryptions` nobody can compute the `outcomes`: they are recorded.
    The result `agreed` is found: `valid` if all clients give one text, `invalid` if all refuse, else `acceptable`.
    """

    comment: str
    flags: tuple[str, ...] = ()
    key: str = KEY
    text: str | bytes = TEXT
    iv: bytes | None = None
    edit: Callable[[bytes], bytes] | None = None
    change: Callable[[str], str] | None = None
    wants: Callable[[str], bool] | None = None
    ciphertext: str | None = None
    hashed: bytes | None = None
    sender_key: str | None = None
    gives: str | None = None
    result: Result | Literal["agreed", ""] = ""
    encryptions: int = 1
    unpredictable: bool = False
    outcomes: Mapping[Dialect, Outcome] | None = None


@frozen
class Group:
    """A table: cases of one class. `flags` are those of every case, `result` that of each which has none of its own."""

    name: str
    operation: Literal["decrypt", "encrypt", "ivs"]
    comment: str
    cases: tuple[Case, ...]
    flags: tuple[str, ...] = ()
    result: Result | Literal["agreed"] = "valid"
    source: str = "tools/vector_cases"


def built(group: Group, case: Case, number: int) -> Vector:
    """The vector that a row stands for. Raises ValueError where the row says what is not so."""
    draft = _draft(group, case, number)
    if group.operation == "ivs":
        return replace(draft, outcomes=case.outcomes or {}, result=_declared(group, case))
    [call] = calls_of(draft)
    outcomes = {dialect: performer(dialect)(call) for dialect in DIALECTS}
    vector = replace(draft, outcomes=outcomes, result=_result(group, case, outcomes), **_agreed(outcomes))
    if problem := _problem(group, case, vector):
        raise ValueError(f"{group.name}, {case.comment}: {problem}")
    return vector


def _draft(group: Group, case: Case, number: int) -> Vector:
    draws = Draws(_SEED, f"{group.operation}/{group.name}/{case.comment}")
    is_encrypted = group.operation != "decrypt"
    return Vector(
        id=str(number),
        operation=group.operation,
        group=group.name,
        comment=case.comment,
        flags=_flags(group, case),
        result="valid",
        key=case.key,
        text=str(case.text) if is_encrypted else None,
        ciphertext=None if is_encrypted else _ciphertext(case, draws),
        iv=case.iv or draws.randbytes(IV_BYTES) if group.operation == "encrypt" else None,
        encryptions=case.encryptions,
        unpredictable=case.unpredictable,
    )


def _flags(group: Group, case: Case) -> tuple[str, ...]:
    """What matters most comes first: reports count a divergence under the first flag."""
    flags = dict.fromkeys((*case.flags, *group.flags))
    return tuple(sorted(flags, key=lambda flag: flag != "ShorterThanIv"))


# -- envelopes ---------------------------------------------------------------------------------------------------------


def _ciphertext(case: Case, draws: Draws) -> str:
    if case.ciphertext is not None:
        return case.ciphertext
    for _ in range(_TRIALS):
        iv = case.iv or draws.randbytes(IV_BYTES)
        envelope = iv + raw.encrypt(_aes_key(case), iv, _plaintext(case))
        written = base64.b64encode(case.edit(envelope) if case.edit else envelope).decode()
        if case.wants is None or case.wants(written):
            return case.change(written) if case.change else written
    raise ValueError(f"{case.comment}: no IV among {_TRIALS} gives an envelope as it is wanted")


def _aes_key(case: Case) -> bytes:
    sender = case.key if case.sender_key is None else case.sender_key
    return hashlib.sha256(sender.encode() if case.hashed is None else case.hashed).digest()


def _plaintext(case: Case) -> bytes:
    return case.text if isinstance(case.text, bytes) else case.text.encode()


# -- results -----------------------------------------------------------------------------------------------------------


class _Agreed(TypedDict, total=False):
    text: str
    ciphertext: str


def _agreed(outcomes: Mapping[Dialect, Outcome]) -> _Agreed:
    """What all clients give, if they do."""
    match list(dict.fromkeys(outcomes.values())):
        case [Decrypted(text)]:
            return {"text": text}
        case [Encrypted(ciphertext)]:
            return {"ciphertext": ciphertext}
    return {}


def _declared(group: Group, case: Case) -> Result:
    result = case.result or group.result
    assert result != "agreed"
    return result


def _result(group: Group, case: Case, outcomes: Mapping[Dialect, Outcome]) -> Result:
    if (case.result or group.result) != "agreed":
        return _declared(group, case)
    if _agreed(outcomes):
        return "valid"
    return "invalid" if _all_refuse(outcomes) else "acceptable"


def _all_refuse(outcomes: Mapping[Dialect, Outcome]) -> bool:
    return all(isinstance(outcome, Refused | Crashed) for outcome in outcomes.values())


def _problem(group: Group, case: Case, vector: Vector) -> str:
    """What the row says, and the models do not bear out."""
    agreed = _agreed(vector.outcomes)
    if vector.result == "valid" and not agreed:
        return f"is no valid case, since the clients differ: {vector.outcomes}"
    if vector.result == "acceptable" and _all_refuse(vector.outcomes):
        return "is invalid: all clients refuse it"
    if vector.result == "invalid" and not any(isinstance(outcome, Refused) for outcome in vector.outcomes.values()):
        return "is not invalid: no client refuses it"
    if group.operation == "decrypt" and case.gives is not None and agreed.get("text") != case.gives:
        return f"gives {vector.outcomes} instead of {case.gives!r}"
    return ""
