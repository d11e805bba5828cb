"""Bytes that are not, or only just, UTF-8, encrypted under the right key."""

from __future__ import annotations

from typing import Literal

from harness.interop.suite import Result
from tools.vector_cases.case import Case, Group

__all__ = ["PLAINTEXTS"]

_NOT_UTF8 = (
    ("a byte that never is in UTF-8", "ff"),
    ("another one", "c0"),
    ("one among letters", "6f6bfe6f6b"),
    ("one at the end", "6f6bff"),
    ("one at the beginning", "ff6f6b"),
    ("three in a row", "fffefd"),
    ("a continuation byte alone", "80"),
    ("three continuation bytes", "8081bf"),
    ("one continuation byte too many", "c3a9a9"),
    ("two bytes, the second missing", "c3"),
    ("two bytes, the second a letter", "c341"),
    ("three bytes, the third missing", "e282"),
    ("three bytes, two missing", "e2"),
    ("three bytes, the third a letter", "e28241"),
    ("three bytes, the second a letter", "e241ac"),
    ("four bytes, one missing", "f09f98"),
    ("four bytes, two missing", "f09f"),
    ("four bytes, three missing", "f0"),
    ("four bytes, the last a letter", "f09f9841"),
    ("four bytes, the third a letter", "f09f4180"),
    ("a cut character and a whole one", "f09f98f09f9880"),
    ("a cut character, a letter, a cut character", "e28241f09f"),
    ("overlong NUL of two bytes, as Java's modified UTF-8", "c080"),
    ("overlong slash of two bytes", "c0af"),
    ("overlong slash of three bytes", "e080af"),
    ("overlong slash of four bytes", "f08080af"),
    ("overlong euro sign of four bytes", "f08282ac"),
    ("the greatest overlong of two bytes", "c1bf"),
    ("the greatest overlong of three bytes", "e09fbf"),
    ("beyond Unicode", "f4908080"),
    ("far beyond Unicode", "f7bfbfbf"),
    ("five bytes", "f888808080"),
    ("six bytes", "fc8480808080"),
)
# OpenJDK counts these otherwise than all others: one U+FFFD for ED, A0..BF, 80..BF.
_SURROGATES = (
    ("first half", "eda0bd"),
    ("second half", "edb880"),
    ("the first of all halves", "eda080"),
    ("the last of all halves", "edbfbf"),
    ("both halves, as CESU-8 and Java's modified UTF-8", "eda0bdedb880"),
    ("halves in the wrong order", "edb880eda0bd"),
    ("half among letters", "6f6beda0bd6f6b"),
    ("half, last byte missing", "eda0"),
    ("half, last byte a letter", "eda041"),
    ("half, last byte missing, a second one", "eda0eda0bd"),
    ("half and one continuation byte more", "eda0bd80"),
    ("ED alone", "ed"),
    ("ED and a letter", "ed41"),
    ("three halves", "eda0bd" * 3),
)
_OTHER_ENCODINGS = (
    ("Latin-1", "Köln, 5 Uhr".encode("latin-1")),
    ("Windows-1252 with a euro sign", "5 €".encode("cp1252")),
    ("KOI8-R", "завтра".encode("koi8-r")),
    ("Shift JIS", "明日".encode("shift-jis")),
    ("GBK", "明天".encode("gbk")),
    ("UTF-16 with a byte order mark", "\ufeffOk".encode("utf-16-be")),
    ("UTF-16, little-endian, with a byte order mark", "\ufeffOk".encode("utf-16-le")),
    ("the beginning of gzip", bytes.fromhex("1f8b0800000000000003")),
    ("the beginning of a PNG", bytes.fromhex("89504e470d0a1a0a")),
    ("all bytes", bytes(range(256))),
    ("a text cut within an emoji", "See you 😀".encode()[:-1]),
    ("a text cut within an accent", "Noël à deux é".encode()[:-1]),
)
_JUST_UTF8 = (
    ("the last of two bytes", "dfbf"),
    ("the first of three bytes", "e0a080"),
    ("just before the halves", "ed9fbf"),
    ("just after the halves", "ee8080"),
    ("U+FFFD itself", "efbfbd"),
    ("U+FFFE and U+FFFF", "efbfbeefbfbf"),
    ("the first of four bytes", "f0908080"),
    ("the last of Unicode", "f48fbfbf"),
    ("byte order mark and a letter", "efbbbf41"),
    ("two byte order marks", "efbbbfefbbbf"),
)


def _hex(rows: tuple[tuple[str, str], ...], result: Result | Literal[""] = "") -> list[Case]:
    return [Case(name, text=bytes.fromhex(octets), result=result) for name, octets in rows]


PLAINTEXTS = Group(
    "plaintext-bytes",
    "decrypt",
    "Right key, but what comes is not UTF-8, or only just. U+FFFD, raw bytes and refusing are all in use; none loses "
    "what could be read.",
    (
        *_hex(_NOT_UTF8),
        *_hex(_SURROGATES),
        *(Case(name, text=octets) for name, octets in _OTHER_ENCODINGS),
        *_hex(_JUST_UTF8, result="valid"),
    ),
    flags=("PlaintextBytes",),
    result="acceptable",
)
