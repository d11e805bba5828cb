"""What happened on a fake device that somebody behind it may care about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.frozen import frozen

__all__ = [
    "ActivityStarted",
    "AppCleared",
    "AppInstalled",
    "AppRemoved",
    "AppStopped",
    "Broadcast",
    "CallEnded",
    "Happened",
    "NetworkSet",
    "PermissionSet",
    "Rang",
    "SettingSet",
    "TextArrived",
    "TextLost",
    "TextRefused",
    "TextSubmitted",
]


@frozen
class TextSubmitted:
    """The shell handed over a text, and the radio took it. `row_id` is its row of type sent."""

    to: str
    text: str
    slot: int
    row_id: int


@frozen
class TextRefused:
    """The shell handed over a text that did not go out; `result` as a sent broadcast would say it."""

    to: str
    text: str
    slot: int
    row_id: int
    result: int


@frozen
class TextArrived:
    sender: str
    text: str
    slot: int
    row_id: int


@frozen
class TextLost:
    """A text that arrived and left no row (`Troubles.loses_texts`)."""

    sender: str
    text: str
    slot: int


@frozen
class Rang:
    number: str
    slot: int


@frozen
class CallEnded:
    """A call that nobody answered is over."""

    number: str
    slot: int


@frozen
class NetworkSet:
    what: Literal["airplane", "wifi", "data", "voice"]
    on: bool


@frozen
class AppInstalled:
    package: str
    size_bytes: int
    granted: bool


@frozen
class AppRemoved:
    package: str


@frozen
class AppCleared:
    package: str


@frozen
class AppStopped:
    """`forced`: as `am force-stop` does, so that nothing starts it but its user; else its process alone died."""

    package: str
    forced: bool


@frozen
class PermissionSet:
    package: str
    permission: str
    granted: bool


@frozen
class SettingSet:
    """None: it was deleted."""

    namespace: str
    name: str
    value: str | None


@frozen
class Broadcast:
    action: str
    package: str
    component: str
    extras: Mapping[str, str]


@frozen
class ActivityStarted:
    action: str
    data: str
    component: str
    extras: Mapping[str, str]


Happened = (
    TextSubmitted
    | TextRefused
    | TextArrived
    | TextLost
    | Rang
    | CallEnded
    | NetworkSet
    | AppInstalled
    | AppRemoved
    | AppCleared
    | AppStopped
    | PermissionSet
    | SettingSet
    | Broadcast
    | ActivityStarted
)
