"""The data coding scheme (TP-DCS): alphabet, message class and message waiting (3GPP TS 23.038 §4)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from harness.frozen import frozen

__all__ = ["DATA_DCS", "GSM7_DCS", "UCS2_DCS", "Coding", "Encoding", "Waiting", "classed", "coding_of"]

Encoding = Literal["gsm7", "ucs2"]

GSM7_DCS = 0x00
DATA_DCS = 0x04
UCS2_DCS = 0x08
_HAS_CLASS = 0x10
_COMPRESSED = 0x20
_DELETED_WHEN_READ = 0x40

_GENERAL: tuple[Encoding | Literal["data"] | None, ...] = ("gsm7", "data", "ucs2", None)
_WAITING: tuple[Literal["voicemail", "fax", "email", "other"], ...] = ("voicemail", "fax", "email", "other")


@frozen
class Waiting:
    """A message waiting indication: messages of `kind` wait (`active`) or no longer do; the text may be thrown away."""

    kind: Literal["voicemail", "fax", "email", "other"]
    active: bool
    discard: bool


@frozen
class Coding:
    """What a data coding scheme says.

    `alphabet` is None for compressed text and reserved values, which nobody reads. Message class 0 is shown at once
    and not stored (flash), 1 is for the handset, 2 for the SIM, 3 for other equipment.
    """

    alphabet: Encoding | Literal["data"] | None
    message_class: int | None = None
    compressed: bool = False
    deleted_when_read: bool = False
    waiting: Waiting | None = None


@lru_cache(maxsize=256)
def coding_of(dcs: int) -> Coding:
    """What the octet `dcs` says, by its coding group."""
    group = dcs >> 4
    if group < 0x8:
        compressed = bool(dcs & _COMPRESSED)
        return Coding(
            alphabet=None if compressed else _GENERAL[dcs >> 2 & 3],
            message_class=dcs & 3 if dcs & _HAS_CLASS else None,
            compressed=compressed,
            deleted_when_read=bool(dcs & _DELETED_WHEN_READ),
        )
    if group < 0xC:
        return Coding(None)
    if group < 0xF:
        waiting = Waiting(_WAITING[dcs & 3], active=bool(dcs & 8), discard=group == 0xC)
        return Coding("ucs2" if group == 0xE else "gsm7", waiting=waiting)
    return Coding("data" if dcs & 4 else "gsm7", message_class=dcs & 3)


def classed(dcs: int, message_class: int | None) -> int:
    """A coding of the general group (`GSM7_DCS`, `DATA_DCS`, `UCS2_DCS`) with a message class."""
    return dcs if message_class is None else dcs | _HAS_CLASS | message_class
