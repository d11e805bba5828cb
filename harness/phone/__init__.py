"""The handset: what the httpSMS app does with pushes, radio results and received texts."""

from __future__ import annotations

from harness.phone.build import Build
from harness.phone.core import Phone
from harness.phone.device import Card, Device, Network
from harness.phone.events import (
    AnswerPermissions,
    Boot,
    ChangeCharging,
    ChangeSettings,
    ChangeSims,
    ForceStop,
    InsertCard,
    KillProcess,
    LogIn,
    LogOut,
    LoseNetwork,
    LoseValidation,
    NewRegistrationToken,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RegainNetwork,
    RemoveCard,
    ResultBroadcast,
    ResumeApp,
    SendHeartbeat,
    SmsBroadcast,
    SwitchSim,
    TelephonyThrows,
    TypeEncryptionKey,
    UpdateApp,
)
from harness.phone.pending import Pending
from harness.phone.settings import Settings, Sim
from harness.phone.stages import Stage

__all__ = [
    "AnswerPermissions",
    "Boot",
    "Build",
    "Card",
    "ChangeCharging",
    "ChangeSettings",
    "ChangeSims",
    "Device",
    "ForceStop",
    "InsertCard",
    "KillProcess",
    "LogIn",
    "LogOut",
    "LoseNetwork",
    "LoseValidation",
    "Network",
    "NewRegistrationToken",
    "OpenApp",
    "Pending",
    "Phone",
    "PowerOffHandset",
    "Reboot",
    "RegainNetwork",
    "RemoveCard",
    "ResultBroadcast",
    "ResumeApp",
    "SendHeartbeat",
    "Settings",
    "Sim",
    "SmsBroadcast",
    "Stage",
    "SwitchSim",
    "TelephonyThrows",
    "TypeEncryptionKey",
    "UpdateApp",
]
