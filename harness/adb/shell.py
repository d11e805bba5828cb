"""The frames of `shell,v2`: a letter's worth of id, four bytes of length, a payload (phone-behaviour §9.5)."""

from __future__ import annotations

import struct
from enum import IntEnum

from harness.adb.cutting import Reader
from harness.adb.packets import MAX_PAYLOAD
from harness.errors import MalformedAdb

__all__ = ["FRAME_HEAD_BYTES", "FRAME_PAYLOAD_MAX", "FrameReader", "Id", "frame"]

_HEAD = struct.Struct("<BI")
FRAME_HEAD_BYTES = _HEAD.size
# Nobody puts more into a frame than fits into a packet: both ends of adb read into a buffer of that size.
FRAME_PAYLOAD_MAX = MAX_PAYLOAD


class Id(IntEnum):
    """`EXIT` carries one octet, `WINDOW_SIZE` text such as `24x80,0x0`."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    EXIT = 3
    CLOSE_STDIN = 4
    WINDOW_SIZE = 5


_IDS = {int(each): each for each in Id}


def frame(kind: Id, payload: bytes = b"") -> bytes:
    """One frame; of a payload that is too long for one, as many as it takes."""
    pieces = range(0, len(payload) or 1, FRAME_PAYLOAD_MAX)
    parts = (payload[start : start + FRAME_PAYLOAD_MAX] for start in pieces)
    return b"".join(_HEAD.pack(kind, len(part)) + part for part in parts)


class FrameReader(Reader[tuple[Id, bytes]]):
    """Cuts frames off the stream of a shell."""

    def _cut(self) -> tuple[Id, bytes] | None:
        if len(self._buffer) < FRAME_HEAD_BYTES:
            return None
        number, length = _HEAD.unpack_from(self._buffer)
        if number not in _IDS:
            raise MalformedAdb(f"shell: a frame of unknown id {number}")
        if length > FRAME_PAYLOAD_MAX:
            raise MalformedAdb(f"shell: a frame of {length} bytes, above {FRAME_PAYLOAD_MAX}")
        if len(self._buffer) < FRAME_HEAD_BYTES + length:
            return None
        return _IDS[number], self._take(FRAME_HEAD_BYTES + length)[FRAME_HEAD_BYTES:]

    def _amid(self) -> str:
        return "a frame of the shell"
