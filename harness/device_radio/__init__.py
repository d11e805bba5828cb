"""The radio of a real Android device or emulator, in the place of a simulated one.

`DeviceRadio` is the core. What it wants of the device leaves the world for a `DeviceDoor`; what that finds comes back
as `Taken`, `Refused`, `RowSeen` and `CallTold`. `NumberGuard` says whom the device may text.
"""

from __future__ import annotations

from harness.device_radio.core import LOST, SEEN_WITHIN, SENT_WITHIN, DeviceRadio, Patience
from harness.device_radio.door import (
    CallState,
    CallTold,
    DeviceDoor,
    EndCall,
    InjectText,
    Outgoing,
    PlaceCall,
    Refused,
    RowSeen,
    SendText,
    Taken,
)
from harness.device_radio.guard import NumberGuard
from harness.device_radio.isms import Transaction, send_command, thrown, transaction_of, was_taken
from harness.device_radio.rows import BOXES, Box, Refusal, SmsRow

__all__ = [
    "BOXES",
    "LOST",
    "SEEN_WITHIN",
    "SENT_WITHIN",
    "Box",
    "CallState",
    "CallTold",
    "DeviceDoor",
    "DeviceRadio",
    "EndCall",
    "InjectText",
    "NumberGuard",
    "Outgoing",
    "Patience",
    "PlaceCall",
    "Refusal",
    "Refused",
    "RowSeen",
    "SendText",
    "SmsRow",
    "Taken",
    "Transaction",
    "send_command",
    "thrown",
    "transaction_of",
    "was_taken",
]
