"""What is done to envelopes: functions that make changes of bytes and of base64."""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "Change",
    "Edit",
    "after",
    "cut",
    "ends_with",
    "every",
    "flipped",
    "holds",
    "inserted",
    "replaced",
    "unpadded",
    "without_letters",
    "xored",
]

Change = Callable[[str], str]
Edit = Callable[[bytes], bytes]


# -- base64 ------------------------------------------------------------------------------------------------------------


def unpadded(written: str) -> str:
    return written.rstrip("=")


def after(addition: str) -> Change:
    return lambda written: written + addition


def inserted(at: int, addition: str) -> Change:
    """Before the letter `at`; negative from the end."""
    return lambda written: written[:at] + addition + written[at:]


def replaced(at: int, letter: str) -> Change:
    return lambda written: written[:at] + letter + written[at + 1 :]


def without_letters(number: int) -> Change:
    return lambda written: written[:-number]


def every(number: int, separator: str) -> Change:
    """The separator after every so many letters, but not at the end."""
    return lambda written: separator.join(written[at : at + number] for at in range(0, len(written), number))


def ends_with(padding: str) -> Callable[[str], bool]:
    """Exactly that padding."""
    return lambda written: written.endswith(padding) and not written.endswith(f"={padding}")


def holds(*letters: str) -> Callable[[str], bool]:
    """Each of the letters, behind the IV."""
    return lambda written: all(letter in written[24:] for letter in letters)


# -- bytes -------------------------------------------------------------------------------------------------------------


def flipped(*bits: tuple[int, int]) -> Edit:
    """(byte, bit) of the envelope. Bytes before 16 are the IV, bit 0 is the lowest."""

    def edit(envelope: bytes) -> bytes:
        changed = bytearray(envelope)
        for byte, bit in bits:
            changed[byte] ^= 1 << bit
        return bytes(changed)

    return edit


def xored(before: str, instead: str, text: str) -> Edit:
    """Where `before` stands in `text`, `instead` (as long) comes out, by the difference alone."""
    at = 16 + text.encode().index(before.encode())
    difference = bytes(a ^ b for a, b in zip(before.encode(), instead.encode(), strict=True))

    def edit(envelope: bytes) -> bytes:
        changed = bytes(a ^ b for a, b in zip(envelope[at:], difference, strict=False))
        return envelope[:at] + changed + envelope[at + len(difference) :]

    return edit


def cut(number: int) -> Edit:
    """So many bytes from the end."""
    return lambda envelope: envelope[:-number]
