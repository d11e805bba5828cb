"""Texts that are for a port: binary ones for other apps, and WAP pushes, which bring MMS."""

from __future__ import annotations

from harness.core import Command, Record, Table, Tell
from harness.radio import DataReceived, WapPushReceived
from harness.sms import Ports, SmsDeliver

__all__ = ["WAP_PUSH_PORT", "Pushes", "mms_of"]

WAP_PUSH_PORT = 2948
"""The port of connectionless WAP pushes (WAP-259)."""

_PUSH = 0x06
_MMS_TYPE = b"application/vnd.wap.mms-message"
_MMS_TYPE_CODE = 0xBE


class Pushes(Table[str, tuple[SmsDeliver, ...]]):
    """Segments for a port that wait for the others, by sender, reference and count."""

    __slots__ = ()

    def collect(self, segment: SmsDeliver, ports: Ports, slot: int) -> list[Command]:
        """Takes a segment for a port; tells the phone once the last missing one is in."""
        segments = self._whole(segment)
        if not segments:
            return []
        data = b"".join([known.data or b"" for known in segments])
        if ports.destination != WAP_PUSH_PORT:
            return [Tell("phone", DataReceived(segment.sender, data, ports.destination, slot))]
        pdu = mms_of(data)
        if pdu is None:  # a link, a setting: for none of the apps that we know of
            return [Record("radio", "push ignored", None, {"from": segment.sender, "pdu": data.hex()})]
        return [Tell("phone", WapPushReceived(pdu, slot))]

    def _whole(self, segment: SmsDeliver) -> tuple[SmsDeliver, ...]:
        """All segments in their order once the last one is in, else none."""
        concat = segment.concat
        if concat is None:
            return (segment,)
        key = f"{segment.sender}/{concat.concat_ref}/{concat.count}"
        by_place = {known.concat.sequence: known for known in (*self.get(key, ()), segment) if known.concat}
        segments = tuple([by_place[place] for place in sorted(by_place)])
        if len(segments) < concat.count:
            self[key] = segments
            return ()
        self.drop(key)
        return segments


def mms_of(push: bytes) -> bytes | None:
    """The MMS PDU in a WAP push, None if it has none.

    WSP: transaction, type, length of the headers, headers with the content type first (WAP-230 §8.2.4.1).
    """
    if len(push) < 4 or push[1] != _PUSH:
        return None
    length, start = _uintvar(push, 2)
    headers = push[start : start + length]
    is_mms = headers[:1] == bytes((_MMS_TYPE_CODE,)) or headers.startswith(_MMS_TYPE + b"\0")
    return push[start + length :] if is_mms and start + length <= len(push) else None


def _uintvar(octets: bytes, start: int) -> tuple[int, int]:
    """A WSP integer of seven bits an octet, and where it ends."""
    value = 0
    for place in range(start, min(start + 5, len(octets))):
        value = value << 7 | octets[place] & 0x7F
        if octets[place] < 0x80:
            return value, place + 1
    return 0, len(octets)
