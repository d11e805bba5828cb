"""What happens to a phone beside radio, push and HTTP: the acts of its user and of its own timers."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from harness.frozen import frozen

__all__ = ["ChangeSettings", "HeartbeatDue", "JobDue", "LogIn", "LogOut", "SendHeartbeat"]


@frozen
class LogIn:
    """The user types the API key into the login screen."""

    api_key: str = field(repr=False)


@frozen
class LogOut:
    """The user logs out: the key is forgotten, queued jobs stay."""


@frozen
class ChangeSettings:
    """Some settings change: pairs of a field of `Settings` and its value."""

    changes: tuple[tuple[str, Any], ...] = field(repr=False)


@frozen
class SendHeartbeat:
    """The heartbeat button of the main screen."""


@frozen
class HeartbeatDue:
    """The periodic heartbeat work's time has come."""


@frozen
class JobDue:
    """A job's backoff is over."""

    job: int
