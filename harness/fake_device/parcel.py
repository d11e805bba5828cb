"""`service call`: the arguments it packs, how a method reads them, and how a reply is printed.

AOSP frameworks/native: cmds/service, libs/binder; the layout of the dump from replies in public bug reports.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence

from harness.fake_device.releases import ARGUMENTS, TextCall
from harness.frozen import frozen

__all__ = [
    "BAD_PARCELABLE",
    "ILLEGAL_ARGUMENT",
    "NO_EXCEPTION",
    "SECURITY",
    "UNKNOWN_CALL",
    "Argument",
    "arguments",
    "arguments_read",
    "exception",
    "printed",
]

SECURITY, BAD_PARCELABLE, ILLEGAL_ARGUMENT = -1, -2, -3
NO_EXCEPTION = b"\0\0\0\0"
UNKNOWN_CALL = 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")'

_SORTS = {
    "i32": "integer",
    "u32": "integer",
    "i64": "integer",
    "u64": "integer",
    "s16": "string",
    "f": "number",
    "d": "number",
}
_ROW = 16


@frozen
class Argument:
    """One of the typed arguments; `null` has no value."""

    sort: str
    value: str = ""


def arguments(words: Sequence[str]) -> list[Argument] | str:
    """The arguments that the words pack, or what the command says that is wrong with them."""
    found = []
    left = iter(words)
    for sort in left:
        if sort == "null":
            found.append(Argument("null"))
        elif sort not in _SORTS:
            return f"unknown option {sort}"
        elif (value := next(left, None)) is None:
            return f"no {_SORTS[sort]} supplied for '{sort}'"
        else:
            found.append(Argument(sort, value))
    return found


def arguments_read(call: TextCall, given: Sequence[Argument]) -> tuple[Mapping[str, str | int | None], int]:
    """What a method reads of them, by name, and how many it leaves. What is missing reads as 0 or null."""
    padded = [*given, *[Argument("null")] * len(call.arguments)]
    read: dict[str, str | int | None] = {}
    for name, argument in zip(call.arguments, padded, strict=False):
        match ARGUMENTS[name]:
            case "string":
                read[name] = argument.value if argument.sort == "s16" else None
            case "i32" | "i64":
                read[name] = _integer(argument.value) if argument.sort != "s16" else 0
            case _:
                pass
    return read, max(0, len(given) - len(call.arguments))


def _integer(text: str) -> int:
    """As C's `atoi`."""
    match = re.match(r"\s*([+-]?\d{1,18})", text, re.ASCII)
    return int(match[1]) if match else 0


def exception(code: int, message: str) -> bytes:
    """A reply that throws: the code, the message, no remote stack."""
    units = message.encode("utf-16-le", "surrogatepass")
    text = struct.pack("<i", len(units) // 2) + units + b"\0\0"
    return struct.pack("<i", code) + text + b"\0" * (-len(text) % 4) + struct.pack("<i", 0)


def printed(reply: bytes) -> str:
    """`Result: Parcel(…)`, in one line where it has room."""
    if len(reply) <= _ROW:
        words = _words(reply)
        gap = "    " if len(reply) == 4 else "   "
        return f"Result: Parcel({words}{gap}'{_letters(reply)}')"
    rows = [reply[start : start + _ROW] for start in range(0, len(reply), _ROW)]
    lines = [f"  0x{number * _ROW:08x}: {_words(row):<35} '{_letters(row):<16}'" for number, row in enumerate(rows)]
    return "Result: Parcel(\n" + "\n".join(lines) + ")"


def _words(octets: bytes) -> str:
    return " ".join(f"{word:08x}" for (word,) in struct.iter_unpack("<I", octets))


def _letters(octets: bytes) -> str:
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in octets)
