"""Envelopes that were changed on their way. There is no integrity: the changed text comes out.

`valid` where all clients give the same text, as a correct implementation must; `acceptable` where the change leaves
bytes that are not UTF-8; `invalid` where too little is left.
"""

from __future__ import annotations

from tools.vector_cases.case import TEXT, Case, Group
from tools.vector_cases.edits import Edit, cut, flipped, without_letters, xored

__all__ = ["BLOCKS", "CUT", "FLIPS"]

# -- bits --------------------------------------------------------------------------------------------------------------

# Short messages are one block, where every change is clean. What it says, what is put in its place, and what comes.
_SHORT = (
    ("an amount", "Pay 100 EUR now", "100", "900"),
    ("a one-time code", "Code: 482913", "482913", "117305"),
    ("a yes", "Yes.", "Yes", "No!"),
    ("a time", "At 09:30 then", "09", "11"),
    ("a number to call", "Call 5550100", "5550100", "9005556"),
    ("a sign", "Balance: +250", "+", "-"),
    ("the case of a letter", "send it", "s", "S"),
    ("a letter to NUL", "stop here", "p", "\0"),
    ("a space to LF", "one two", " ", "\n"),
    ("sixteen letters, all of them", "sixteen letters.", "sixteen letters.", "another message."),
)
_LAST = (
    ("a word in the last block", TEXT, "window", "garage"),
    ("the last letter", TEXT, ".", "?"),
    ("all of the last block", TEXT, TEXT[48:], "in the yard"),
)

# Envelope bytes: 0..15 the IV, 16..63 three whole blocks of text, 64..74 the last one.
_FLIPPED = (
    *((f"bit {bit} of byte {byte} of the IV", (byte, bit)) for byte in (0, 1, 7, 8, 15) for bit in (0, 7)),
    *((f"bit {bit} of byte {byte - 16} of the first block", (byte, bit)) for byte in (16, 24, 31) for bit in (0, 5, 7)),
    *((f"bit {bit} of byte {byte - 32} of the second block", (byte, bit)) for byte in (32, 40, 47) for bit in (0, 7)),
    *((f"bit {bit} of byte {byte - 48} of the last whole block", (byte, bit)) for byte in (48, 63) for bit in (0, 7)),
    *(
        (f"bit {bit} of byte {byte - 64} of the last block", (byte, bit))
        for byte in (64, 70, 74)
        for bit in (0, 1, 4, 7)
    ),
)

FLIPS = Group(
    "bit-flips",
    "decrypt",
    "Bits of the envelope flipped: those of the text flip, and the 16 bytes behind them are rubbish.",
    (
        *(
            Case(f"{what}: {before!r} to {after!r}", text=text, edit=xored(before, after, text),
                 gives=text.replace(before, after, 1), result="valid")
            for what, text, before, after in _SHORT
        ),
        *(
            Case(what, text=text, edit=xored(before, after, text), gives=text.replace(before, after), result="valid")
            for what, text, before, after in _LAST
        ),
        *(Case(what, edit=flipped(place)) for what, place in _FLIPPED),
        Case("every bit of the IV", edit=flipped(*((byte, bit) for byte in range(16) for bit in range(8)))),
        Case("every bit of the last block", edit=flipped(*((byte, bit) for byte in range(64, 75) for bit in range(8)))),
        Case("bit 0 in every block", edit=flipped(*((byte, 0) for byte in range(16, 75, 16)))),
        Case("bit 0 of the IV, one letter of text", text="x", edit=flipped((0, 0))),
        Case("bit 0 of the IV, no text: nothing can tell", text="", edit=flipped((0, 0)), gives=""),
    ),
    flags=("Modified", "BitFlip"),
    result="agreed",
)  # fmt: skip

# -- ends --------------------------------------------------------------------------------------------------------------

_EMOJI = "Ok 😀 see you ☕ tomorrow 🎉"
_NOT = "Do NOT pay them anything before noon"

CUT = Group(
    "truncated",
    "decrypt",
    "Envelopes that were cut. What is left is read, if it is still base64 and 16 bytes.",
    (
        *(
            Case(f"the last {number} bytes", edit=cut(number), gives=TEXT[:-number])
            for number in (1, 2, 3, 10, 11, 12, 15, 16, 17, 27, 28, 43, 44, 58, 59)
        ),
        *(Case(f"only {number} bytes are left", ("ShorterThanIv",), edit=lambda it, number=number: it[:number])
          for number in (15, 12, 8, 3, 1, 0)),
        *(Case(f"the last {number} letters of base64", change=without_letters(number))
          for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 40, 64, 76, 77, 78)),
        *(Case(f"the last {number} letters of base64: too short", ("ShorterThanIv",), change=without_letters(number))
          for number in (79, 80, 90, 99)),
        *(Case(f"the last {number} bytes, within or behind an emoji", text=_EMOJI, edit=cut(number))
          for number in (1, 2, 3, 4, 15)),
        Case("the sense: all behind \"NOT pay\" is cut", text=_NOT, edit=cut(24), gives=_NOT[:12]),
        Case("a text at the limit of the gateway, cut to that of bulk messages", text="x" * 1520, edit=cut(768)),
    ),
    flags=("Truncated",),
    result="agreed",
)  # fmt: skip

# -- blocks ------------------------------------------------------------------------------------------------------------

_FIVE = "".join(f"block {name} of 16. "[:16] for name in ("one", "two", "tri", "for", "fiv"))


def _order(*blocks: int) -> Edit:
    """The blocks of the envelope, 0 being the IV, in this order."""
    return lambda envelope: b"".join(envelope[16 * at : 16 * at + 16] for at in blocks)


def _with(addition: bytes) -> Edit:
    return lambda envelope: envelope + addition


def _before(addition: bytes) -> Edit:
    return lambda envelope: addition + envelope


def _backwards(size: int) -> Edit:
    """Each piece of so many bytes."""
    return lambda envelope: b"".join(envelope[at : at + size][::-1] for at in range(0, len(envelope), size))


BLOCKS = Group(
    "moved-blocks",
    "decrypt",
    "Blocks left out, exchanged, repeated and added. The block behind a seam is rubbish, all further ones read well.",
    (
        Case("the IV left out: the first block is one", text=_FIVE, edit=_order(1, 2, 3, 4, 5), gives=_FIVE[16:]),
        Case("IV and first block left out", text=_FIVE, edit=_order(2, 3, 4, 5), gives=_FIVE[32:]),
        Case("all but the last two blocks left out", text=_FIVE, edit=_order(4, 5), gives=_FIVE[64:]),
        Case("only the last block is left: an empty text", text=_FIVE, edit=_order(5), gives=""),
        Case("the first block left out", text=_FIVE, edit=_order(0, 2, 3, 4, 5)),
        Case("the third block left out", text=_FIVE, edit=_order(0, 1, 2, 4, 5)),
        Case("the last block left out", text=_FIVE, edit=_order(0, 1, 2, 3, 4), gives=_FIVE[:64]),
        Case("the last three blocks left out", text=_FIVE, edit=_order(0, 1, 2), gives=_FIVE[:32]),
        Case("first and second block exchanged", text=_FIVE, edit=_order(0, 2, 1, 3, 4, 5)),
        Case("last two blocks exchanged", text=_FIVE, edit=_order(0, 1, 2, 3, 5, 4)),
        Case("IV and first block exchanged", text=_FIVE, edit=_order(1, 0, 2, 3, 4, 5)),
        Case("all blocks backwards", text=_FIVE, edit=_order(5, 4, 3, 2, 1, 0)),
        Case("the text backwards", text=_FIVE, edit=_order(0, 5, 4, 3, 2, 1)),
        Case("the IV twice", text=_FIVE, edit=_order(0, 0, 1, 2, 3, 4, 5)),
        Case("the first block twice", text=_FIVE, edit=_order(0, 1, 1, 2, 3, 4, 5)),
        Case("the last block twice", text=_FIVE, edit=_order(0, 1, 2, 3, 4, 5, 5)),
        Case("the whole envelope twice", text=_FIVE, edit=lambda it: it + it),
        Case("the text twice", text=_FIVE, edit=lambda it: it + it[16:]),
        Case("one zero byte added", text=_FIVE, edit=_with(bytes(1))),
        Case("16 zero bytes added", text=_FIVE, edit=_with(bytes(16))),
        Case("a block of PKCS padding added", text=_FIVE, edit=_with(b"\x10" * 16)),
        Case("an authentication tag of 16 bytes added", text=_FIVE, edit=_with(bytes(range(16, 32)))),
        Case("a mark of version 2 before it", text=_FIVE, edit=_before(b"\x02")),
        Case("16 zero bytes before it", text=_FIVE, edit=_before(bytes(16))),
        Case("the IV all zero", text=_FIVE, edit=lambda it: bytes(16) + it[16:]),
        Case("the IV at the end", text=_FIVE, edit=lambda it: it[16:] + it[:16]),
        Case("the IV backwards", text=_FIVE, edit=lambda it: it[15::-1] + it[16:]),
        Case("each block backwards", text=_FIVE, edit=_backwards(16)),
        Case("the bytes of each 32-bit word backwards", text=_FIVE, edit=_backwards(4)),
    ),
    flags=("Modified", "MovedBlock"),
    result="agreed",
)  # fmt: skip
