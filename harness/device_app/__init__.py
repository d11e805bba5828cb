"""The httpSMS app on a device, as a host with adb sees it: its preferences, and what it is permitted."""

from __future__ import annotations

from harness.device_app.dumps import is_debuggable, permissions_in, version_in
from harness.device_app.preferences import FILE, FOLDER, Preference, Preferences, changed, parsed, rendered
from harness.device_app.stored import AppSettings, SimSettings, settings_in, stored

__all__ = [
    "FILE", "FOLDER", "PACKAGE", "PERMISSIONS", "PHONE_CORE", "AppSettings", "Preference", "Preferences",
    "SimSettings", "changed", "is_debuggable", "parsed", "permissions_in", "rendered", "settings_in", "stored",
    "version_in",
]  # fmt: skip

PACKAGE = "com.httpsms"

PHONE_CORE = "httpsms_harness.app"
"""A property that a fake device has where this package's phone core stands in for the app; no real device has it."""

# What the app asks for at run time, and RECEIVE_MMS, which it never does (phone-behaviour.md §1.1, §9.4).
PERMISSIONS = (
    "SEND_SMS", "RECEIVE_SMS", "READ_SMS", "READ_PHONE_STATE", "READ_CALL_LOG", "POST_NOTIFICATIONS", "RECEIVE_MMS",
)  # fmt: skip
