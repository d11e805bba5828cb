"""What Android does before the app sees a received text: segments are collected until all are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.core import Table
from harness.sms import SmsDeliver, parse_deliver

__all__ = ["Collected", "Inbox"]


@dataclass(frozen=True, slots=True)
class Collected:
    """A whole text."""

    sender: str
    text: str
    sim_slot: int


class Inbox(Table[str, Any]):
    """Segments that wait for the others, by sender, reference, count and SIM."""

    def copy(self) -> Inbox:
        return Inbox(self)

    def collect(self, pdu: bytes, sim_slot: int) -> Collected | None:
        """Takes one SMS-DELIVER; gives the text once its last missing segment is in.

        The app decodes each PDU alone and joins the texts, so an emoji cut between two of them becomes two U+FFFD
        (phone-behaviour.md §5.1).
        """
        segment = parse_deliver(pdu)
        concat = segment.concat
        if concat is None:
            return Collected(segment.sender, _shown(segment), sim_slot)
        key = f"{segment.sender}/{concat.concat_ref}/{concat.count}/{sim_slot}"
        parts: dict[int, str] = {**self.get(key, {}), concat.sequence: _shown(segment)}
        if len(parts) < concat.count:
            self[key] = parts
            return None
        self.drop(key)
        return Collected(segment.sender, "".join(parts[number] for number in sorted(parts)), sim_slot)


def _shown(segment: SmsDeliver) -> str:
    """The segment's text with U+FFFD for each half of a cut surrogate pair, and `null` for 8-bit data (§5.1)."""
    if segment.text is None:
        return "null"
    return segment.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
