"""What the httpSMS app keeps in its preferences (phone-behaviour.md §1.2), as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from harness.device_app.preferences import Kind, Preference, Preferences
from harness.frozen import frozen

__all__ = ["AppSettings", "SimSettings", "settings_in", "stored"]

_SERVER_URL = "https://api.httpsms.com"


@frozen
class SimSettings:
    """What is stored of one SIM: its number ("": none) and its three switches."""

    number: str = ""
    active: bool = True
    incoming: bool = True
    calls: bool = False


@frozen
class AppSettings:
    """The stored settings; `api_key` and `registration_token` None: there is none. `…_at_ms` are ms since 1970."""

    sims: tuple[SimSettings, SimSettings] = (SimSettings(), SimSettings())
    server_url: str = _SERVER_URL
    api_key: str | None = field(default=None, repr=False)
    encryption_key: str = field(default="", repr=False)
    encrypt_received: bool = False
    registration_token: str | None = field(default=None, repr=False)
    user_id: str = ""
    token_uploaded_at_ms: int = 0
    heartbeat_at_ms: int = 0
    debug: bool = False


_SIM: Mapping[str, tuple[str, Kind]] = {
    "number": ("SETTINGS_SIM{}_PHONE_NUMBER", "string"),
    "active": ("SETTINGS_SIM{}_ACTIVE_STATUS", "boolean"),
    "incoming": ("SETTINGS_SIM{}_INCOMING_ACTIVE", "boolean"),
    "calls": ("SETTINGS_SIM{}_INCOMING_CALL_ACTIVE", "boolean"),
}
_APP: Mapping[str, tuple[str, Kind]] = {
    "server_url": ("SETTINGS_SERVER_URL", "string"),
    "api_key": ("SETTINGS_API_KEY", "string"),
    "encryption_key": ("SETTINGS_ENCRYPTION_KEY", "string"),
    "encrypt_received": ("SETTINGS_ENCRYPT_RECEIVED_MESSAGES", "boolean"),
    "registration_token": ("SETTINGS_FCM_TOKEN", "string"),
    "user_id": ("SETTINGS_USER_ID", "string"),
    "token_uploaded_at_ms": ("SETTINGS_FCM_TOKEN_UPDATE_TIMESTAMP", "long"),
    "heartbeat_at_ms": ("SETTINGS_HEARTBEAT_TIMESTAMP", "long"),
    "debug": ("SETTINGS_DEBUG_LOG_ENABLED", "boolean"),
}


def settings_in(preferences: Preferences) -> AppSettings:
    """What the app reads from its file; a setting that is not there, or of another kind, has its default."""
    sims = tuple([SimSettings(**_fields(preferences, _SIM, slot)) for slot in (1, 2)])
    return AppSettings(sims=(sims[0], sims[1]), **_fields(preferences, _APP, 0))


def _fields(preferences: Preferences, known: Mapping[str, tuple[str, Kind]], slot: int) -> dict[str, Any]:
    found = {name: preferences.get(key.format(slot)) for name, (key, _) in known.items()}
    return {name: one.value for name, one in found.items() if one is not None and one.kind == known[name][1]}


def stored(settings: AppSettings) -> dict[str, Preference | None]:
    """Every setting under the app's name for it; None for what the app would not have there."""
    found: dict[str, Preference | None] = {}
    for slot, sim in enumerate(settings.sims, start=1):
        for name, (key, kind) in _SIM.items():
            found[key.format(slot)] = Preference(kind, getattr(sim, name))
    for name, (key, kind) in _APP.items():
        value = getattr(settings, name)
        found[key] = None if value is None else Preference(kind, value)
    return found
