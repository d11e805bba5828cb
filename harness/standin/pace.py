"""The two settings of time."""

from __future__ import annotations

from enum import Enum

__all__ = ["Pace"]


class Pace(Enum):
    """FAITHFUL has the real server's delays and spacing; in INSTANT internal delays are zero. Expiry is in both."""

    FAITHFUL = "faithful"
    INSTANT = "instant"
