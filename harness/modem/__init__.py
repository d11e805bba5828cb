"""The radio of a handset and the SMSC behind it: accepts, rejects, delivers, reports."""

from __future__ import annotations

from harness.modem.modem import Delays, LoseService, Modem, PowerOff, PowerOn, RegainService, RejectSegments
from harness.modem.smsc import Smsc

__all__ = ["Delays", "LoseService", "Modem", "PowerOff", "PowerOn", "RegainService", "RejectSegments", "Smsc"]
