"""How long an SMSC is to try: TP-VP in its three formats (3GPP TS 23.040 §9.2.3.12).

Phones do without, so this module is loaded by the first TPDU that has one.
"""

from __future__ import annotations

from bisect import bisect_left

from harness.frozen import frozen
from harness.instants import Instant
from harness.sms.address import unswapped
from harness.sms.times import read_timestamp, timestamp

__all__ = ["EnhancedValidity", "RelativeValidity", "UntilValidity", "Validity", "read_validity", "validity_octets"]

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800


@frozen
class RelativeValidity:
    """The SMSC tries for so long: steps of 5 minutes up to 12 hours, 30 minutes up to a day, days, then weeks (63)."""

    period_s: int


@frozen
class UntilValidity:
    """The SMSC tries until then."""

    until_at: Instant
    zone_quarters: int = 0


@frozen
class EnhancedValidity:
    """The seven octets of the enhanced format, as they are: `period_s` and `single_shot` read them."""

    octets: bytes

    @property
    def single_shot(self) -> bool:
        """The SMSC is to try but once."""
        return bool(self.octets[0] & 0x40)

    @property
    def period_s(self) -> int | None:
        """The period; None without one, and for a reserved format."""
        match self.octets[0] & 7:
            case 1:
                return _PERIODS_S[self.octets[1]]
            case 2:
                return self.octets[1]
            case 3:
                clock = unswapped(self.octets[1:4])
                if clock.isdecimal():
                    return int(clock[:2]) * _HOUR + int(clock[2:4]) * _MINUTE + int(clock[4:])
        return None


Validity = RelativeValidity | UntilValidity | EnhancedValidity

_PERIODS_S: tuple[int, ...] = (
    *range(5 * _MINUTE, 12 * _HOUR + 1, 5 * _MINUTE),
    *range(12 * _HOUR + 30 * _MINUTE, _DAY + 1, 30 * _MINUTE),
    *range(2 * _DAY, 30 * _DAY + 1, _DAY),
    *range(5 * _WEEK, 63 * _WEEK + 1, _WEEK),
)


def validity_octets(validity: Validity) -> tuple[int, bytes]:
    """TP-VPF and TP-VP. A period between two steps becomes the longer one.

    Raises `ValueError` above 63 weeks, and for other than seven octets of the enhanced format.
    """
    match validity:
        case RelativeValidity(period_s):
            step = bisect_left(_PERIODS_S, period_s)
            return 0x10, bytes((step,))
        case UntilValidity(until_at, zone_quarters):
            return 0x18, timestamp(until_at, zone_quarters)
        case EnhancedValidity(octets):
            if len(octets) != 7:
                raise ValueError(f"{len(octets)} octets of validity")
            return 0x08, octets


def read_validity(validity_format: int, octets: bytes) -> Validity:
    """TP-VP by TP-VPF. Raises `MalformedPdu`."""
    match validity_format:
        case 0x10:
            return RelativeValidity(_PERIODS_S[octets[0]])
        case 0x18:
            return UntilValidity(*read_timestamp(octets))
        case _:
            return EnhancedValidity(octets)
