"""What is no envelope, or is none as encryptors write it: base64 and its dialects.

`acceptable` where who accepts it reads the right text and nothing else; `invalid` where accepting means to skip, to
guess, or to cut. So one space is `invalid`, and one line break is not: a space may have been a +, which form decoders
turn into spaces, while line breaks are only ever added.
"""

from __future__ import annotations

import base64

from harness.draws import Draws
from tools.vector_cases.case import TEXT, Case, Group
from tools.vector_cases.edits import (
    Change,
    after,
    ends_with,
    every,
    holds,
    inserted,
    replaced,
    unpadded,
    without_letters,
)

__all__ = [
    "ALPHABETS",
    "BITS",
    "CHARACTERS",
    "IV_ONLY",
    "LINE_BREAKS",
    "MISPLACED",
    "NON_ASCII",
    "NOT_ENVELOPES",
    "PADDING",
    "SHORT",
    "WHITE_SPACE",
]

_DRAWS = Draws(1873, "malformed")
_BYTES = _DRAWS.randbytes(64)


def _text(padding: int, blocks: int = 3) -> str:
    """A text of about so many blocks, whose envelope needs so many `=`."""
    length = blocks * 16 + 5
    while -(16 + length) % 3 != padding:
        length += 1
    return (TEXT * blocks)[:length]


NONE, ONE, TWO = _text(0), _text(1), _text(2)

# -- too short ---------------------------------------------------------------------------------------------------------


def _short(number: int) -> str:
    return base64.b64encode(_BYTES[:number]).decode()


SHORT = Group(
    "short",
    "decrypt",
    "Fewer than 16 bytes: no room for the IV.",
    (
        *(Case(f"{number} bytes", ciphertext=_short(number)) for number in range(16)),
        *(
            Case(f"{number} bytes, no padding", ("MissingPadding",), ciphertext=unpadded(_short(number)))
            for number in range(1, 16)
            if number % 3
        ),
        Case("15 zero bytes", ciphertext="A" * 20),
        Case("one byte, one = where two belong", ("PartialPadding",), ciphertext="Kg="),
        Case("15 bytes and surplus padding", ("ExtraPadding",), ciphertext=_short(15) + "=="),
        Case("15 bytes, URL-safe", ("UrlSafeAlphabet",), ciphertext="-_" * 10),
        Case("only LF", ("Whitespace", "LineBreak"), ciphertext="\n"),
        Case("only CR LF", ("Whitespace", "LineBreak"), ciphertext="\r\n"),
        Case("only three LF", ("Whitespace", "LineBreak"), ciphertext="\n\n\n"),
        Case("8 bytes with a LF within", ("Whitespace", "LineBreak"), ciphertext=inserted(4, "\n")(_short(8))),
        Case("15 bytes with a LF at the end", ("Whitespace", "LineBreak"), ciphertext=_short(15) + "\n"),
        Case("15 bytes in lines of four letters", ("Whitespace", "LineBreak"), ciphertext=every(4, "\r\n")(_short(15))),
        Case("only a space", ("Whitespace",), ciphertext=" "),
        Case("only a tab", ("Whitespace",), ciphertext="\t"),
        Case("only NUL", ("InvalidCharacter",), ciphertext="\0"),
        Case("one letter", ciphertext="A"),
        Case("five letters", ciphertext="AAAAA"),
        Case("21 letters: 15 bytes and six bits", ciphertext="A" * 21),
        Case("a word that is legal base64", ("NotAnEnvelope",), ciphertext="Stop"),
        Case("a text that is legal base64", ("NotAnEnvelope",), ciphertext="OKthanks"),
        Case("four digits, as a one-time code", ("NotAnEnvelope",), ciphertext="4711"),
    ),
    flags=("ShorterThanIv",),
    result="invalid",
)

IV_ONLY = Group(
    "iv-only",
    "decrypt",
    "The envelope of the empty text, and what is around it.",
    (
        Case("IV drawn", text="", gives=""),
        Case("IV all zero", text="", iv=bytes(16), gives=""),
        Case("IV all FF", text="", iv=b"\xff" * 16, gives=""),
        Case("another pass phrase: nothing can tell", ("WrongKey",), text="", sender_key="another", gives=""),
        Case("padding missing", ("MissingPadding",), text="", change=unpadded, result="acceptable"),
        Case("one = of two", ("PartialPadding",), text="", change=without_letters(1), result="acceptable"),
        Case("surplus padding", ("ExtraPadding",), text="", change=after("=="), result="acceptable"),
        Case("LF at the end", ("Whitespace", "LineBreak"), text="", change=after("\n"), result="acceptable"),
        Case("unused bits set", ("NonCanonicalBits",), ciphertext="A" * 21 + "P==", result="acceptable"),
        Case("one byte of text", text="!", gives="!"),
    ),
    flags=("IvOnly",),
)

# -- alphabets and padding ---------------------------------------------------------------------------------------------

_URL_SAFE = str.maketrans("+/", "-_")
_both = holds("+", "/")


def _url_safe(written: str) -> str:
    return written.translate(_URL_SAFE)


def _half_safe(written: str) -> str:
    return written[:40].translate(_URL_SAFE) + written[40:]


ALPHABETS = Group(
    "base64-alphabet",
    "decrypt",
    "The URL-safe alphabet.",
    (
        Case("no padding needed", text=NONE, wants=_both, change=_url_safe),
        Case("one =", text=ONE, wants=_both, change=_url_safe),
        Case("two =", text=TWO, wants=_both, change=_url_safe),
        Case("one = left away", ("MissingPadding",), text=ONE, wants=_both, change=lambda it: unpadded(_url_safe(it))),
        Case("two = left away", ("MissingPadding",), text=TWO, wants=_both, change=lambda it: unpadded(_url_safe(it))),
        Case("only - for +", text=ONE, wants=_both, change=lambda it: it.replace("+", "-")),
        Case("only _ for /", text=ONE, wants=_both, change=lambda it: it.replace("/", "_")),
        Case("one - among many +", text=NONE, wants=_both, change=lambda it: it[::-1].replace("+", "-", 1)[::-1]),
        Case("first half URL-safe, second not", text=NONE * 3, wants=_both, change=_half_safe),
        Case(
            "in the IV only", text=ONE, wants=lambda it: "/" in it[:20], change=lambda it: _url_safe(it[:20]) + it[20:]
        ),
        Case("a long text", text=NONE * 10, wants=_both, change=_url_safe),
        Case("a short text", text="Yes, on 7.", wants=_both, change=_url_safe),
    ),
    flags=("UrlSafeAlphabet",),
    result="acceptable",
)

_LONG_ONE, _LONG_TWO = _text(1, 20), _text(2, 20)

PADDING = Group(
    "base64-padding",
    "decrypt",
    "Padding at the end that is not what the length asks for: no letter is lost, so accepting is harmless.",
    (
        Case("the only = missing", ("MissingPadding",), text=ONE, change=unpadded),
        Case("both = missing", ("MissingPadding",), text=TWO, change=unpadded),
        Case("the only = missing, long text", ("MissingPadding",), text=_LONG_ONE, change=unpadded),
        Case("both = missing, long text", ("MissingPadding",), text=_LONG_TWO, change=unpadded),
        Case("the only = missing, short text", ("MissingPadding",), text="0123", wants=ends_with("="), change=unpadded),
        Case("both = missing, short text", ("MissingPadding",), text="012", wants=ends_with("=="), change=unpadded),
        Case("one = of two", ("PartialPadding",), text=TWO, change=without_letters(1)),
        Case("one = of two, long text", ("PartialPadding",), text=_LONG_TWO, change=without_letters(1)),
        *(
            Case(f"{count} = where {name}", ("ExtraPadding",), text=text, change=after("=" * (count - needed)))
            for text, needed, name in ((NONE, 0, "none belongs"), (ONE, 1, "one belongs"), (TWO, 2, "two belong"))
            for count in (1, 2, 3, 4, 8)
            if count > needed
        ),
        Case("a thousand =", ("ExtraPadding",), text=ONE, change=after("=" * 999)),
    ),
    result="acceptable",
)


def _joined_pieces(written: str) -> str:
    """IV and body encoded one by one."""
    envelope = base64.b64decode(written)
    return base64.b64encode(envelope[:16]).decode() + base64.b64encode(envelope[16:]).decode()


def _twice(written: str) -> str:
    return written + written


MISPLACED = Group(
    "base64-misplaced-padding",
    "decrypt",
    "A = with letters behind it. A reader that stops there cuts the text, and one that skips it joins what does not "
    "belong together.",
    (
        *(
            Case(f"= after {at} letters", text=NONE, change=inserted(at, "="))
            for at in (24, 28, 32, 33, 34, 35, 36, 48)
        ),
        *(Case(f"== after {at} letters", text=NONE, change=inserted(at, "==")) for at in (24, 32, 34, 48)),
        Case("==== after 32 letters", text=NONE, change=inserted(32, "====")),
        Case("= in place of a letter", text=NONE, change=replaced(40, "=")),
        Case(
            "== in place of two letters, at the end of a group", text=NONE, change=lambda it: it[:42] + "==" + it[44:]
        ),
        Case("= before the last letter", text=NONE, change=inserted(-1, "=")),
        Case("= before the last letter of an envelope with =", text=ONE, change=inserted(-2, "=")),
        Case("one letter after the =", text=ONE, change=after("A")),
        Case("one group after the =", text=ONE, change=after("AAAA")),
        Case("one group after ==", text=TWO, change=after("AAAA")),
        Case("a letter between = and =", text=TWO, change=inserted(-1, "A")),
        Case("the envelope twice, with one =", text=ONE, change=_twice),
        Case("the envelope twice, with two =", text=TWO, change=_twice),
        Case("IV and body encoded one by one, and joined", text=ONE, change=_joined_pieces),
        Case("= first", text=NONE, change=inserted(0, "=")),
        Case("==== first", text=NONE, change=inserted(0, "====")),
        Case("= after 4 letters: too short where it is cut", text=NONE, change=inserted(4, "=")),
        Case("= after 21 letters: too short where it is cut", text=NONE, change=inserted(21, "=")),
        Case("= after 22 letters: only the IV where it is cut", text=NONE, change=inserted(22, "=")),
        Case("only =", ciphertext="="),
        Case("only ==", ciphertext="=="),
        Case("only ====", ciphertext="===="),
        Case("A===", ciphertext="A==="),
        Case("= between all groups", text=NONE, change=every(4, "=")),
    ),
    flags=("MisplacedPadding",),
    result="invalid",
)

# -- white space -------------------------------------------------------------------------------------------------------

_BREAKS = (("LF", "\n"), ("CR", "\r"), ("CR LF", "\r\n"))

LINE_BREAKS = Group(
    "base64-line-breaks",
    "decrypt",
    "Line breaks, which encoders and files add: no letter is lost, so accepting is harmless.",
    tuple(
        Case(f"{name} {where}", text=TWO, change=change)
        for name, it in _BREAKS
        for where, change in (
            ("at the end", after(it)),
            ("at the beginning", inserted(0, it)),
            ("within the IV", inserted(10, it)),
            ("within the text, on a border of groups", inserted(40, it)),
            ("within a group", inserted(41, it)),
            ("before ==", inserted(-2, it)),
            ("between = and =", inserted(-1, it)),
            ("after every 64 letters", every(64, it)),
            ("after every 76 letters and at the end", lambda written, it=it: every(76, it)(written) + it),
            ("after every letter", every(1, it)),
        )
    ),
    flags=("Whitespace", "LineBreak"),
    result="acceptable",
)

_SPACES = (
    ("space", " "),
    ("tab", "\t"),
    ("vertical tab", "\v"),
    ("form feed", "\f"),
    ("no-break space", "\u00a0"),
    ("U+0085", "\u0085"),
    ("line separator", "\u2028"),
    ("ideographic space", "\u3000"),
    ("zero-width space", "\u200b"),
    ("byte order mark", "\ufeff"),
)


def _beyond_ascii(text: str) -> tuple[str, ...]:
    return () if text.isascii() else ("NonAscii",)


WHITE_SPACE = Group(
    "base64-white-space",
    "decrypt",
    "White space other than line breaks. A space may have been a +: skipping it loses a letter and shifts all others.",
    (
        *(
            Case(f"{name} {where}", _beyond_ascii(space), text=ONE, change=change)
            for name, space in _SPACES
            for where, change in (
                ("at the end", after(space)),
                ("at the beginning", inserted(0, space)),
                ("within", inserted(40, space)),
            )
        ),
        Case(
            "each + is a space, as form decoders do", text=ONE, wants=holds("+"), change=lambda it: it.replace("+", " ")
        ),
        Case(
            "each + is a space, in a long text",
            text=_LONG_ONE,
            wants=holds("+"),
            change=lambda it: it.replace("+", " "),
        ),
        Case("a space before =", text=ONE, change=inserted(-1, " ")),
        Case("spaces between all groups", text=ONE, change=every(4, " ")),
        Case("indented lines", text=ONE, change=every(32, "\n  ")),
    ),
    flags=("Whitespace",),
    result="invalid",
)

# -- other characters --------------------------------------------------------------------------------------------------

_PUNCTUATION = "!\"#$%&'()*,.:;<>?@[\\]^`{|}~"
_CONTROLS = (("NUL", "\0"), ("U+0001", "\x01"), ("backspace", "\b"), ("escape", "\x1b"), ("DEL", "\x7f"))

CHARACTERS = Group(
    "base64-characters",
    "decrypt",
    "ASCII characters that are no letters of base64. Anyone who skips one reads another text, or one that was hidden.",
    (
        *(Case(f"{mark} within", text=ONE, change=inserted(40, mark)) for mark in _PUNCTUATION),
        *(Case(f"{mark} in place of a letter", text=ONE, change=replaced(40, mark)) for mark in "!%*.:~"),
        *(Case(f"{name} within", text=ONE, change=inserted(40, mark)) for name, mark in _CONTROLS),
        *(Case(f"{name} at the end", text=ONE, change=after(mark)) for name, mark in _CONTROLS[:2]),
        Case("in quotes", text=ONE, change=lambda it: f'"{it}"'),
        Case("in angle brackets", text=ONE, change=lambda it: f"<{it}>"),
        Case("a full stop at the end", text=ONE, change=after(".")),
        Case("a comma at the end", text=NONE, change=after(",")),
        Case("a # and a remark at the end", text=ONE, change=after("#remark")),
        Case(
            "letters escaped for URLs",
            text=ONE,
            wants=_both,
            change=lambda it: it.replace("+", "%2B").replace("/", "%2F"),
        ),
        Case("= escaped for URLs", text=ONE, change=lambda it: it.replace("=", "%3D")),
        Case("= escaped for quoted-printable", text=ONE, change=lambda it: it.replace("=", "=3D")),
        Case("slashes escaped for JSON", text=ONE, wants=_both, change=lambda it: it.replace("/", "\\/")),
        Case("! after every letter", text=ONE, change=every(1, "!")),
    ),
    flags=("InvalidCharacter",),
    result="invalid",
)

_FOREIGN = (
    ("U+0141, whose low byte is A", "\u0141"),
    ("U+012B, whose low byte is +", "\u012b"),
    ("U+012F, whose low byte is /", "\u012f"),
    ("U+0130, whose low byte is 0", "\u0130"),
    ("U+0441, a Cyrillic letter whose low byte is A", "\u0441"),
    ("U+4E41, a Han character whose low byte is A", "\u4e41"),
    ("U+013D, whose low byte is =", "\u013d"),
    ("U+033D, a mark whose low byte is =", "\u033d"),
    ("U+0100, whose low byte is NUL", "\u0100"),
    ("U+0410, a Cyrillic letter that looks like A", "\u0410"),
    ("U+FF21, a full-width A", "\uff21"),
    ("U+00E9, a Latin-1 letter", "\u00e9"),
    ("U+00FF, the last of Latin-1", "\u00ff"),
    ("U+0660, an Arabic digit", "\u0660"),
    ("emoji whose first half ends in =", "😀"),
    ("emoji whose first half ends in <", "🎉"),
    ("a letter beyond the BMP whose first half ends in 5", "𝐀"),
    ("half of a pair that ends in =", "\ud83d"),
    ("half of a pair that ends in A", "\udc41"),
    ("half of a pair that ends in NUL", "\ud800"),
)
_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in map(chr, range(0x21, 0x7F))}

NON_ASCII = Group(
    "base64-non-ascii",
    "decrypt",
    "Characters beyond ASCII. Anyone who reads a byte of them, or skips them, reads what nobody wrote.",
    (
        *(Case(f"{name}, within", text=ONE, change=inserted(40, foreign)) for name, foreign in _FOREIGN),
        *(Case(f"{name}, for a letter", text=ONE, change=replaced(40, foreign)) for name, foreign in _FOREIGN[:10]),
        *(Case(f"{name}, at the end", text=NONE, change=after(foreign)) for name, foreign in _FOREIGN[:8]),
        Case("each A is U+0141: all letters are there for who reads low bytes", text=ONE, wants=holds("A"),
             change=lambda it: it.replace("A", "\u0141")),
        Case("each + is U+012B", text=ONE, wants=holds("+"), change=lambda it: it.replace("+", "\u012b")),
        Case("= is U+013D", text=ONE, change=lambda it: it.replace("=", "\u013d")),
        Case("all letters full-width", text=ONE, change=lambda it: it.translate(_FULL_WIDTH)),
        Case("a non-breaking hyphen for -", text=ONE, wants=holds("+"), change=lambda it: it.replace("+", "\u2011")),
        Case("typographic quotes around", text=ONE, change=lambda it: f"“{it}”"),
        Case("right-to-left override first", text=ONE, change=inserted(0, "\u202e")),
        Case("an emoji after the IV hides the whole text", text=NONE, change=inserted(22, "😀")),
    ),
    flags=("NonAscii",),
    result="invalid",
)  # fmt: skip

# -- unused bits -------------------------------------------------------------------------------------------------------

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _with_bits(bits: int, padding: int) -> Change:
    def change(written: str) -> str:
        last = _LETTERS.index(written[-padding - 1])
        return written[: -padding - 1] + _LETTERS[last | bits] + "=" * padding

    return change


BITS = Group(
    "base64-unused-bits",
    "decrypt",
    "Bits of the last letter that stand for nothing, set. The text is the same, so ignoring them is harmless.",
    (
        *(Case(f"before =: {bits:02b}", text=ONE, change=_with_bits(bits, 1), gives=ONE) for bits in range(1, 4)),
        *(Case(f"before ==: {bits:04b}", text=TWO, change=_with_bits(bits, 2), gives=TWO) for bits in range(1, 16)),
        Case("before a missing =: 11", ("MissingPadding",), text=ONE, change=lambda it: unpadded(_with_bits(3, 1)(it))),
        Case(
            "before a missing ==: 1111",
            ("MissingPadding",),
            text=TWO,
            change=lambda it: unpadded(_with_bits(15, 2)(it)),
        ),
    ),
    flags=("NonCanonicalBits",),
    result="acceptable",
)

# -- no envelope at all ------------------------------------------------------------------------------------------------


def _hex(written: str) -> str:
    return base64.b64decode(written).hex()


def _again(written: str) -> str:
    return base64.b64encode(written.encode()).decode()


NOT_ENVELOPES = Group(
    "not-an-envelope",
    "decrypt",
    "What was never written by an encryptor. Some of it is legal base64: then rubbish comes, and nothing can tell.",
    (
        Case("a text in English", ciphertext="See you at the station at seven"),
        Case("a text with accents", ciphertext="À demain à la gare, à sept heures"),
        Case("a text in Cyrillic", ciphertext="Увидимся завтра на вокзале в семь"),
        Case("only emoji", ciphertext="😀😀😀😀😀😀😀😀"),
        Case("a text of 24 letters that is legal base64", ciphertext="meetmeatthestationatfive", result="acceptable"),
        Case("32 digits", ciphertext="12345678901234567890123456789012", result="acceptable"),
        Case("a UUID", ciphertext="f3b1c7de-55aa-4c1e-9d62-0e6f1a2b3c4d", result="acceptable"),
        Case("an empty JSON object", ciphertext="{}"),
        Case("an envelope in JSON", change=lambda it: f'{{"content":"{it}"}}'),
        Case("an envelope as a JSON text", change=lambda it: f'"{it}"'),
        Case("an envelope in hex", text=NONE, change=_hex, result="acceptable"),
        Case("an envelope in base64 twice", text=NONE, change=_again, result="acceptable"),
        Case("an envelope as a data URL", change=lambda it: f"data:;base64,{it}"),
        Case("an envelope in PEM", change=lambda it: f"-----BEGIN MESSAGE-----\n{it}\n-----END MESSAGE-----\n"),
        Case(
            "an envelope in base32",
            text=NONE,
            change=lambda it: base64.b32encode(base64.b64decode(it)).decode(),
            result="acceptable",
        ),
        Case("an envelope in Ascii85", text=NONE, change=lambda it: base64.a85encode(base64.b64decode(it)).decode()),
        Case("an envelope of lower-case letters", text=NONE, change=str.lower, result="acceptable"),
        Case("an envelope backwards", text=NONE, change=lambda it: it[::-1], result="acceptable"),
        Case("envelope, colon, envelope", change=lambda it: f"{it}:{it}"),
        Case("the salt of OpenSSL and an envelope", text=NONE, edit=lambda it: b"Salted__" + it, result="acceptable"),
        Case("null", ("ShorterThanIv",), ciphertext="null"),
        Case("undefined", ciphertext="undefined"),
        Case("[object Object]", ciphertext="[object Object]"),
        Case("None", ("ShorterThanIv",), ciphertext="None"),
    ),
    flags=("NotAnEnvelope",),
    result="invalid",
)
