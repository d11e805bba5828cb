"""Reading WSP values as the app's library does, beyond the end of the octets as well.

It reads from a Java stream, whose end is the number -1: a missing octet counts as 255, a text that is cut off ends
there, and only some values notice. What its exceptions would end is `MalformedPdu` here.
"""

from __future__ import annotations

from harness.errors import MalformedPdu
from harness.mms.wsp import UTF_8, decoded

__all__ = ["ROOM", "EncodedText", "Octets", "int32"]

ROOM = 64 << 20
"""Octets that one PDU may ask the app to set aside. A phone's heap ends somewhere here, as a part lies in it thrice."""

_TEXT_FIRST = 32
_QUOTE = 127
_QUOTATION_MARK = 34
_NO_TEXT = bytes(octet for octet in range(32) if octet not in b"\t\n\r") + bytes([_QUOTE])

EncodedText = tuple[bytes, int]
"""A text's octets and its charset."""


def int32(value: int) -> int:
    """The lower 32 bits of a number, as Java's `int`."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


class Octets:
    """A place in some octets. Every reading moves it on, at most to their end."""

    __slots__ = ("_at", "_octets")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._octets) - self._at

    def peek(self) -> int:
        """The next octet, -1 at the end."""
        return self._octets[self._at] if self.left else -1

    def read(self) -> int:
        """The same, and on."""
        octet = self.peek()
        self._at += octet >= 0
        return octet

    def octet(self) -> int:
        """The next octet, 255 at the end."""
        return self.read() & 0xFF

    def uintvar(self) -> int:
        """A number in groups of seven bits, -1 if it is cut off. It overflows as Java's `int` does."""
        value = 0
        while True:
            octet = self.read()
            if octet < 0:
                return -1
            value = int32(value << 7 | octet & 0x7F)
            if not octet & 0x80:
                return value

    def value_length(self) -> int:
        """Raises `MalformedPdu` if the next octet begins a text or a number."""
        first = self.octet()
        if first > 31:
            raise MalformedPdu("no value length")
        return first if first < 31 else self.uintvar()

    def short_integer(self) -> int:
        return self.read() & 0x7F

    def long_integer(self) -> int:
        """A number of up to eight octets, with Java's sign. Raises `MalformedPdu` if it claims more."""
        count = self.octet()
        if count > 8:
            raise MalformedPdu("a number of more than eight octets")
        return int.from_bytes(bytes(self.octet() for _ in range(count)), "big", signed=count == 8)

    def integer(self) -> int:
        """A short or a long one. Raises `MalformedPdu` as `long_integer` does."""
        return self.short_integer() if self.peek() > 127 else self.long_integer()

    def text(self) -> bytes | None:
        """A text up to its zero octet, without the quote before it and the octets that are no text; None if empty."""
        return self._string(_QUOTE)

    def quoted_text(self) -> bytes | None:
        """The same behind a quotation mark, which may be missing."""
        return self._string(_QUOTATION_MARK)

    def _string(self, mark: int) -> bytes | None:
        if self.peek() == mark:
            self._at += 1
        end = self._octets.find(0, self._at)
        octets = self._octets[self._at : end if end >= 0 else None]
        self._at = end + 1 if end >= 0 else len(self._octets)
        return octets.translate(None, _NO_TEXT) or None

    def encoded_text(self) -> EncodedText | None:
        """A text that may name its charset, else UTF-8. Longer numbers than seven bits are misread, as over there."""
        charset = 0
        first = self.peek()
        if first == 0:
            self._at += 1
            return b"", UTF_8
        if 0 < first < _TEXT_FIRST:
            self.value_length()
            charset = self.short_integer()
        text = self.text()
        return None if text is None else (text, charset or UTF_8)

    def address(self) -> str | None:
        """An encoded text up to its first `/`, unless it begins with that: `+18005550100/TYPE=PLMN`."""
        value = self.encoded_text()
        if value is None:
            return None
        octets, charset = value
        text = octets.decode("utf-8", "replace")  # whatever the charset is
        cut = text.find("/")
        octets = (text[:cut] if cut > 0 else text).encode()
        known = decoded(octets, charset)
        return octets.decode("latin-1") if known is None else known

    def skip(self, count: int) -> bool:
        """Whether there were so many octets. At the end there are not even none."""
        if count > ROOM:
            raise MalformedPdu("more octets than a phone has room for")
        enough = self.left > 0 and count <= self.left
        self._at += min(count, self.left)
        return enough

    def take(self, count: int) -> bytes:
        """So many octets. Those that are not there are zeros."""
        octets = self._octets[self._at : self._at + count]
        self._at += len(octets)
        return octets.ljust(count, b"\0")
