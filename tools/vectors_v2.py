"""Writes harness/interop/vectors/envelope-v2.json, the vectors of the envelope that docs/envelope-v2.md proposes.

`python -m tools.vectors_v2` writes the file anew, the same bytes each time; with `--check` it says whether the file is
what would be written, and changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from harness import cipher
from harness.cipher import v2
from harness.cipher.v2 import Context
from tools.vector_files import command, json_text, text_fields

__all__ = ["PLACE", "SCHEMA", "main", "suite", "text"]

PLACE = Path(__file__).parents[1] / "harness" / "interop" / "vectors" / "envelope-v2.json"
SCHEMA = PLACE.with_name("envelope-v2.schema.json")

Test = dict[str, Any]
NOTES: Mapping[str, tuple[str, str, str, str]] = {
    # flag: bugType, description, effect, remedy
    "KnownAnswer": (
        "BASIC",
        "What every step gives: associated data, AES key and nonce, envelope.",
        "Without the same steps nothing is read by anybody else.",
        "Compare associatedData, messageKey and nonce first: they say which step differs.",
    ),
    "Length": (
        "BASIC",
        "Texts around the borders of blocks and of base64 groups.",
        "Texts of some lengths are lost or refused.",
        "Use base64 without padding, and take the last 16 bytes for the tag.",
    ),
    "GatewayLimit": (
        "EDGE_CASE",
        "Texts that just fit into the 2,048 letters of the gateway or the 1,024 of bulk messages, and one byte more.",
        "The gateway refuses the message, and the app drops a received one.",
        "Count the letters of the envelope before it is sent: 3 + ceil(4(32 + n) / 3).",
    ),
    "TextKind": (
        "FUNCTIONALITY",
        "Texts that libraries like to alter: byte order marks, NUL, line breaks, accents in two spellings.",
        "The text that comes out is not the one that went in.",
        "Encode and decode UTF-8 without normalising, and keep U+FEFF (TextDecoder needs ignoreBOM: true).",
    ),
    "KeyKind": (
        "FUNCTIONALITY",
        "Pass phrases of every kind. They are UTF-8 and nothing else: not trimmed, normalised, or decoded.",
        "Two clients with the same pass phrase do not read each other.",
        "Hand the UTF-8 of the pass phrase to HKDF as it is.",
    ),
    "UnusableKey": (
        "WEAK_PARAMS",
        "Pass phrases that no phone can hold, since the app trims them, or that are shorter than 16 bytes.",
        "The phone cannot read what was written, or anybody who sees an envelope guesses the pass phrase.",
        "Refuse them before anything is encrypted.",
    ),
    "UnusableText": (
        "EDGE_CASE",
        "A text with a lone surrogate.",
        "Encoders put ? or U+FFFD in its place, and nobody notices.",
        "Refuse it: isWellFormed() in JavaScript, a strict CharsetEncoder in Java.",
    ),
    "ContextKind": (
        "FUNCTIONALITY",
        "Owners and contacts of every kind that the API shows.",
        "Texts from short codes or from names are lost.",
        "Take both fields from the API as they are, and put the length before each.",
    ),
    "UnusableContext": (
        "EDGE_CASE",
        "Owners and contacts that the API does not show so, since the server would write them another way.",
        "The reader sees another number than the writer has bound, and refuses the message.",
        "Write numbers in E.164 before they are bound; refuse what the server would alter.",
    ),
    "WrongKey": (
        "AUTH_BYPASS",
        "An envelope under another pass phrase.",
        "In version 1 this gave garbage, which the phone sent as a text.",
        "Refuse it.",
    ),
    "WrongContext": (
        "AUTH_BYPASS",
        "An envelope of another conversation, or of the other direction.",
        "A gateway, or who has broken into it, hands a text to the wrong person, or a received one back as an own.",
        "Put direction, owner and contact into the associated data.",
    ),
    "Changed": (
        "AUTH_BYPASS",
        "One bit of an envelope is another, at each of its bytes: salt, ciphertext, tag.",
        "In version 1 such a change altered the text without an error.",
        "Compare the whole tag, and hand out nothing before.",
    ),
    "Cut": (
        "AUTH_BYPASS",
        "Bytes are missing, or there are more, swapped or repeated.",
        "In version 1 a shorter text came out without an error.",
        "Demand 32 bytes, and the whole tag.",
    ),
    "Spelling": (
        "MALLEABILITY",
        "The same bytes in another base64: padded, url-safe, with white space, with unused bits set, or look-alikes.",
        "One envelope has many spellings, so a copy of it is not recognised; decoders disagree on what they mean.",
        "Decode, encode again, and compare with what came.",
    ),
    "Mark": (
        "MODIFIED_PARAMETER",
        "The mark in front is another one, or misspelt.",
        "A reader takes one version for another.",
        "v2= exactly; v and one to three digits and = is another version; all else has no mark.",
    ),
    "Misderived": (
        "MISSING_STEP",
        "Envelopes of a writer that leaves out or confuses a step.",
        "What protects against guessing, reuse or replay is not there.",
        "Follow the format to the letter.",
    ),
    "NotUtf8": (
        "EDGE_CASE",
        "The tag is right, and the bytes inside are no UTF-8: no writer of this format makes them.",
        "Readers would put different characters in their place.",
        "Refuse them (TextDecoder needs fatal: true).",
    ),
    "VersionOne": (
        "LEGACY",
        "Envelopes of version 1, which today's clients write.",
        "Nothing vouches for what is in them.",
        "The reader of both reads them as the phone does and says so; the strict one refuses them.",
    ),
    "Downgrade": (
        "AUTH_BYPASS",
        "Somebody between writer and reader makes an envelope of version 1 out of what he has.",
        "All that version 2 protects from is back, for whoever still accepts version 1.",
        "Never try version 1 on what is marked as version 2, and demand version 2 as soon as all writers have it.",
    ),
}

KEY = "Q7XK-2MVA-F5GT-YJ4C-WN3E-RB6D-HUPZ-SLOI"
TEXT = "The code is 4711"
OWNER, CONTACT = "+18005550199", "+18005550100"
OUTGOING = Context("outgoing", OWNER, CONTACT)
INCOMING = Context("incoming", OWNER, CONTACT)


def suite() -> dict[str, Any]:
    """The whole file as a value; tests are numbered through."""
    groups = [
        _group("EnvelopeV2Encrypt", "known answers", "All steps, to find out which one differs", _known_answers()),
        _group("EnvelopeV2Encrypt", "lengths", "n bytes make 3 + ceil(4(32 + n) / 3) letters", _lengths()),
        _group("EnvelopeV2Encrypt", "texts", "What goes in comes out", _texts()),
        _group("EnvelopeV2Encrypt", "pass phrases", "UTF-8, as they are", _keys()),
        _group("EnvelopeV2Encrypt", "contexts", "As the API shows them", _contexts()),
        _group("EnvelopeV2Encrypt", "refused pass phrases", "Nothing is written", _refused_keys()),
        _group("EnvelopeV2Encrypt", "refused contexts and texts", "Nothing is written", _refused_contexts()),
        _group("EnvelopeV2Decrypt", "wrong pass phrase", "Refused, all of them", _wrong_keys()),
        _group("EnvelopeV2Decrypt", "wrong context", "Refused, whichever part of it is another", _wrong_contexts()),
        _group("EnvelopeV2Decrypt", "each byte changed", "One bit of each byte of a short envelope", _changed()),
        _group("EnvelopeV2Decrypt", "cut, appended, swapped", "No piece of an envelope is one", _cut()),
        _group("EnvelopeV2Decrypt", "spellings", "An envelope has one spelling", _spellings()),
        _group("EnvelopeV2Decrypt", "marks", "What is marked otherwise is not read", _marks()),
        _group(
            "EnvelopeV2Decrypt", "other writers' mistakes", "What does not follow the format is not read", _mistakes()
        ),
        _group("EnvelopeV2Decrypt", "version 1 refused", "A reader that demands version 2", _version_one_refused()),
        _group("EnvelopeEitherDecrypt", "both versions", "A reader for the time of transition", _either()),
    ]
    numbers = iter(range(1, 1000))
    for group in groups:
        group["tests"] = [{"tcId": next(numbers), **test} for test in group["tests"]]
    return {
        "algorithm": "HTTPSMS-ENVELOPE-V2-PROPOSAL",
        "schema": SCHEMA.name,
        "generatorVersion": "1",
        "numberOfTests": sum(len(group["tests"]) for group in groups),
        "header": [
            "Vectors of the authenticated envelope that docs/envelope-v2.md proposes. No httpSMS client has it.",
            "EnvelopeV2Encrypt: valid is the envelope under this salt, from which both readers give the text back.",
            "EnvelopeV2Decrypt is for a reader that takes version 2 alone.",
            "EnvelopeEitherDecrypt is for one that takes version 1 too, and says which of them it was.",
            "invalid is refused, for the reason in error; acceptable may be refused, or give exactly this text.",
            "A string with a lone surrogate stands beside its UTF-16 units in hex (keyUtf16, textUtf16, contactUtf16).",
        ],
        "notes": {
            flag: dict(zip(("bugType", "description", "effect", "remedy"), note, strict=True))
            for flag, note in NOTES.items()
        },
        "testGroups": groups,
    }


def text() -> str:
    """The file: ASCII, one test a line."""
    return json_text(suite())


def _group(kind: str, name: str, comment: str, tests: Iterable[Test]) -> dict[str, Any]:
    return {"type": kind, "name": name, "comment": comment, "source": "tools/vectors_v2.py", "tests": list(tests)}


# -- one test ----------------------------------------------------------------------------------------------------------


def _encrypt(
    comment: str, flag: str, *, key: str = KEY, text: str = TEXT, context: Context = OUTGOING, error: str = ""
) -> Test:
    """What a writer makes of it, or why it refuses."""
    salt = _salt(f"{flag}: {comment}")
    test = _test(comment, flag, key, context) | text_fields("text", text) | {"salt": salt.hex()}
    if error:
        return test | {"result": "invalid", "error": error}
    return test | {"ciphertext": v2.encrypt(key, text, context, salt=salt), "result": "valid"}


def _refused(
    comment: str, flag: str, error: str, ciphertext: str, *, key: str = KEY, context: Context = OUTGOING
) -> Test:
    """A ciphertext that a reader refuses."""
    return _test(comment, flag, key, context) | {"ciphertext": ciphertext, "result": "invalid", "error": error}


def _test(comment: str, flag: str, key: str, context: Context) -> Test:
    place = {"direction": context.direction, "owner": context.owner}
    return (
        {"comment": comment, "flags": [flag]}
        | text_fields("key", key)
        | place
        | text_fields("contact", context.contact)
    )


def _salt(name: str) -> bytes:
    """Another one for each name, the same at each run."""
    return hashlib.sha256(f"envelope v2: {name}".encode()).digest()[: v2.SALT_BYTES]


def _letters(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _bytes(envelope: str) -> bytes:
    body = envelope.removeprefix(v2.MARK)
    return base64.b64decode(body + "=" * (-len(body) % 4))


# -- writing -----------------------------------------------------------------------------------------------------------


def _known_answers() -> Iterator[Test]:
    for comment, key, message, context in (
        ("a text to be sent", KEY, TEXT, OUTGOING),
        ("the same text as if received", KEY, TEXT, INCOMING),
        ("an empty text", KEY, "", OUTGOING),
        ("a text from a name, under a pass phrase that is not ASCII", "Żółta łódź podwodna", "€ 10 🙂",
         Context("incoming", OWNER, "MyBank")),
    ):  # fmt: skip
        message_key, nonce = v2.derive(key, _salt(f"KnownAnswer: {comment}"))
        steps = {"associatedData": context.associated_data(), "messageKey": message_key, "nonce": nonce}
        answer = _encrypt(comment, "KnownAnswer", key=key, text=message, context=context)
        yield answer | {name: value.hex() for name, value in steps.items()}


def _lengths() -> Iterator[Test]:
    for size in (0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 64):
        yield _encrypt(f"{size} bytes", "Length", text="x" * size)
    for letters in (2048, 1024):
        room = v2.room(letters)
        yield _encrypt(f"{room} bytes: the last that fit into {letters} letters", "GatewayLimit", text="x" * room)
        yield _encrypt(f"{room + 1} bytes: {letters} letters are exceeded", "GatewayLimit", text="x" * (room + 1))


def _texts() -> Iterator[Test]:
    for comment, message in (
        ("a byte order mark in front", "\ufeffHello"),
        ("NUL in front, inside and behind", "\0He\0llo\0"),
        ("line breaks and blanks around", " \r\nHello\t\n "),
        ("an accent in one character", "Caf\u00e9"),
        ("the same accent in two characters", "Cafe\u0301"),
        ("emoji of several code points", "👩\u200d👩\u200d👧 🇵🇱"),
        ("the last code point", "\U0010ffff"),
        ("non-characters", "\ufffe\uffff"),
        ("a replacement character that was written", "\ufffd"),
        ("right to left", "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"),
        ("506 times the euro sign", "€" * 506),
        ("a text that looks like an envelope", v2.encrypt(KEY, "inner", OUTGOING, salt=_salt("inner"))),
    ):
        yield _encrypt(comment, "TextKind", text=message)


def _keys() -> Iterator[Test]:
    for comment, key in (
        ("16 bytes, the least", "sixteen bytes ok"),
        ("a sentence", "correct horse battery staple umbrella"),
        ("blanks inside", "a  b\tc\nd  e  f  g"),
        ("accents in one character", "caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9"),
        ("the same in two characters", "cafe\u0301 cafe\u0301 cafe\u0301 cafe\u0301"),
        ("Han, 18 bytes", "\u4f60\u597d\u4e16\u754c\u4f60\u597d"),
        ("four emoji", "🐎🔋📎🎈"),
        ("NUL inside", "before\0and after it"),
        ("looks like hex", "00112233445566778899aabbccddeeff"),
        ("looks like base64", "AAECAwQFBgcICQoLDA0ODw=="),
        ("64 bytes, a block of SHA-256", "k" * 64),
        ("65 bytes", "k" * 65),
        ("a thousand bytes", "0123456789" * 100),
        ("a zero width space at the end, which nobody trims", "sixteen bytes ok\u200b"),
    ):
        yield _encrypt(comment, "KeyKind", key=key)


def _contexts() -> Iterator[Test]:
    for comment, context in (
        ("a text to oneself", Context("outgoing", OWNER, OWNER)),
        ("the shortest and the longest number", Context("outgoing", "+12", "+123456789012345")),
        ("to a short code of two digits", Context("outgoing", OWNER, "42")),
        ("to a short code of nine digits, before which the server puts no +", Context("outgoing", OWNER, "123456789")),
        ("from a short code", Context("incoming", OWNER, "72645")),
        ("from a national number that the server could not read", Context("incoming", OWNER, "0000000000")),
        ("from a name", Context("incoming", OWNER, "BANK")),
        ("from a name with blanks and signs", Context("incoming", OWNER, "My Bank+1 @")),
        ("from a name that is not ASCII", Context("incoming", OWNER, "Жук ÄÖ")),
        ("from 255 bytes, the most", Context("incoming", OWNER, "n" * 255)),
    ):
        yield _encrypt(comment, "ContextKind", context=context)


def _refused_keys() -> Iterator[Test]:
    good = "sixteen bytes ok"
    for comment, key in (
        ("none", ""),
        ("a usual one", "Password123"),
        ("15 bytes", good[:15]),
        ("five Han characters, 15 bytes", "\u4f60\u597d\u4e16\u754c\u4f60"),
        ("a lone surrogate", good + "\ud83d!"),
        *((f"U+{ord(letter):04X} at the end", good + letter) for letter in "\n \0\x1c\x85\xa0\u180e\u3000\ufeff"),
        *((f"U+{ord(letter):04X} in front", letter + good) for letter in " \t\u2003\ufeff"),
    ):
        yield _encrypt(comment, "UnusableKey", key=key, error="unusable-key")


def _refused_contexts() -> Iterator[Test]:
    for comment, owner in (
        ("no owner", ""),
        ("an owner without +", "18005550199"),
        ("an owner with blanks", "+1 800 555 0199"),
        ("an owner with a zero after the +", "+08005550199"),
        ("an owner of 16 digits", "+1234567890123456"),
        ("an owner with digits of another script", "+1\u0668\u0660\u0660"),
        ("an owner and a line break", OWNER + "\n"),
    ):
        context = Context("outgoing", owner, CONTACT)
        yield _encrypt(comment, "UnusableContext", context=context, error="unusable-context")
    for comment, contact in (
        ("to nobody", ""),
        ("to one digit", "1"),
        ("to ten digits, before which the server puts a +", "8005550100"),
        ("to a number with blanks", "+1 800 555-0100"),
        ("to digits of another script", "\u0664\u0662"),
        ("to a name", "BANK"),
        ("to a number and a blank", CONTACT + " "),
    ):
        context = Context("outgoing", OWNER, contact)
        yield _encrypt(comment, "UnusableContext", context=context, error="unusable-context")
    for comment, contact in (
        ("from nobody", ""),
        ("from a name after a blank", " BANK"),
        ("from 256 bytes", "n" * 256),
        ("from a lone surrogate", "BANK\ud800"),
    ):
        context = Context("incoming", OWNER, contact)
        yield _encrypt(comment, "UnusableContext", context=context, error="unusable-context")
    yield _encrypt("a lone surrogate in the text", "UnusableText", text="Hello \ud83d", error="unusable-text")


# -- reading -----------------------------------------------------------------------------------------------------------

ENVELOPE = v2.encrypt(KEY, TEXT, OUTGOING, salt=_salt("read"))


def _wrong_keys() -> Iterator[Test]:
    for comment, key in (
        ("another one", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
        ("the last letter is another", KEY[:-1] + "J"),
        ("small letters", KEY.lower()),
        ("without the hyphens", KEY.replace("-", "")),
        ("a letter more", KEY + "A"),
        ("a zero width space more", KEY + "\u200b"),
    ):
        yield _refused(comment, "WrongKey", "not-authentic", ENVELOPE, key=key)
    one, two = "caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301 cafe\u0301"
    written = v2.encrypt(one, TEXT, OUTGOING, salt=_salt("accents"))
    yield _refused("the same accents in two characters", "WrongKey", "not-authentic", written, key=two)
    yield _refused("a blank more", "UnusableKey", "unusable-key", ENVELOPE, key=KEY + " ")


def _wrong_contexts() -> Iterator[Test]:
    name, short = Context("incoming", OWNER, "BANK"), Context("outgoing", OWNER, "72645")
    for comment, written, read in (
        ("a sent text as a received one", OUTGOING, INCOMING),
        ("a received text as a sent one", INCOMING, OUTGOING),
        ("another owner", OUTGOING, Context("outgoing", "+18005550198", CONTACT)),
        ("another contact", OUTGOING, Context("outgoing", OWNER, "+18005550101")),
        ("owner and contact exchanged", OUTGOING, Context("outgoing", CONTACT, OWNER)),
        ("owner and contact exchanged, and the direction too", OUTGOING, Context("incoming", CONTACT, OWNER)),
        ("a name in other letters", name, Context("incoming", OWNER, "Bank")),
        ("a name with an accent in two characters", Context("incoming", OWNER, "Caf\u00e9"),
         Context("incoming", OWNER, "Cafe\u0301")),
        ("a short code with a + in front", short, Context("outgoing", OWNER, "+72645")),
        ("the border between owner and contact moved", Context("incoming", OWNER, "12345"),
         Context("incoming", OWNER + "1", "2345")),
    ):  # fmt: skip
        envelope = v2.encrypt(KEY, TEXT, written, salt=_salt(comment))
        yield _refused(comment, "WrongContext", "not-authentic", envelope, context=read)
    bad = Context("outgoing", OWNER, "+1 800 555 0100")
    yield _refused("a contact as no API shows it", "UnusableContext", "unusable-context", ENVELOPE, context=bad)


def _changed() -> Iterator[Test]:
    data = _bytes(v2.encrypt(KEY, "Hi", OUTGOING, salt=_salt("short")))
    for place in range(len(data)):
        bit = place * 5 % 8
        part = "salt" if place < 16 else "tag" if place >= len(data) - 16 else "ciphertext"
        changed = bytes((*data[:place], data[place] ^ 1 << bit, *data[place + 1 :]))
        envelope = v2.MARK + _letters(changed)
        yield _refused(f"byte {place} ({part}), bit {bit}", "Changed", "not-authentic", envelope)


def _cut() -> Iterator[Test]:
    data, other = _bytes(ENVELOPE), _bytes(v2.encrypt(KEY, "The code is 0815", OUTGOING, salt=_salt("other")))
    salt, inner, tag = data[:16], data[16:-16], data[-16:]
    for comment, error, pieces in (
        ("nothing after the mark", "malformed", b""),
        ("the salt alone", "malformed", salt),
        ("31 bytes", "malformed", data[:31]),
        ("salt and tag alone", "not-authentic", salt + tag),
        ("the last byte is missing", "not-authentic", data[:-1]),
        ("the first byte is missing", "not-authentic", data[1:]),
        ("the tag is missing", "malformed", salt + inner[:15]),
        ("a tag of 12 bytes", "not-authentic", data[:-4]),
        ("the last byte of the text is missing", "not-authentic", salt + inner[:-1] + tag),
        ("a byte more", "not-authentic", data + b"\0"),
        ("twice", "not-authentic", data + data),
        ("the tag in front of the text", "not-authentic", salt + tag + inner),
        ("the salt behind", "not-authentic", inner + tag + salt),
        ("the salt of another envelope", "not-authentic", other[:16] + inner + tag),
        ("the text of another envelope", "not-authentic", salt + other[16:-16] + tag),
        ("the tag of another envelope", "not-authentic", salt + inner + other[-16:]),
        ("48 bytes of zero", "not-authentic", bytes(48)),
    ):
        yield _refused(comment, "Cut", error, v2.MARK + _letters(pieces))


def _spellings() -> Iterator[Test]:
    # 49 bytes end in two letters with four unused bits; both signs of the alphabet are to be among the letters.
    envelope = next(e for e in _many("spelling", "x" * 17) if "+" in e and "/" in e)
    body = envelope.removeprefix(v2.MARK)
    for comment, spelt in (
        ("padded", body + "=="),
        ("padded by half", body + "="),
        ("padded too much", body + "==="),
        ("unused bits set", body[:-1] + chr(ord(body[-1]) + 1)),
        ("url-safe letters", body.replace("+", "-").replace("/", "_")),
        ("one url-safe letter", body.replace("+", "-", 1)),
        ("a line break at the end", body + "\n"),
        ("a line break inside", body[:8] + "\r\n" + body[8:]),
        ("a blank after the mark", " " + body),
        ("a NUL inside", body[:8] + "\0" + body[8:]),
        ("a full stop inside, which lenient decoders skip", body[:8] + "." + body[8:]),
        ("a letter whose low byte is the right one", body[:4] + chr(0x100 + ord(body[4])) + body[5:]),
        ("full-width letters", "".join(chr(ord(letter) + 0xFEE0) for letter in body)),
        ("a single letter left over", body + "AAA"),
        ("an equals sign inside", body[:8] + "=" + body[8:]),
    ):
        yield _refused(comment, "Spelling", "malformed", v2.MARK + spelt)


def _many(name: str, message: str) -> Iterator[str]:
    for number in range(10_000):
        yield v2.encrypt(KEY, message, OUTGOING, salt=_salt(f"{name} {number}"))


def _marks() -> Iterator[Test]:
    body = ENVELOPE.removeprefix(v2.MARK)
    for comment, error, envelope in (
        ("version 3", "unknown-version", "v3=" + body),
        ("version 1", "unknown-version", "v1=" + body),
        ("version 0", "unknown-version", "v0=" + body),
        ("a zero in front", "unknown-version", "v02=" + body),
        ("version 255", "unknown-version", "v255=" + body),
        ("four digits", "unmarked", "v0002=" + body),
        ("a capital letter", "unmarked", "V2=" + body),
        ("a digit of another script", "unmarked", "v\u0662=" + body),
        ("a full stop", "unmarked", "v2." + body),
        ("a blank in front", "unmarked", " v2=" + body),
        ("a byte order mark in front", "unmarked", "\ufeffv2=" + body),
        ("the mark twice", "malformed", "v2=v2=" + body),
        ("the mark behind", "unmarked", body + "v2="),
        ("no mark", "unmarked", body),
        ("the mark alone, without its sign", "unmarked", "v2"),
        ("nothing", "unmarked", ""),
        ("a plain text", "unmarked", TEXT),
    ):
        yield _refused(comment, "Mark", error, envelope)


def _mistakes() -> Iterator[Test]:
    salt, plain, context = _salt("mistakes"), TEXT.encode(), OUTGOING.associated_data()
    key, nonce = v2.derive(KEY, salt)
    for comment, envelope in (
        ("nothing is bound", _sealed(key, nonce, salt, plain, None)),
        ("the version that is bound is 1", _sealed(key, nonce, salt, plain, b"\1" + context[1:])),
        ("the numbers are bound without their lengths",
         _sealed(key, nonce, salt, plain, context[:2] + (OWNER + CONTACT).encode())),
        ("a nonce of zeros", _sealed(key, bytes(12), salt, plain, context)),
        ("the salt as nonce", _sealed(key, salt[:12], salt, plain, context)),
        ("the key of version 1", _sealed(hashlib.sha256(KEY.encode()).digest(), nonce, salt, plain, context)),
        ("AES-128", _sealed(key[:16], nonce, salt, plain, context)),
    ):  # fmt: skip
        yield _refused(comment, "Misderived", "not-authentic", envelope)
    for comment, data in (
        ("a byte that UTF-8 does not have", b"Hello \xff"),
        ("a character that is cut", "€".encode()[:2]),
        ("a surrogate in UTF-8", b"\xed\xa0\xbd"),
        ("an overlong slash", b"\xc0\xaf"),
    ):
        yield _refused(comment, "NotUtf8", "malformed", _sealed(key, nonce, salt, data, context))


def _sealed(key: bytes, nonce: bytes, salt: bytes, data: bytes, bound: bytes | None) -> str:
    return v2.MARK + _letters(salt + AESGCM(key).encrypt(nonce, data, bound))


def _version_one(message: str, key: str = KEY) -> str:
    return cipher.encrypt(key, message, iv=_salt(f"version 1: {message}"))


def _version_one_refused() -> Iterator[Test]:
    for comment, message in (("a text", TEXT), ("an empty text", ""), ("a long text", "x" * 1520)):
        yield _refused(f"version 1: {comment}", "VersionOne", "unmarked", _version_one(message))


def _either() -> Iterator[Test]:
    yield from _either_valid()
    yield from _either_refused()
    yield from _downgrades()


def _read(
    comment: str,
    flag: str,
    version: int,
    ciphertext: str,
    message: str,
    *,
    key: str = KEY,
    context: Context = OUTGOING,
    result: str = "valid",
) -> Test:
    """What the reader of both makes of a ciphertext."""
    test = _test(comment, flag, key, context)
    return test | {"ciphertext": ciphertext, "text": message, "version": version, "result": result}


def _either_valid() -> Iterator[Test]:
    yield _read("version 2", "KnownAnswer", 2, ENVELOPE, TEXT)
    received = v2.encrypt(KEY, "€ 10", INCOMING, salt=_salt("either"))
    yield _read("version 2, received", "KnownAnswer", 2, received, "€ 10", context=INCOMING)
    yield _read("version 1", "VersionOne", 1, _version_one(TEXT), TEXT)
    yield _read("version 1: an empty text", "VersionOne", 1, _version_one(""), "")
    yield _read("version 1 without padding", "VersionOne", 1, _version_one("€ 10").rstrip("="), "€ 10")
    for comment, key in (("that is short", "Password123"), ("with a blank at the end", KEY + " "), ("none", "")):
        written = _version_one(TEXT, key)
        yield _read(f"version 1, a pass phrase {comment}", "VersionOne", 1, written, TEXT, key=key)
    odd = Context("outgoing", OWNER, "+1 800 555 0100")
    yield _read("version 1, a context of no use", "VersionOne", 1, _version_one(TEXT), TEXT, context=odd)


def _either_refused() -> Iterator[Test]:
    data = _bytes(ENVELOPE)
    changed = v2.MARK + _letters(bytes((*data[:20], data[20] ^ 1, *data[21:])))
    yield _refused("version 2, changed", "Changed", "not-authentic", changed)
    yield _refused("version 2, another pass phrase", "WrongKey", "not-authentic", ENVELOPE, key=KEY.lower())
    yield _refused("version 2, received", "WrongContext", "not-authentic", ENVELOPE, context=INCOMING)
    yield _refused("version 2, padded", "Spelling", "malformed", ENVELOPE + "=")
    yield _refused("version 3", "Mark", "unknown-version", "v3=" + ENVELOPE.removeprefix(v2.MARK))
    yield _refused("a plain text", "VersionOne", "invalid-base64", TEXT)
    yield _refused("version 1 with a line break", "VersionOne", "invalid-base64", _version_one(TEXT) + "\n")
    yield _refused("nothing", "VersionOne", "too-short", "")
    yield _refused("fewer bytes than an IV", "VersionOne", "too-short", "AAAAAAAAAAAAAAAAAAAA")


def _downgrades() -> Iterator[Test]:
    """What a reader of both cannot help accepting; only the one that demands version 2 can."""
    stripped, marked = ENVELOPE.removeprefix(v2.MARK), v2.MARK + _version_one(TEXT).rstrip("=")
    yield _garbage("version 2 without its mark", stripped)
    yield _garbage("version 1, one bit changed", _altered(_version_one(TEXT)))
    yield _garbage("version 1 under another pass phrase", _version_one(TEXT, "another pass phrase"))
    other = Context("outgoing", OWNER, "+18005550101")
    replayed = _version_one(TEXT)
    yield _read("version 1 of another conversation", "Downgrade", 1, replayed, TEXT, context=other, result="acceptable")
    yield _refused("version 1 behind the mark of version 2", "Downgrade", "not-authentic", marked)
    yield _refused("version 1 behind a mark of version 1", "Downgrade", "unknown-version", "v1=" + replayed)
    capital = ENVELOPE.replace(v2.MARK, "V2=")
    yield _refused("version 2 behind a mark in capitals", "Downgrade", "invalid-base64", capital)


def _altered(envelope: str) -> str:
    data = bytearray(base64.b64decode(envelope))
    data[-1] ^= 1
    return base64.b64encode(bytes(data)).decode("ascii")


def _garbage(comment: str, ciphertext: str) -> Test:
    return _read(comment, "Downgrade", 1, ciphertext, cipher.decrypt(KEY, ciphertext), result="acceptable")


def main(arguments: Sequence[str], place: Path = PLACE, say: Callable[[str], object] = print) -> int:
    """0 if the file is written, or is what would be written."""
    return command("tools.vectors_v2", arguments, place, _made, say)


def _made() -> tuple[str, str]:
    return text(), f"{PLACE.name}: {suite()['numberOfTests']} tests"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
