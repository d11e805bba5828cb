"""Reads vectors: the JSON text of a file like `vectors/cipher-v1.json` becomes a `Suite`.

The form is Wycheproof's; `vectors/cipher-v1.schema.json` describes it. Fields that are not known are passed over, so
that a later version of the form may have more of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from harness.cipher import DIALECTS, IV_BYTES, Dialect
from harness.errors import VectorError
from harness.interop.fields import Fields, guess, parse_json, shorter, shown
from harness.interop.outcomes import Crashed, Decrypted, DrawnIvs, Encrypted, Outcome, Refused
from harness.interop.suite import Flag, Operation, Result, Suite, Vector

__all__ = ["ALGORITHM", "SCHEMA", "agreement", "envelope_iv", "outcome_of", "parse_suite", "unique"]

ALGORITHM = "HTTPSMS-AES-256-CFB128"
SCHEMA = "cipher-v1.schema.json"

_OPERATIONS: Mapping[str, Operation] = {
    "EnvelopeDecrypt": "decrypt",
    "EnvelopeEncrypt": "encrypt",
    "EnvelopeIvs": "ivs",
}
_ENCRYPTIONS_MAX = 100_000  # all of them are asked for at once
_RESULTS: tuple[Result, ...] = ("valid", "invalid", "acceptable")


def parse_suite(text: str, name: str) -> Suite:
    """The vectors in the JSON `text` of the file `name`. Raises VectorError, which says where the file is wrong."""
    top = parse_json(text, name)
    for field, ours in (("algorithm", ALGORITHM), ("schema", SCHEMA)):
        if top.text(field) != ours:
            raise top.wrong(field, f"is {shown(top.text(field))}, and this version reads {ours!r}")
    flags = _flags(top.inner("notes"))
    vectors = unique(name, (vector for group in top.objects("testGroups", "group") for vector in _group(group, flags)))
    if top.number("numberOfTests") != len(vectors):
        raise top.wrong("numberOfTests", f"is {top.number('numberOfTests')}, but there are {len(vectors)} tests")
    return Suite(name, vectors, flags)


def unique(file: str, vectors: Iterator[Vector]) -> tuple[Vector, ...]:
    """The vectors, whose ids must differ: VectorError otherwise."""
    found: dict[str, Vector] = {}
    for vector in vectors:
        if vector.id in found:
            other = shorter(found[vector.id].comment)
            raise VectorError(file, f"test {shorter(vector.id)}", f"has the number of another one ({other})")
        found[vector.id] = vector
    return tuple(found.values())


def _flags(notes: Fields) -> dict[str, Flag]:
    return {name: _flag(name, notes.inner(name)) for name in notes.values}


def _flag(name: str, note: Fields) -> Flag:
    return Flag(name, note.text("bugType"), note.text("description"), note.text("effect"), note.text("remedy"))


def _group(group: Fields, flags: Mapping[str, Flag]) -> Iterator[Vector]:
    operation = _OPERATIONS[group.one_of("type", _OPERATIONS)]
    name = group.text("name")
    for test in group.objects("tests", f"{name}, test"):
        number = test.number("tcId")
        yield _vector(Fields(test.file, f"test {number}", test.values), operation, name, flags)


def _vector(test: Fields, operation: Operation, group: str, flags: Mapping[str, Flag]) -> Vector:
    key = test.unicode("key", "keyUtf16")
    if key is None:
        raise test.wrong("key", "is missing")
    result = test.one_of("result", _RESULTS)
    text, ciphertext = test.unicode("text", "textUtf16"), test.unicode("ciphertext", "ciphertextUtf16")
    iv = envelope_iv(test)
    _need(test, operation, result, {"text": text, "ciphertext": ciphertext, "iv": iv})
    return Vector(
        id=str(test.number("tcId")),
        operation=operation,
        group=group,
        comment=test.text("comment"),
        flags=_known(test, flags),
        result=result,
        key=key,
        ciphertext=ciphertext,
        text=text,
        iv=iv,
        encryptions=test.number("encryptions", _ENCRYPTIONS_MAX) if operation == "ivs" else 1,
        unpredictable=operation == "ivs" and test.is_true("unpredictable"),
        outcomes=_outcomes(test, operation, text, ciphertext),
    )


def _known(test: Fields, flags: Mapping[str, Flag]) -> tuple[str, ...]:
    names = test.texts("flags")
    for name in names:
        if name not in flags:
            raise test.wrong("flags", f"has {shown(name)}, which notes do not explain{guess(name, flags)}")
    return names


def envelope_iv(test: Fields) -> bytes | None:
    """The field `iv`, if it is there: 16 bytes in hex."""
    iv = test.maybe_octets("iv")
    if iv is not None and len(iv) != IV_BYTES:
        raise test.wrong("iv", f"has {len(iv)} bytes instead of {IV_BYTES}")
    return iv


_NEEDED: Mapping[Operation, tuple[str, ...]] = {
    "decrypt": ("ciphertext",),
    "encrypt": ("text", "iv"),
    "ivs": ("text",),
}


def _need(test: Fields, operation: Operation, result: Result, found: Mapping[str, object]) -> None:
    needed = _NEEDED[operation]
    if result == "valid" and operation != "ivs":
        needed = (*needed, "text", "ciphertext")
    for name in needed:
        if found[name] is None:
            raise test.wrong(name, "is missing")


def _outcomes(
    test: Fields, operation: Operation, text: str | None, ciphertext: str | None
) -> Mapping[Dialect, Outcome]:
    """What the file says of each dialect; if it says nothing, all do what `text` or `ciphertext` says."""
    if "outcomes" in test.values:
        found = test.inner("outcomes")
        for name in found.values:
            if name not in DIALECTS:
                raise found.wrong(name, f"is none of the dialects {', '.join(DIALECTS)}{guess(name, DIALECTS)}")
        return {cast(Dialect, name): outcome_of(found.inner(name)) for name in found.values}
    if operation == "ivs":
        return {}
    agreed = agreement(operation, text, ciphertext)
    if not agreed:
        raise test.wrong("outcomes", "is missing: neither a result nor an outcome is given")
    return agreed


def agreement(operation: Operation, text: str | None, ciphertext: str | None) -> Mapping[Dialect, Outcome]:
    """The outcomes where all clients give the text or the envelope; none if it is not known."""
    if operation == "decrypt":
        return {} if text is None else dict.fromkeys(DIALECTS, Decrypted(text))
    return {} if ciphertext is None else dict.fromkeys(DIALECTS, Encrypted(ciphertext))


def outcome_of(told: Fields) -> Outcome:
    """An outcome from its JSON: `{"text"}`, `{"bytes"}`, `{"ciphertext"}`, `{"error"}`, `{"panic"}` or `{"ivs"}`."""
    match told.values:
        case {"text": str(text)}:
            return Decrypted(text)
        case {"bytes": _}:
            return Decrypted((told.maybe_octets("bytes") or b"").decode("utf-8", "surrogateescape"))
        case {"ciphertext": str(ciphertext)}:
            return Encrypted(ciphertext)
        case {"error": str(error)}:
            return Refused(error, told.maybe_text("message") or "")
        case {"panic": str(how)}:
            return Crashed(how, told.maybe_text("message") or "")
        case {"ivs": _}:
            return _drawn(told.inner("ivs"))
    raise VectorError(told.file, told.where, "is no outcome: it has no text, bytes, ciphertext, error, panic or ivs")


def _drawn(ivs: Fields) -> DrawnIvs:
    names = ("encryptions", "distinct", "of16Bytes", "examined", "predictable")
    return DrawnIvs(*map(ivs.number, names))
