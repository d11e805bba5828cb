"""What happens to a phone beside radio, push and HTTP: the acts of its user, of Android, and of its own timers."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from harness.frozen import frozen

__all__ = [
    "AnswerPermissions",
    "Boot",
    "ChangeCharging",
    "ChangeSettings",
    "ChangeSims",
    "ForceStop",
    "InsertCard",
    "JobDue",
    "KillProcess",
    "LogIn",
    "LogOut",
    "LoseNetwork",
    "LoseValidation",
    "MainScreenOpens",
    "NewRegistrationToken",
    "OpenApp",
    "PowerOffHandset",
    "Reboot",
    "RegainNetwork",
    "RemoveCard",
    "ResultBroadcast",
    "ResumeApp",
    "SendHeartbeat",
    "SmsBroadcast",
    "SwitchSim",
    "TelephonyThrows",
    "TypeEncryptionKey",
    "UpdateApp",
]


# -- the user ------------------------------------------------------------------------------------------------


@frozen
class LogIn:
    """The user fills in the login screen and presses its button.

    `numbers` are those of SIM1 and SIM2; None: what the screen shows by itself, the numbers of the cards.
    `server_url` None: the one that is stored.
    """

    api_key: str = field(repr=False)
    numbers: tuple[str, ...] | None = None
    server_url: str | None = None


@frozen
class LogOut:
    """The user logs out: the key and the numbers are forgotten, queued jobs stay."""


@frozen
class ChangeSettings:
    """Some settings change as from the settings screen or a backup: pairs of a field of `Settings` and its value."""

    changes: tuple[tuple[str, Any], ...] = field(repr=False)


@frozen
class SwitchSim:
    """A switch of the settings screen: `sim` 1 or 2, `switch` is `active`, `incoming` or `calls`."""

    sim: int
    switch: str
    on: bool


@frozen
class TypeEncryptionKey:
    """The encryption key is typed into the settings screen."""

    text: str = field(repr=False)


@frozen
class OpenApp:
    """The main screen is created, started and resumed. An app that was force-stopped starts again."""


@frozen
class ResumeApp:
    """The main screen comes back."""


@frozen
class SendHeartbeat:
    """The heartbeat button of the main screen."""


@frozen
class AnswerPermissions:
    """The user answers a request for permissions: pairs of a permission's name and whether it is granted."""

    answers: tuple[tuple[str, bool], ...]


# -- Android -------------------------------------------------------------------------------------------------


@frozen
class NewRegistrationToken:
    """The push service gave the app a new token."""

    token: str = field(repr=False)


@frozen
class PowerOffHandset:
    """The handset is switched off: nothing runs, nothing arrives."""


@frozen
class Boot:
    """The handset has started."""


@frozen
class Reboot:
    """Off and on again."""


@frozen
class UpdateApp:
    """Another version is installed: the process dies, nothing starts by itself."""


@frozen
class KillProcess:
    """Android kills the app's process for want of memory. Jobs stay."""


@frozen
class ForceStop:
    """The user stops the app: nothing runs and nothing arrives until it is opened."""


@frozen
class LoseNetwork:
    """No network at all."""


@frozen
class RegainNetwork:
    """A network that Android has found to reach the internet."""


@frozen
class LoseValidation:
    """Connected, but Android does not see the internet: requests work, no job runs."""


@frozen
class ChangeSims:
    """Other cards: (subscription id, slot 1 or 2) of each active one, and the default for texts (None: none)."""

    subscriptions: tuple[tuple[int, int], ...]
    default: int | None


@frozen
class InsertCard:
    """The card of that slot is put in again."""

    slot: int


@frozen
class RemoveCard:
    """The card of that slot is taken out."""

    slot: int


@frozen
class ChangeCharging:
    """The charger is plugged in or out."""

    charging: bool


@frozen
class SmsBroadcast:
    """Android broadcasts a received text: SMS-DELIVER PDUs, without the service centre's address.

    `slot_index` counts from 0; None: it is not in the broadcast.
    """

    pdus: tuple[bytes, ...]
    slot_index: int | None = 0


@frozen
class ResultBroadcast:
    """A broadcast about a text from whoever sends one: `what` is `sent` or `delivered`, `message_id` may be missing."""

    what: str
    message_id: str | None
    code: int


@frozen
class TelephonyThrows:
    """From now on SmsManager dies of this exception (with its package) when a text is handed over; None: no more."""

    exception: str | None
    text: str | None = None


# -- timers --------------------------------------------------------------------------------------------------


@frozen
class JobDue:
    """A job's time has come: it was enqueued, or its backoff is over."""

    job: int


@frozen
class MainScreenOpens:
    """The login screen has closed after a login."""
