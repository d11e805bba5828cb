"""The way to a device: what leaves the world for it, what it tells, and who carries both."""

from __future__ import annotations

from typing import Literal, Protocol

from harness.device_radio.rows import Box, SmsRow
from harness.frozen import frozen

__all__ = [
    "CallState", "CallTold", "DeviceDoor", "EndCall", "InjectText", "Outgoing", "PlaceCall", "Refused", "RowSeen",
    "SendText", "Taken",
]  # fmt: skip

CallState = Literal["RINGING", "IDLE"]


# -- out ---------------------------------------------------------------------------------------------------------------


@frozen
class SendText:
    """The device texts `to` from the card with this subscription."""

    id: str
    to: str
    text: str
    subscription_id: int


@frozen
class InjectText:
    """Somebody texts the device."""

    id: str
    sender: str
    text: str


@frozen
class PlaceCall:
    """Somebody calls the device."""

    id: str
    caller: str


@frozen
class EndCall:
    """Whoever calls the device hangs up."""

    id: str
    caller: str


Outgoing = SendText | InjectText | PlaceCall | EndCall


# -- in ----------------------------------------------------------------------------------------------------------------


@frozen
class Taken:
    """The device, or its console, took what bears this id and said OK. Whether anything comes of it is not known."""

    id: str


@frozen
class Refused:
    """The device, or its console, did not take what bears this id, and said `why`."""

    id: str
    why: str


@frozen
class RowSeen:
    """A row has come into one of the device's boxes."""

    box: Box
    row: SmsRow


@frozen
class CallTold:
    """The call that bears this id is now in `state`. `said_by`: `device`, or `console` where that does not say."""

    id: str
    state: CallState
    said_by: str


class DeviceDoor(Protocol):
    """Carries what leaves the world to a device.

    Each asks the device's `NumberGuard` once more. Raises a `DeviceError` where there is no way to the device any more;
    what the device refuses is a value.
    """

    async def send(self, text: SendText) -> Taken | Refused: ...

    async def inject(self, text: InjectText) -> Taken | Refused: ...

    async def call(self, call: PlaceCall | EndCall) -> CallTold | Refused: ...

    async def newest(self, box: Box) -> int:
        """The id of the newest row, 0 where there is none."""
        ...

    async def rows(self, box: Box, after_id: int) -> list[SmsRow]:
        """What has come since that row, the oldest first."""
        ...
