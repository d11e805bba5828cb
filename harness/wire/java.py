"""What the Java library under the app does with texts: exceptions, hashes, the syntax of a URI."""

from __future__ import annotations

import re
from operator import mul

__all__ = ["Threw", "check_uri", "hash_code", "utf16_length"]


class Threw(ValueError):
    """The app's code dies of an exception: its class with its package, and its message.

    The message may show a key, so it stays out of `str`.
    """

    def __init__(self, exception: str, text: str | None = None) -> None:
        super().__init__(exception)
        self.exception = exception
        self.text = text

    @property
    def simple_name(self) -> str:
        return self.exception.rpartition(".")[2]

    @property
    def message(self) -> str:
        """What the app shows or reports of it: the message, else the name of the class."""
        return self.simple_name if self.text is None else self.text


_POWERS = tuple([31**n & 0xFFFFFFFF for n in range(64)])[::-1]


def hash_code(text: str) -> int:
    """Java's `String.hashCode`: a signed 32-bit integer."""
    if len(text) <= 64 and text.isascii():
        total: int = sum(map(mul, text.encode(), _POWERS[64 - len(text) :])) & 0xFFFFFFFF
        return total - (1 << 32) if total >> 31 else total
    return _hash_of_units(text)


def _hash_of_units(text: str) -> int:
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    total = 0
    for unit in units:
        total = (total * 31 + unit) & 0xFFFFFFFF
    return total - (1 << 32) if total >> 31 else total


def utf16_length(text: str) -> int:
    """How long Java thinks that the text is."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


# -- java.net.URI --------------------------------------------------------------------------------------------

# RFC 2396 as `java.net.URI` reads it: beside ASCII it takes whatever is neither a blank nor a control character.
_OTHER = r"[^\x00-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]"
_ESCAPED = "%[0-9A-Fa-f]{2}"
_PATH = re.compile(rf"(?:[A-Za-z0-9_.!~'()*;/:@&=+$,-]|{_ESCAPED}|{_OTHER})*")
_QUERY = re.compile(rf"(?:[A-Za-z0-9_.!~'()*;/?:@&=+$,\[\]-]|{_ESCAPED}|{_OTHER})*")
_AUTHORITY = re.compile(rf"(?:[A-Za-z0-9_.!~'()*;:@&=+$,-]|{_ESCAPED}|{_OTHER})*(?:\[[0-9A-Fa-f:.%]*\](?::[0-9]*)?)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_PIECES = re.compile(r"(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


def check_uri(text: str, exception: str = "java.lang.IllegalArgumentException") -> None:
    """Raises `Threw` with Java's words if the text is no URI."""
    fault = _fault(text)
    if fault is not None:
        raise Threw(exception, f"{fault}: {text}")


def _fault(text: str) -> str | None:
    pieces = _PIECES.fullmatch(text)
    assert pieces is not None  # it takes every text
    scheme, authority, path = pieces[1], pieces[2], pieces[3]
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        return f"Illegal character in scheme name at index {_wrong(_SCHEME, scheme)}"
    if (text.endswith("//") and authority == "") or (scheme is not None and len(text) == len(scheme) + 1):
        what = "authority" if authority == "" else "scheme-specific part"
        return f"Expected {what} at index {utf16_length(text)}"
    if authority and not _AUTHORITY.fullmatch(authority):
        return f"Illegal character in authority at index {utf16_length(text[: pieces.start(2)])}"
    opaque = scheme is not None and authority is None and not path.startswith("/")
    for name, pattern, group in (
        ("opaque part" if opaque else "path", _QUERY if opaque else _PATH, 3),
        ("query", _QUERY, 4),
        ("fragment", _QUERY, 5),
    ):
        piece = pieces[group]
        if piece is not None and not pattern.fullmatch(piece):
            at = _wrong(pattern, piece)
            index = utf16_length(text[: pieces.start(group) + at])
            broken = piece[at] == "%"
            return (
                f"Malformed escape pair at index {index}" if broken else f"Illegal character in {name} at index {index}"
            )
    return None


def _wrong(pattern: re.Pattern[str], piece: str) -> int:
    """Where the first character stands that the piece must not have."""
    match = pattern.match(piece)
    return match.end() if match else 0
