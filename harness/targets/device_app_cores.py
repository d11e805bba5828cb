"""What stands in a story's world for a device on which the app itself is: nobody's phone, and the app's own radio.

The app cannot be looked into. What is known of it is what it asks of the server, and the rows that its texts leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any, ClassVar
from urllib.parse import unquote

from harness.core import Command, Core, Fact, Record, Table, Tell
from harness.device_app import AppSettings
from harness.device_radio import DeviceRadio, NumberGuard, RowSeen, SmsRow
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError
from harness.frozen import frozen
from harness.http.values import Answered, Call, ConnectFailed
from harness.instants import Instant
from harness.phone import ChangeSettings, ForceStop, KillProcess, OpenApp, SwitchSim, TypeEncryptionKey
from harness.radio import AirSubmit, CallLogged, CallStateChanged, TextReceived
from harness.sms import divide, submit_tpdus, with_reference
from harness.wire.client import PhoneKeyIssued
from harness.wire.fcm import PushReceived

__all__ = [
    "APP_DEEDS", "REFUSED", "AppDid", "AppOnDevice", "AppOrder", "AppRadio", "AppRefused", "AppSent", "Configure",
    "DoToApp", "SendGuard", "may_send",
]  # fmt: skip

APP_DEEDS = frozenset(
    {"open app", "kill app", "force stop", "switch", "encrypt received", "encryption key", "text", "call"}
)
"""What stories may do to a phone there: with adb's commands and the app's preferences; texts and calls are others'."""

REFUSED = "request refused"
"""The kind of the entry about a request that would text somebody who is not allowed."""


@frozen
class Configure:
    """Out: the app has these settings from now on, and runs."""

    id: str
    settings: AppSettings = field(repr=False)


@frozen
class DoToApp:
    """Out: it is opened, killed or stopped."""

    id: str
    deed: str


AppOrder = Configure | DoToApp


@frozen
class AppDid:
    """In: what bears this id is done, as far as the device says."""

    id: str


@frozen
class AppRefused:
    """In: it is not, and why."""

    id: str
    why: str


@frozen
class AppSent:
    """In: a row of the sent texts is of this message, as far as its words and its number tell."""

    row: SmsRow
    message: str | None


class AppOnDevice(Core):
    """The app, as far as it can be reached: it gets its settings when it is to log in, and then is on its own.

    Port `device` leads out of the world: `AppOrder`s. What its radio tells is for the app, and it has heard it already.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts",)

    def __init__(self, name: str, draws: Draws, settings: AppSettings) -> None:
        super().__init__(name, draws)
        self.facts: Table[str, Any] = Table({"settings": settings, "counter": 0, "waits": ()})

    @property
    def settings(self) -> AppSettings:
        settings = self.facts["settings"]
        assert isinstance(settings, AppSettings)
        return settings

    @property
    def is_waiting(self) -> bool:
        return bool(self.facts["waits"])

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case PhoneKeyIssued(api_key):
                return self._configure(api_key=api_key)
            case SwitchSim(sim, switch, on):
                sims = list(self.settings.sims)
                change: dict[str, Any] = {switch: on}
                sims[sim - 1] = replace(sims[sim - 1], **change)
                return self._configure(sims=tuple(sims))
            case TypeEncryptionKey(text):
                key = text.strip()
                return self._configure(
                    encryption_key=key, encrypt_received=self.settings.encrypt_received and bool(key)
                )
            case ChangeSettings(changes):
                return self._configure(**dict(changes))
            case OpenApp() | KillProcess() | ForceStop():
                return [self._order(DoToApp(self._new_id(), _DEEDS[type(event)]))]
            case AppDid(name):
                self._over(name)
                return [
                    Record("harness", "app told its settings", None, {"number": sim.number})
                    for sim in self.settings.sims
                    if sim.number and self.settings.api_key
                ]
            case AppRefused(name, why):
                self._over(name)
                facts: dict[str, Fact] = {"number": self.settings.sims[0].number, "error": why, "field": "device"}
                return [Record("phone", "login failed", None, facts)]
            case TextReceived() | CallStateChanged() | CallLogged() | PushReceived():
                return []
            case _:
                raise ProtocolError(self.name, event, "any")

    def _configure(self, **changes: Any) -> list[Command]:
        self.facts["settings"] = settings = replace(self.settings, **changes)
        return [self._order(Configure(self._new_id(), settings))]

    def _order(self, order: AppOrder) -> Command:
        self.facts["waits"] = (*self.facts["waits"], order.id)
        return Tell("device", order)

    def _over(self, name: str) -> None:
        self.facts["waits"] = tuple([one for one in self.facts["waits"] if one != name])

    def _new_id(self) -> str:
        self.facts["counter"] += 1
        return f"app/{self.facts['counter']}"


_DEEDS: dict[type, str] = {OpenApp: "open", KillProcess: "kill", ForceStop: "stop"}


class AppRadio(DeviceRadio):
    """The radio of a device whose app sends by itself: what it sent is seen when the row is there."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case AppSent(row, message):
                return self._app_sent(row, message)
            case _:
                return super().handle(event, now)

    def _app_sent(self, row: SmsRow, message: str | None) -> list[Command]:
        """Contacts read it. Which segments the app made of it nobody sees: those that Android usually makes."""
        if row.id <= self.facts["sent"]:
            return []
        self.facts["sent"] = row.id
        segments = divide(row.body)
        facts: dict[str, Fact] = {"from": self.number, "to": row.address, "row": row.id}
        if message is None:
            commands: list[Command] = [Record("radio", "sent by another app", None, {**facts, "text": row.body})]
        else:
            commands = [
                Record("radio", "submitted", message, {**facts, "text": text, "segment": place})
                for place, text in enumerate(segments, start=1)
            ]
        return [*commands, *self._read_by_contacts(row, segments)]

    def _read_by_contacts(self, row: SmsRow, segments: Sequence[str]) -> list[Command]:
        try:
            tpdus = submit_tpdus(row.address, segments, row.id & 0xFF, status_report=False)
        except SmsError as error:
            return [Record("radio", "unreadable", None, {"to": row.address, "why": str(error)})]
        commands: list[Command] = []
        for place, tpdu in enumerate(tpdus):
            tp_mr = (self.facts["tp_mr"] + 1) & 0xFF
            self.facts["tp_mr"] = tp_mr
            token = f"row/{row.id}/{place}"
            commands.append(Tell("smsc", AirSubmit(self.name, self.number, with_reference(tpdu, tp_mr), token)))
        return commands

    def row_seen(self, seen: RowSeen, message: str | None) -> RowSeen | AppSent:
        """What it is to be told of a row."""
        return AppSent(seen.row, message) if seen.box == "sent" else seen


class SendGuard:
    """Stands behind the application of a story on hardware: it asks for no text to a number that is not allowed.

    Nothing of ours is between the server and the app's radio, so this is where the list of numbers holds.
    """

    name = "number guard"

    def __init__(self, guard: NumberGuard) -> None:
        self._guard = guard

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if not isinstance(command, Call):
            return None
        why = self.refusal(command.request.method, command.request.path, command.request.body)
        if why is None:
            return None
        answer = Answered(command.exchange, ConnectFailed("refused by the harness", why))
        return [(0, Record("harness", REFUSED, None, {"why": why})), (0, Tell("@client", answer))]

    def refusal(self, method: str, path: str, body: bytes) -> str | None:
        """Why this request must not be made; None if it may."""
        if self._guard.is_emulator or not may_send(method, path):
            return None
        numbers = _recipients(body)
        if not numbers:
            return (
                "whom a request texts must be plain on hardware, where it is held against --allow: write it as `send`"
            )
        return next((why for number in numbers if (why := self._guard.refusal(str(number))) is not None), None)

    def fork(self) -> SendGuard:
        return self


# What makes a phone text somebody, at once or (a phone that answers missed calls, an event) later: gateway-protocol.md
# §2.3. Paths match in any case (§1.5).
_TEXTING = (
    ("POST", "v1/messages/send"), ("POST", "v1/messages/bulk-send"), ("POST", "v1/bulk-messages"),
    ("POST", "integration/3cx/messages"), ("POST", "v1/events"), ("PUT", "v1/phones"),
)  # fmt: skip


def may_send(method: str, path: str) -> bool:
    """Whether such a request may make a phone text somebody."""
    route = "/".join([part for part in unquote(path.partition("?")[0]).lower().split("/") if part])
    return any(method.upper() == verb and route.startswith(beginning) for verb, beginning in _TEXTING)


def _recipients(body: bytes) -> list[object]:
    """All that stands under `to`: the server takes the name in any case, and the last of several."""
    try:
        asked = json.loads(body, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return []
    found = [value for name, value in asked if name.lower() == "to"] if isinstance(asked, tuple) else []
    return [number for value in found for number in (value if isinstance(value, list) else [value])]
