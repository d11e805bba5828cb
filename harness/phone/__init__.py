"""The handset: what the httpSMS app does with pushes, radio results and received texts."""

from __future__ import annotations

from harness.phone.core import Phone
from harness.phone.device import Device
from harness.phone.events import ChangeSettings, LogIn, LogOut, SendHeartbeat
from harness.phone.settings import Settings, Sim
from harness.phone.stages import Stage

__all__ = ["ChangeSettings", "Device", "LogIn", "LogOut", "Phone", "SendHeartbeat", "Settings", "Sim", "Stage"]
