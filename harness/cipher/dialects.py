"""What each client makes of an envelope: where the phone, OpenJDK, Node and Go differ, as one table.

All agree on what `encrypt` makes of well-formed Unicode. They differ in what they accept as base64, in what they make
of bytes that are not UTF-8 and of lone surrogates, and in how they refuse (cipher.md §2 and §3).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import Literal

from harness.errors import CiphertextTooShort, InvalidBase64
from harness.frozen import frozen

__all__ = ["DIALECTS", "RULES", "Dialect", "Rules", "rules_of"]

Dialect = Literal["phone", "jvm", "node", "go"]
DIALECTS: tuple[Dialect, ...] = ("phone", "jvm", "node", "go")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@frozen
class Rules:
    """How one client turns text into bytes and bytes into text, and what it does with what it cannot read.

    `invalid_base64` and `too_short` are the classes of what it raises; with `panics_if_too_short` the latter is nothing
    that a caller can handle as an error.
    """

    client: str
    lone_surrogate: str
    decode_base64: Callable[[str], bytes | None]  # None: refused
    decode_text: Callable[[bytes], str]
    invalid_base64: str
    too_short: str
    panics_if_too_short: bool = False

    def encode_text(self, text: str) -> bytes:
        """The bytes of a key or a text. UTF-8, but of a lone surrogate each client makes something else."""
        try:
            return text.encode()
        except UnicodeEncodeError:
            # The clients' strings are UTF-16: there, two surrogates that match are no lone ones.
            joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            return _LONE_SURROGATE.sub(self.lone_surrogate, joined).encode()

    def envelope(self, ciphertext: str, iv_bytes: int) -> bytes:
        """The bytes of `ciphertext`, at least the `iv_bytes` of the IV. Raises InvalidBase64 or CiphertextTooShort."""
        decoded = self.decode_base64(ciphertext)
        if decoded is None:
            raise InvalidBase64(self.client, self.invalid_base64)
        if len(decoded) < iv_bytes:
            raise CiphertextTooShort(len(decoded), self.client, self.too_short, panics=self.panics_if_too_short)
        return decoded


# -- base64 ------------------------------------------------------------------------------------------------------------

# How many "=" may follow so many letters beyond the last group of four.
_PADDING_WHOLE = ((0,), (), (2,), (1,))
_PADDING_WHOLE_OR_NONE = ((0,), (), (0, 2), (0, 1))


def _java_base64(text: str) -> bytes | None:
    """java.util.Base64's basic decoder: padding whole or not at all, no white space."""
    return _padded_base64(text, _PADDING_WHOLE_OR_NONE)


def _go_base64(text: str) -> bytes | None:
    """Go's base64.StdEncoding: padding is a must, line breaks may stand anywhere, even between two `=`."""
    if "\n" in text or "\r" in text:
        text = text.replace("\r", "").replace("\n", "")
    return _padded_base64(text, _PADDING_WHOLE)


def _padded_base64(text: str, padding: tuple[tuple[int, ...], ...]) -> bytes | None:
    letters = text.rstrip("=")
    return _letters(letters) if len(text) - len(letters) in padding[len(letters) % 4] else None


_NODE_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NODE_NO_LETTERS = bytes(set(range(256)) - set(_NODE_LETTERS + b"-_"))
_NODE_ALPHABETS = bytes.maketrans(b"-_", b"+/")


def _node_base64(text: str) -> bytes | None:
    """Node's Buffer.from: refuses nothing. It reads the low byte of each UTF-16 unit up to the first `=`, both
    alphabets, and skips the rest."""
    if (plain := _java_base64(text)) is not None:
        return plain  # Node reads that alike, and letter for letter takes three times as long
    units = text.encode("utf-16-le", "surrogatepass")[::2]
    letters = units.partition(b"=")[0].translate(_NODE_ALPHABETS, _NODE_NO_LETTERS)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return _letters(letters.decode("ascii"))


def _letters(letters: str) -> bytes | None:
    """What letters of the standard alphabet stand for, or None if anything else is among them.

    `len(letters) % 4` is not 1. The unused low bits of the last letter are ignored, as all clients do.
    """
    try:
        decoded = binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    except ValueError:
        return None
    # a2b_base64 skips what is no letter, and then there are fewer bytes. Its strict mode would take surplus "=".
    return decoded if len(decoded) == len(letters) * 3 // 4 else None


# -- text --------------------------------------------------------------------------------------------------------------

_SURROGATE_IN_UTF8 = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?")


def _replaced(data: bytes) -> str:
    """Node and Android 9 put U+FFFD exactly where Python does."""
    return data.decode("utf-8", "replace")


def _replaced_by_openjdk(data: bytes) -> str:
    """OpenJDK too, but for a surrogate in UTF-8, whole or cut: one U+FFFD for all of its bytes."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _SURROGATE_IN_UTF8.sub(b"\xff", data).decode("utf-8", "replace")


def _kept(data: bytes) -> str:
    """Go hands on the bytes as they are."""
    return data.decode("utf-8", "surrogateescape")


# -- the table ---------------------------------------------------------------------------------------------------------

_ILLEGAL_ARGUMENT = "java.lang.IllegalArgumentException"
_ILLEGAL_IV = "java.security.InvalidAlgorithmParameterException"

RULES: dict[Dialect, Rules] = {
    "phone": Rules("the phone", "?", _java_base64, _replaced, _ILLEGAL_ARGUMENT, _ILLEGAL_IV),
    "jvm": Rules("a JVM client", "?", _java_base64, _replaced_by_openjdk, _ILLEGAL_ARGUMENT, _ILLEGAL_IV),
    "node": Rules("the Node client", "\ufffd", _node_base64, _replaced, "", "TypeError[ERR_CRYPTO_INVALID_IV]"),
    # Lone surrogates do not exist there: encoding/json, which texts come through, has replaced them.
    "go": Rules(
        "the Go client",
        "\ufffd",
        _go_base64,
        _kept,
        "*errors.joinError",
        "runtime.boundsError",
        panics_if_too_short=True,
    ),
}


def rules_of(dialect: Dialect) -> Rules:
    """Raises ValueError for a dialect that is not in the table."""
    try:
        return RULES[dialect]
    except KeyError:
        raise ValueError(f"no dialect {dialect!r}: there are {', '.join(RULES)}") from None
