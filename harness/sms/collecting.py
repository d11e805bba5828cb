"""Segments that wait until all of their text are there."""

from __future__ import annotations

from harness.core import Table
from harness.sms.pdu import SmsDeliver

__all__ = ["COLLECTING_MAX", "Collecting"]

COLLECTING_MAX = 4096
"""How many texts may lack segments; then the one that has waited longest is given up. Whoever sends nothing but first
segments would fill our memory."""


class Collecting(Table[str, tuple[SmsDeliver, ...]]):
    """Segments by what they have in common: recipient, sender, reference and count."""

    __slots__ = ()

    def collect(self, segment: SmsDeliver, recipient: str = "") -> tuple[SmsDeliver, ...]:
        """All segments of the text, in their order, once the last one is in, else none.

        Of two in the same place the later one counts.
        """
        concat = segment.concat
        if concat is None:
            return (segment,)
        key = f"{segment.sender}/{recipient}/{concat.concat_ref}/{concat.count}"
        by_place = {known.concat.sequence: known for known in (*self.get(key, ()), segment) if known.concat}
        segments = tuple([by_place[place] for place in sorted(by_place)])
        if len(segments) == concat.count:
            self.drop(key)
            return segments
        self[key] = segments
        if len(self) > COLLECTING_MAX:
            del self[next(iter(self))]
        return ()
