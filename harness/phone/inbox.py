"""What Android does before the app sees a received text: segments are collected until all are there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.core import Table
from harness.frozen import frozen
from harness.sms import SmsDeliver, parse_deliver

__all__ = ["Collected", "Inbox", "read"]


@frozen
class Collected:
    """A whole text as the app sees it."""

    sender: str
    text: str
    sim_slot: int


class Inbox(Table[str, tuple[SmsDeliver, ...]]):
    """Segments that wait for the others, by sender, reference, count and SIM."""

    __slots__ = ()

    def copy(self) -> Inbox:
        return Inbox(self)

    def collect(self, pdu: bytes, sim_slot: int) -> Collected | None:
        """Takes one SMS-DELIVER; gives the text once its last missing segment is in. Raises `MalformedPdu`."""
        segment = parse_deliver(pdu)
        concat = segment.concat
        if concat is None:
            return read((segment,), sim_slot)
        key = f"{segment.sender}/{concat.concat_ref}/{concat.count}/{sim_slot}"
        by_place = {_place(known): known for known in (*self.get(key, ()), segment)}
        segments = tuple([by_place[place] for place in sorted(by_place)])
        if len(segments) < concat.count:
            self[key] = segments
            return None
        self.drop(key)
        return read(segments, sim_slot)


def _place(segment: SmsDeliver) -> int:
    return segment.concat.sequence if segment.concat else 0


def read(segments: Sequence[SmsDeliver], sim_slot: int) -> Collected:
    """What the app makes of the PDUs of a broadcast: their texts in the given order, the sender of the last (§5.1)."""
    texts = [_shown(segment) for segment in segments]
    return Collected(_sender(segments[-1].sender, texts[-1]), "".join(texts), sim_slot)


def _shown(segment: SmsDeliver) -> str:
    """The segment's text, and `null` for 8-bit data.

    Each PDU is decoded alone, so an emoji cut between two becomes two U+FFFD (§5.1).
    """
    if segment.text is None:
        return "null"
    return segment.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_EMAIL = re.compile(r"([\w.+%-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+) ", re.ASCII)


def _sender(sender: str, text: str) -> str:
    """What Android shows as the sender: for a gateway's short number, the address that the text begins with (§8.6)."""
    email = _EMAIL.match(text) if len(sender) <= 4 else None
    return email[1] if email else sender
