"""What happens to a phone beside radio, push and HTTP: the acts of its user and of its own timers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["ChangeSettings", "HeartbeatDue", "JobDue", "LogIn", "LogOut", "SendHeartbeat"]


@dataclass(frozen=True, slots=True)
class LogIn:
    """The user types the API key into the login screen."""

    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogOut:
    """The user logs out: the key is forgotten, queued jobs stay."""


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Some settings change: pairs of a field of `Settings` and its value."""

    changes: tuple[tuple[str, Any], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendHeartbeat:
    """The heartbeat button of the main screen."""


@dataclass(frozen=True, slots=True)
class HeartbeatDue:
    """The periodic heartbeat work's time has come."""


@dataclass(frozen=True, slots=True)
class JobDue:
    """A job's backoff is over."""

    job: int
