"""Envelopes as they come out of what carried them: mail, forms, logs, other programs' formats. And short plain texts.

To repair such a thing by guessing, or to skip what does not belong there, is to read another text than the sender's.
"""

from __future__ import annotations

import base64

from tools.vector_cases.case import Case, Group
from tools.vector_cases.edits import after, every, holds
from tools.vector_cases.malformed import NONE, ONE, TWO

__all__ = ["CARRIED", "JOINED", "SHORT_TEXTS"]


def _parts(separator: str, written: str) -> str:
    """IV and ciphertext encoded one by one."""
    envelope = base64.b64decode(written)
    return separator.join(base64.b64encode(part).decode() for part in (envelope[:16], envelope[16:]))


def _hex_parts(written: str) -> str:
    envelope = base64.b64decode(written)
    return f"{envelope[:16].hex()}:{envelope[16:].hex()}"


_SKIPPED = ("InvalidCharacter",)

CARRIED = Group(
    "carried-envelopes",
    "decrypt",
    "Envelopes as mail, forms, JSON writers, logs and shells hand them on.",
    (
        Case("soft line breaks of quoted-printable", ("MisplacedPadding",), text=NONE, change=every(72, "=\r\n")),
        Case("lines folded with a space, as in a header", ("Whitespace",), text=ONE, change=every(64, "\r\n ")),
        Case("lines folded with a tab, as in a header", ("Whitespace",), text=ONE, change=every(64, "\r\n\t")),
        Case("a space for each line break", ("Whitespace",), text=NONE, change=every(64, " ")),
        Case("> before each line, as in a reply", _SKIPPED, text=NONE, change=lambda it: "> " + every(64, "\n> ")(it)),
        Case("a letter n behind a backslash at the end", _SKIPPED, text=NONE, change=after("\\n")),
        Case("+ escaped for JSON", _SKIPPED, text=NONE, wants=holds("+"), change=lambda it: it.replace("+", "\\u002b")),
        Case("= escaped for JSON", _SKIPPED, text=ONE, change=lambda it: it.replace("=", "\\u003d")),
        Case("+ escaped for HTML", _SKIPPED, text=NONE, wants=holds("+"), change=lambda it: it.replace("+", "&#43;")),
        Case("= escaped for HTML", _SKIPPED, text=TWO, change=lambda it: it.replace("=", "&#61;")),
        Case("= escaped for URLs, twice", _SKIPPED, text=ONE, change=lambda it: it.replace("=", "%253D")),
        Case("a field of a form", ("MisplacedPadding",), text=NONE, change=lambda it: f"encrypted=true&content={it}"),
        Case("bytes as Python shows them", _SKIPPED, text=NONE, change=lambda it: f"b'{it}'"),
        Case("an element of XML", _SKIPPED, text=NONE, change=lambda it: f"<content>{it}</content>"),
        Case("cut by a log: three full stops", _SKIPPED, text=NONE, change=lambda it: it[:40] + "..."),
        Case("cut by a log: an ellipsis", ("NonAscii",), text=NONE, change=lambda it: it[:40] + "…"),
    ),
    result="invalid",
)  # fmt: skip

JOINED = Group(
    "joined-envelopes",
    "decrypt",
    "Other formats, and more than one envelope: to read a part of them is to leave the rest out.",
    (
        Case("IV, colon, ciphertext", ("MisplacedPadding",), text=NONE, change=lambda it: _parts(":", it)),
        Case("IV, full stop, ciphertext", ("MisplacedPadding",), text=NONE, change=lambda it: _parts(".", it)),
        Case("IV, full stop, ciphertext, no padding", text=NONE, change=lambda it: _parts(".", it).replace("=", "")),
        Case("IV, colon, ciphertext in hex", text=NONE, change=_hex_parts),
        Case("bytes in hex with colons", text=NONE, change=lambda it: base64.b64decode(it).hex(":")),
        Case("two envelopes with a comma between", text=NONE, change=lambda it: f"{it},{it}"),
        Case("two envelopes in a list of JSON", text=NONE, change=lambda it: f'["{it}","{it}"]'),
        Case("two envelopes, a line break between", ("MisplacedPadding",), text=ONE, change=lambda it: f"{it}\n{it}"),
        Case("behind base64 and a colon", text=NONE, change=lambda it: f"base64:{it}"),
        Case("behind cipher in braces", text=NONE, change=lambda it: "{cipher}" + it),
        Case("within ENC and parentheses", text=NONE, change=lambda it: f"ENC({it})"),
    ),
    flags=("NotAnEnvelope",),
    result="invalid",
)  # fmt: skip

SHORT_TEXTS = Group(
    "short-texts",
    "decrypt",
    "Plain texts of fewer than 24 letters that are legal base64: nobody encrypted them.",
    (
        Case("a phone number of twelve characters", ciphertext="+18005550199"),
        Case("a one-time code of eight digits", ciphertext="48291375"),
        Case("a word that carriers answer to", ciphertext="HELP"),
        Case("a truth", ciphertext="true"),
        Case("a word of eight letters", ciphertext="Tomorrow"),
        Case("a word of twelve letters", ciphertext="Donnerwetter"),
        Case("a path", ciphertext="/var/log/sms"),
        Case("twenty letters without a space", ciphertext="ThankYouForYourOrder"),
    ),
    flags=("ShorterThanIv", "NotAnEnvelope"),
    result="invalid",
)
