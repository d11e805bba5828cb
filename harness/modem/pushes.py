"""Texts that are for a port: binary ones for other apps, and WAP pushes, which bring MMS."""

from __future__ import annotations

from harness.core import Command, Record, Tell
from harness.mms import WAP_PUSH_PORT, pushed_pdu
from harness.radio import DataReceived, WapPushReceived
from harness.sms import Collecting, Ports, SmsDeliver

__all__ = ["Pushes"]


class Pushes(Collecting):
    """Segments for a port that wait for the others."""

    __slots__ = ()

    def take(self, segment: SmsDeliver, ports: Ports, slot: int) -> list[Command]:
        """Takes a segment for a port; tells the phone once the last missing one is in."""
        segments = self.collect(segment)
        if not segments:
            return []
        data = b"".join([known.data or b"" for known in segments])
        if ports.destination != WAP_PUSH_PORT:
            return [Tell("phone", DataReceived(segment.sender, data, ports.destination, slot))]
        pdu = pushed_pdu(data)
        if pdu is None:  # a link, a setting: for none of the apps that we know of
            return [Record("radio", "push ignored", None, {"from": segment.sender, "pdu": data.hex()})]
        return [Tell("phone", WapPushReceived(pdu, slot))]
