"""What differs from one release of Android to the next, as far as somebody has said so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from harness.errors import UsageError
from harness.frozen import frozen

__all__ = ["QUIRKS", "RELEASES", "USUAL", "AirplaneCommand", "Kind", "Quirk", "Release", "TextCall", "release"]

Kind = Literal["i32", "i64", "string", "intent"]
AirplaneCommand = Literal["none", "set", "set and get"]

_HOUR_MS = 3_600_000


@frozen
class TextCall:
    """A method of `com.android.internal.telephony.ISms` that submits one text: its code and what it reads."""

    code: int
    name: str
    arguments: tuple[str, ...]


@frozen
class Release:
    """One release. `android` is its name as `ro.build.version.release` says it.

    `airplane`: what `cmd connectivity airplane-mode` can. `hides_codes_ms`: how long the SMS provider keeps texts with
    one-time codes from whoever is not the default SMS app. `checks_parcel_end`: a binder call with more arguments than
    the method reads is refused. `sqlite_code`: how an SQLiteException names its code.
    """

    android: str
    sdk: int
    text_calls: tuple[TextCall, ...]
    airplane: AirplaneCommand
    hides_codes_ms: int
    checks_parcel_end: bool
    sqlite_code: str


@frozen
class Quirk:
    """A field of `Release`, its values by the first release that has them, and who says so."""

    field: str
    since: Mapping[int, Any]
    source: str

    def value(self, android: int) -> Any:
        return self.since[max(first for first in self.since if first <= android)]


# How an argument of each name is read from the parcel.
ARGUMENTS: Mapping[str, Kind] = MappingProxyType(
    {
        "sub_id": "i32",
        "package": "string",
        "attribution": "string",
        "to": "string",
        "service_center": "string",
        "text": "string",
        "sent_intent": "intent",
        "delivery_intent": "intent",
        "persist": "i32",
        "message_id": "i64",
    }
)
_FIRST = ("sub_id", "package", "to", "service_center", "text", "sent_intent", "delivery_intent", "persist")
_TAGGED = ("sub_id", "package", "attribution", *_FIRST[2:], "message_id")

QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "text_calls",
        {
            8: (
                TextCall(6, "sendTextForSubscriber", _FIRST),
                TextCall(7, "sendTextForSubscriberWithSelfPermissions", _FIRST),
            ),
            10: (TextCall(5, "sendTextForSubscriber", _TAGGED),),
        },
        "phone-behaviour.md 9.3 (7 on 8-9, 5 on 10-13, from public scripts); AOSP ISms.aidl: order of the methods with "
        "and without ...WithSelfPermissions; constants of an ISms.Stub that has setStorageMonitorMemoryStatusOverride "
        "(Android 14 and later): sendTextForSubscriber is 5 there too",
    ),
    Quirk(
        "airplane",
        {8: "none", 11: "set", 12: "set and get"},
        "phone-behaviour.md 9.4 (Android 11+); AOSP ConnectivityService, android12-release: help of its shell command",
    ),
    Quirk(
        "hides_codes_ms",
        {8: 0, 17: 3 * _HOUR_MS},
        "phone-behaviour.md 9.2 and 12.5: Android Developers, 'Behavior changes: all apps' (Android 17), "
        "'Telephony.Sms'",
    ),
    Quirk(
        "checks_parcel_end",
        {8: False, 13: True},
        "Android Developers, 'Parcel': enforceNoDataAvail was added in API level 33",
    ),
    Quirk(
        "sqlite_code",
        {8: "code 1", 9: "code 1 SQLITE_ERROR"},
        "SQLiteExceptions in public bug reports of Android 8 and of Android 9 and later",
    ),
)
_SDKS = {8: 26, 9: 28, 10: 29, 11: 30, 12: 31, 13: 33, 14: 34, 15: 35, 16: 36, 17: 37}


def _release(android: int, sdk: int) -> Release:
    return Release(str(android), sdk, **{quirk.field: quirk.value(android) for quirk in QUIRKS})


RELEASES: Mapping[str, Release] = MappingProxyType(
    {str(android): _release(android, sdk) for android, sdk in _SDKS.items()}
)
USUAL = RELEASES["14"]
"""What a fake device is unless somebody says otherwise."""


def release(android: str) -> Release:
    """Raises `UsageError` for a release that is not known here."""
    found = RELEASES.get(android)
    if found is None:
        raise UsageError(f"Android {android} is not known", f"known are: {', '.join(RELEASES)}")
    return found
