"""What Android does before the app sees a received text: segments are collected until all are there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.core import Table
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.sms import SmsDeliver, parse_deliver

__all__ = ["KEPT", "Collected", "Inbox", "Kept", "read"]

KEPT = 7 * 86_400 * SECOND
"""How long Android waits for missing segments (phone-behaviour.md §5.1)."""


@frozen
class Collected:
    """A whole text as the app sees it."""

    sender: str
    text: str
    sim_slot: int


@frozen
class Kept:
    """Segments that wait for the others, as they came."""

    pdus: tuple[bytes, ...]
    first_at: Instant


class Inbox(Table[str, Kept]):
    """Segments that wait for the others, by sender, reference, count and SIM."""

    __slots__ = ()

    def copy(self) -> Inbox:
        return Inbox(self)

    def collect(self, pdu: bytes, sim_slot: int, now: Instant = 0) -> tuple[bytes, ...]:
        """Takes one SMS-DELIVER; gives the PDUs of the text, by their places, once the last missing one is in.

        Before, and for a segment that is there already, there are none. Raises `MalformedPdu`.
        """
        segment = parse_deliver(pdu)
        concat = segment.concat
        if concat is None:
            return (pdu,)
        self._give_up_old(now)
        key = f"{segment.sender}/{concat.concat_ref}/{concat.count}/{sim_slot}"
        kept = self.get(key) or Kept((), now)
        known = {_place(pdu): pdu for pdu in kept.pdus}
        if known.get(concat.sequence) == pdu:
            return ()
        by_place = {**known, concat.sequence: pdu}
        if len(by_place) < concat.count:
            self[key] = Kept(tuple(by_place.values()), kept.first_at)
            return ()
        self.drop(key)
        return tuple([by_place[place] for place in sorted(by_place)])

    def _give_up_old(self, now: Instant) -> None:
        for key in [key for key, kept in self.items() if now - kept.first_at > KEPT]:
            del self[key]


def _place(pdu: bytes) -> int:
    concat = parse_deliver(pdu).concat
    return concat.sequence if concat else 0


def read(pdus: Sequence[bytes], sim_slot: int) -> Collected:
    """What the app makes of the PDUs of a broadcast: their texts in the given order, the sender of the last (§5.1).

    Without any PDU that is an empty text from nobody. Raises `MalformedPdu`.
    """
    segments = [parse_deliver(pdu) for pdu in pdus]
    texts = [_shown(segment) for segment in segments]
    sender = _sender(segments[-1].sender, texts[-1]) if segments else ""
    return Collected(sender, "".join(texts), sim_slot)


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
