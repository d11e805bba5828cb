"""Values that a fake device is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from harness.frozen import frozen

__all__ = ["APP", "APP_PERMISSIONS", "RUNTIME_PERMISSIONS", "Battery", "LogLine", "Package", "Registration", "Troubles"]

Registration = Literal["unregistered", "home", "roaming", "searching", "denied", "off", "on"]
"""What the console's `gsm voice` and `gsm data` take (phone-behaviour.md 9.1)."""

APP = "com.httpsms"
# phone-behaviour.md 1.1
APP_PERMISSIONS = (
    *("READ_PHONE_STATE", "READ_CALL_LOG", "READ_SMS", "SEND_SMS", "RECEIVE_SMS", "RECEIVE_MMS", "POST_NOTIFICATIONS"),
    *("INTERNET", "ACCESS_NETWORK_STATE", "FOREGROUND_SERVICE", "WAKE_LOCK", "RECEIVE_BOOT_COMPLETED"),
    *("REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", "FOREGROUND_SERVICE_REMOTE_MESSAGING"),
)
RUNTIME_PERMISSIONS = APP_PERMISSIONS[:7]


@frozen
class Troubles:
    """What is wrong with the device. The first three are for whoever connects it to a wire.

    `loses_texts`: a text that arrives leaves no row. `refuses_isms`: the shell may not submit texts.
    """

    slow_ms: int = 0
    unauthorized: bool = False
    vanish_after_bytes: int | None = None
    loses_texts: bool = False
    refuses_isms: bool = False


@frozen
class LogLine:
    at_ms: int
    tag: str
    text: str


@frozen
class Package:
    """An app. `permissions` are those that it asks for at run time, with whether they are granted.

    Whoever has adb may `run-as` one that is debuggable.
    """

    name: str
    size_bytes: int = 0
    permissions: Mapping[str, bool] = field(default_factory=dict)
    is_system: bool = False
    is_debuggable: bool = False

    @property
    def path(self) -> str:
        kind = "system/priv-app" if self.is_system else "data/app/~~fake=="
        return f"/{kind}/{self.name}/base.apk"


@frozen
class Battery:
    level: int = 100
    on_ac: bool = True
    on_usb: bool = False
