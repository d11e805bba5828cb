"""Outcomes, verdicts and texts in words for people: the one place for them.

What strangers wrote (a runner's messages, the texts of vectors) is shown so that it can do nothing: control
characters, direction marks, invisible ones and halves of surrogate pairs appear as their numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import assert_never

from harness.cipher import IV_BYTES, Dialect
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
from harness.interop.suite import Operation, Result, Vector

__all__ = [
    "CLIENTS",
    "OPERATIONS",
    "RESULTS",
    "VERDICTS",
    "compared",
    "count",
    "demanded",
    "hex_of",
    "meaning",
    "message",
    "outcome",
    "plain",
    "quoted",
    "raw_bytes",
    "shape",
    "told",
]

VERDICTS: Mapping[Verdict, str] = {
    "pass": "as it should be",
    "known": "a divergence that was expected",
    "fail": "a divergence that was not expected",
    "gone": "an expected divergence that did not come",
    "skip": "could not be asked",
}
RESULTS: Mapping[Result, str] = {
    "valid": "exactly this must come out",
    "invalid": "this must be refused",
    "acceptable": "this may be refused, or answered as one of the real clients does",
}
_SERIES = "every encryption must succeed, and the IVs be as expected"
OPERATIONS: Mapping[Operation, str] = {
    "decrypt": "decrypt an envelope",
    "encrypt": "encrypt a text",
    "ivs": "encrypt one text again and again and look at the IVs",
}
CLIENTS: Mapping[Dialect, str] = {
    "phone": "the Android app",
    "jvm": "the app's code on OpenJDK",
    "node": "httpsms for Node",
    "go": "httpsms-go",
}

# As much of a value as a line of a report bears.
_LINE = 60
_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_QUOTED_ESCAPES = {**_NAMED_ESCAPES, '"': '\\"', "\\": "\\\\"}
# java.lang.IllegalArgumentException, but not runtime.boundsError, whose package is half of its name.
_PACKAGED = re.compile(r"(?:[a-z_]\w*\.)+([A-Z]\w*(?:\[\w+\])?)")

_LETTER = re.compile("[A-Za-z0-9+/_-]")


# -- texts -------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """One line that shows nothing but what it says: what is not printable appears as its number."""
    return text if text.isprintable() else "".join(_escaped(character, _NAMED_ESCAPES) for character in text)


def quoted(text: str, limit: int | None = None) -> str:
    """The text in quotes, escaped as in Python; of one longer than `limit` characters its beginning and its length."""
    shown = "".join(_escaped(character, _QUOTED_ESCAPES) for character in text[:limit])
    return _closed(shown, text, limit)


def _escaped(character: str, named: Mapping[str, str]) -> str:
    if character in named:
        return named[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _closed(shown: str, text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return f'"{shown}"'
    return f'"{shown}…" ({count(len(text), "character")})'


def count(number: int, noun: str) -> str:
    """1 vector, 2 vectors, 1,520 vectors."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def raw_bytes(text: str) -> bytes | None:
    """The bytes that an implementation handed on though they are no UTF-8; None for a text."""
    if not any("\udc80" <= character <= "\udcff" for character in text):
        return None
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a half of another kind is among them, so it was a text after all
        return None


def hex_of(text: str) -> str:
    """The UTF-8 of a text in hex, byte by byte; a half of a surrogate pair has three bytes."""
    return text.encode("utf-8", "surrogatepass").hex(" ")


# -- outcomes ----------------------------------------------------------------------------------------


def outcome(value: Outcome, limit: int | None = _LINE) -> str:
    """What came, in one line: `text "Hello"`, `refused: IllegalArgumentException`, `CRASH: runtime.boundsError`."""
    match value:
        case Decrypted(text):
            return _text(text, limit)
        case Encrypted(ciphertext):
            return f"envelope {quoted(ciphertext, limit)}"
        case DrawnIvs():
            return _ivs(value)
        case Refused(error):
            return f"refused: {_class(error)}"
        case Crashed(how):
            return f"CRASH: {plain(how)}"
        case Silent(seconds):
            return f"no answer within {seconds:g} s"
        case Garbled(what):
            return f"no answer of the protocol: {plain(what)}"
        case Skipped(why):
            return f"skipped: {plain(why)}"
        case NotRun(why):
            return f"not run: {plain(why)}"
        case _:
            assert_never(value)


def _text(text: str, limit: int | None) -> str:
    if raw_bytes(text) is None:
        return f"text {quoted(text, limit)}"
    escapes = {**_QUOTED_ESCAPES, **{chr(0xDC00 + byte): f"\\x{byte:02x}" for byte in range(0x80, 0x100)}}
    shown = "".join(_escaped(character, escapes) for character in text[:limit])
    return f"bytes {_closed(shown, text, limit)}, which are no UTF-8"


def _ivs(drawn: DrawnIvs) -> str:
    words = [f"{count(drawn.distinct, 'different IV')} in {count(drawn.encryptions, 'encryption')}"]
    if drawn.of_16_bytes != drawn.encryptions:
        words.append(f"{drawn.of_16_bytes:,} of 16 bytes")
    if drawn.examined:
        words.append(f"{drawn.predictable} of {drawn.examined} predictable")
    if drawn.fixed_bits:
        words.append(f"{drawn.fixed_bits} bits the same in all")
    return ", ".join(words)


def _class(error: str) -> str:
    packaged = _PACKAGED.fullmatch(error)
    return packaged[1] if packaged else plain(error)


def message(value: Outcome) -> str:
    """What the implementation said beside the class of its error, in one line; empty if nothing."""
    match value:
        case Refused(message=said) | Crashed(message=said):
            return plain(said)
    return ""


def told(value: Outcome, limit: int | None = _LINE) -> str:
    """The outcome with the message that came with it."""
    said = message(value)
    return f"{outcome(value, limit)}: {said}" if said else outcome(value, limit)


def shape(value: Outcome) -> str:
    """What outcomes of one kind share, in words: failures of one shape are told together."""
    match value:
        case Decrypted():
            return "a text"
        case Encrypted():
            return "an envelope"
        case DrawnIvs():
            return "IVs"
        case Silent():
            return "no answer"
    return outcome(value)


def compared(vector: Vector, value: Outcome, limit: int | None = _LINE) -> str:
    """The outcome with its message, and what strikes the eye beside the vector: `text "Hell" (cut)`."""
    if vector.operation != "decrypt" or not isinstance(value, Decrypted):
        return told(value, limit)
    strikes = _is_cut(vector.ciphertext or "", value.text) if vector.text is None else _strikes(vector.text, value)
    return f"{told(value, limit)} ({strikes})" if strikes else told(value, limit)


def _is_cut(ciphertext: str, text: str) -> str:
    """Where it is not known what should have come: does the envelope hold more than came out of it?

    Replacement characters stand for one byte or for several, so that of a text with them nobody knows.
    """
    if "\ufffd" in text.rstrip("\ufffd"):
        return ""
    held = len(_LETTER.findall(ciphertext)) * 3 // 4 - IV_BYTES
    return "cut" if len(text.encode("utf-8", "surrogateescape" if raw_bytes(text) else "surrogatepass")) < held else ""


def _strikes(expected: str, value: Decrypted) -> str:
    if value.text == expected:
        return ""
    if expected.startswith(value.text):
        return "cut"
    if value.text.startswith(expected):
        return "more follows"
    if value.text.strip() == expected.strip():
        return "other white space around it"
    if unicodedata.normalize("NFC", value.text) == unicodedata.normalize("NFC", expected):
        return "another Unicode normalisation"
    return ""


# -- vectors -----------------------------------------------------------------------------------------


def meaning(vector: Vector) -> str:
    """What the result of a vector means. Of a series nothing in particular comes out."""
    return _SERIES if vector.operation == "ivs" else RESULTS[vector.result]


def demanded(vector: Vector, limit: int | None = _LINE) -> str:
    """What a correct implementation does with a vector."""
    match vector.result, vector.operation:
        case "invalid", _:
            return "an error that a caller can handle"
        case "acceptable", _:
            return "an error that a caller can handle, or what one of the real clients does"
        case _, "decrypt":
            return f"text {quoted(vector.text or '', limit)}"
        case _, "encrypt":
            return _envelope(vector, limit)
    series = f"{count(vector.encryptions, 'encryption')}, each with an IV of its own of 16 bytes"
    return f"{series}, none of them an output of java.util.Random" if vector.unpredictable else series


def _envelope(vector: Vector, limit: int | None) -> str:
    if vector.ciphertext is not None:
        return f"envelope {quoted(vector.ciphertext, limit)}, or the same text under an IV of its own"
    if vector.ciphertext_sha256 is not None:
        return f"an envelope with the SHA-256 {vector.ciphertext_sha256}, or the same text under an IV of its own"
    return "the envelope of the text"
