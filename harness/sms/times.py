"""Instants in a TPDU: TP-SCTS and TP-DT (3GPP TS 23.040 §9.2.3.11, §9.2.3.13)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from harness.errors import MalformedPdu
from harness.instants import SECOND, Instant
from harness.sms.address import swapped, unswapped

__all__ = ["read_timestamp", "timestamp"]

_QUARTER_S = 15 * 60
_ZONE_MAX = 79


def timestamp(at: Instant, zone_quarters: int = 0) -> bytes:
    """TP-SCTS or TP-DT to the second, as a clock in a zone so many quarters of an hour east of UTC shows it.

    Two digits of the year: only 1990 to 2089 reads back. Raises `ValueError` for a zone beyond 79 quarters.
    """
    return _timestamp_of(at // SECOND, zone_quarters)


# A text is submitted, delivered and reported within a second or two: each is written and read several times.
@lru_cache(maxsize=64)
def _timestamp_of(second: int, zone_quarters: int) -> bytes:
    if abs(zone_quarters) > _ZONE_MAX:
        raise ValueError(f"{zone_quarters} quarters of an hour are no time zone")
    local = datetime.fromtimestamp(second + zone_quarters * _QUARTER_S, UTC)
    tens, ones = divmod(abs(zone_quarters), 10)
    sign = 8 if zone_quarters < 0 else 0
    return swapped(f"{local:%y%m%d%H%M%S}{tens | sign:x}{ones}")


@lru_cache(maxsize=64)
def read_timestamp(octets: bytes) -> tuple[Instant, int]:
    """The instant and its zone in quarters of an hour: the top bit of its tens is the sign. Raises `MalformedPdu`."""
    digits = unswapped(octets)
    try:
        year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
        century = 1900 if year >= 90 else 2000
        local = datetime(century + year, month, day, hour, minute, second, tzinfo=UTC)
        zone = int(digits[12], 16)
        quarters = (zone & 7) * 10 + int(digits[13])
    except ValueError:
        raise MalformedPdu(f"{digits} is no time") from None
    zone_quarters = -quarters if zone & 8 else quarters
    return (int(local.timestamp()) - zone_quarters * _QUARTER_S) * SECOND, zone_quarters
