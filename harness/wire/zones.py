"""Time zones as the server knows them: the IANA database, read as Go reads it.

The database is that of the `tzdata` package, whatever the machine has: so a run repeats on every machine, also on one
without a database. Its names are those of the file that comes with Go and with the server's container.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from harness.frozen import frozen
from harness.instants import FIRST_AT, LAST_AT, SECOND

__all__ = ["DAY_S", "Zone", "find", "is_zone"]

DAY_S = 86_400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The years 1 to 9999, without the days of which another zone may be in another year.
_FIRST = FIRST_AT // SECOND + 2 * DAY_S
_LAST = LAST_AT // SECOND - 2 * DAY_S
# Go takes an empty name for UTC; the server's own zone is UTC in its container (gateway-protocol.md §3.1).
_UTC_NAMES = ("", "UTC", "Local")


@frozen
class Zone:
    """A time zone. Seconds are whole ones since 1970; `wall` counts them by the clock on the wall."""

    info: tzinfo

    def offset_s(self, second: int) -> int:
        """Seconds east of Greenwich, at an instant."""
        at = _EPOCH + timedelta(seconds=min(max(second, _FIRST), _LAST))
        offset = at.astimezone(self.info).utcoffset()
        assert offset is not None
        return offset.days * DAY_S + offset.seconds

    def wall(self, second: int) -> int:
        return second + self.offset_s(second)

    def second(self, wall: int) -> int:
        """The instant of a time on the wall, as Go's `time.Date` finds it.

        Go guesses with the offset that holds at `wall` in UTC, and takes the one that holds at the guess. So of a time
        that comes twice it is the first in the west and the second in the east. A time that is skipped becomes one
        after the gap in the east, and one before it in the west: there 00:00 is 23:00 of the day before.
        """
        guessed = self.offset_s(wall)
        return wall - self.offset_s(wall - guessed) if guessed else wall


def is_zone(name: str) -> bool:
    """Whether Go loads a zone by this name. Case matters."""
    return name in _UTC_NAMES or name in _names()


def find(name: str) -> Zone | None:
    """The zone of that name; None if there is none."""
    if name in _UTC_NAMES:
        return _UTC
    return _read(name) if name in _names() else None


_UTC = Zone(UTC)


def _database() -> Any:
    from importlib.resources import files  # slow to load, and needed only where somebody names a zone

    return files("tzdata")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(_database().joinpath("zones").read_text().split())


@lru_cache(maxsize=64)
def _read(name: str) -> Zone:
    from zoneinfo import ZoneInfo

    with _database().joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return Zone(ZoneInfo.from_file(file, key=name))
