"""Deeds as commands to the cores of a handset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.core import Command, LetThrough, Pause, Resume, Tell
from harness.deeds import Deed
from harness.errors import UsageError
from harness.handset import Handset
from harness.modem import (
    PER_HALF_HOUR,
    PER_MINUTE,
    AnswerDialog,
    ChangeDelay,
    ChangeTelephony,
    ComeHome,
    Coverage,
    FillStorage,
    FreeStorage,
    InsertSim,
    LoseService,
    PlanMms,
    PlanResults,
    PowerOff,
    PowerOn,
    RegainService,
    RejectSegments,
    RemoveSim,
    RestartTelephony,
    Roam,
    SwallowTexts,
    mms_result_code,
    result_code,
)
from harness.parties import CallNumber, WriteText
from harness.phone import (
    Boot,
    ChangeCharging,
    ChangeSettings,
    ForceStop,
    InsertCard,
    KillProcess,
    LogOut,
    LoseNetwork,
    LoseValidation,
    NewRegistrationToken,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RegainNetwork,
    RemoveCard,
    SendHeartbeat,
    SwitchSim,
    TypeEncryptionKey,
    UpdateApp,
)

__all__ = ["BINDINGS", "LOG_IN", "Scene", "commands_of"]

LOG_IN = "log in"
"""The deed that needs a phone key: whoever has one does it."""


class Scene:
    """Whom a deed concerns: a handset, and the contact who texts and calls for everybody without a name.

    `token` is the next registration token that the push service would give. `number` is the one that somebody texts
    and calls, None: that of the first card.
    """

    def __init__(self, handset: Handset, contact: str, token: str, number: str | None = None) -> None:
        self.handset = handset
        self.contact = contact
        self.token = token
        self.number = number or handset.numbers[0]

    def phone(self, event: Any) -> Command:
        return Tell(f"@{self.handset.phone}", event)

    def modems(self, event: Any) -> list[Command]:
        return [Tell(f"@{modem}", event) for modem in self.handset.modems]

    def modem(self, slot: int, event: Any) -> list[Command]:
        """The radio of that card. Raises `UsageError` where the handset has no such place."""
        if slot > len(self.handset.modems):
            raise UsageError(
                f"the phone {self.handset.numbers[0]} has one SIM", "give it a second number when it is made"
            )
        return [Tell(f"@{self.handset.modems[slot - 1]}", event)]

    def somebody(self, event: Any) -> Command:
        return Tell(f"@{self.contact}", event)


def commands_of(deed: Deed, scene: Scene) -> Sequence[Command]:
    """What the deed asks for.

    Raises `UsageError` for a radio result that Android does not have, and for a card that has no place.
    """
    return BINDINGS[deed.words](scene, *deed.values)


def _code(result: str | int) -> int:
    return result if isinstance(result, int) else result_code(result)


def _reject(scene: Scene, result: str | int, times: int = 1) -> list[Command]:
    return scene.modems(RejectSegments(_code(result), times))


def _results(scene: Scene, results: Sequence[tuple[int, str | int]], times: int = 1) -> list[Command]:
    return scene.modems(PlanResults(tuple([(segment, _code(result)) for segment, result in results]), times))


def _mms(scene: Scene, result: str | int) -> list[Command]:
    return scene.modems(PlanMms(result if isinstance(result, int) else mms_result_code(result)))


def _roam(scene: Scene, result: str | int | None = None) -> list[Command]:
    return scene.modems(Roam(None if result is None else _code(result)))


_LIMITS = {"minute": PER_MINUTE, "half-hour": PER_HALF_HOUR, "off": None}


def _telephony(scene: Scene, name: str, value: Any) -> list[Command]:
    return scene.modems(ChangeTelephony(((name, value),)))


def _text(scene: Scene, sender: str, text: str) -> list[Command]:
    return [scene.somebody(WriteText(scene.number, text, sender))]


def _call(scene: Scene, caller: str, outcome: str = "missed") -> list[Command]:
    return [scene.somebody(CallNumber(scene.number, outcome, caller))]


def _radio(scene: Scene, on: bool) -> list[Command]:
    return scene.modems(PowerOn() if on else PowerOff())


def _power_down(scene: Scene) -> list[Command]:
    """Telephony forgets what it was waiting for."""
    return [*_radio(scene, False), *scene.modems(RestartTelephony())]


def _airplane(scene: Scene, on: bool) -> list[Command]:
    return [scene.phone(LoseNetwork() if on else RegainNetwork()), *_radio(scene, not on)]


def _to_phone(make: Callable[..., Any]) -> Callable[..., list[Command]]:
    return lambda scene, *values: [scene.phone(make(*values))]


BINDINGS: dict[str, Callable[..., Sequence[Command]]] = {
    "off": lambda scene: [scene.phone(PowerOffHandset()), *_power_down(scene)],
    "on": lambda scene: [scene.phone(Boot()), *_radio(scene, True)],
    "reboot": lambda scene: [scene.phone(Reboot()), *_power_down(scene), *_radio(scene, True)],
    "open app": _to_phone(OpenApp),
    "kill app": _to_phone(KillProcess),
    "force stop": _to_phone(ForceStop),
    "update app": _to_phone(UpdateApp),
    "lose network": _to_phone(LoseNetwork),
    "lose validation": _to_phone(LoseValidation),
    "regain network": _to_phone(RegainNetwork),
    "charging": _to_phone(ChangeCharging),
    "remove sim": lambda scene, slot: [scene.phone(RemoveCard(slot)), *scene.modem(slot, RemoveSim())],
    "insert sim": lambda scene, slot: [scene.phone(InsertCard(slot)), *scene.modem(slot, InsertSim())],
    "log out": _to_phone(LogOut),
    "switch": _to_phone(SwitchSim),
    "encrypt received": _to_phone(lambda on: ChangeSettings((("encrypt_received", on),))),
    "encryption key": _to_phone(TypeEncryptionKey),
    "server": _to_phone(lambda url: ChangeSettings((("server_url", url),))),
    "heartbeat": _to_phone(SendHeartbeat),
    "new token": lambda scene: [scene.phone(NewRegistrationToken(scene.token))],
    "radio": _radio,
    "airplane mode": _airplane,
    "service": lambda scene, state: scene.modems(RegainService() if state == "full" else LoseService()),
    "tunnel": lambda scene, duration: scene.modems(Coverage(((duration, "none"),))),
    "roam": _roam,
    "come home": lambda scene: scene.modems(ComeHome()),
    "reject": _reject,
    "results": _results,
    "mms": _mms,
    "delay": lambda scene, what, duration: scene.modems(ChangeDelay(what, duration)),
    "outgoing limit": lambda scene, limit: _telephony(scene, "limit", _LIMITS[limit]),
    "short codes": lambda scene, answer: _telephony(scene, "short_codes", answer == "ask"),
    "fixed dialling": lambda scene, number: _telephony(scene, "fixed_dialling", None if number is None else (number,)),
    "storage": lambda scene, state: scene.modems(FillStorage() if state == "full" else FreeStorage()),
    "swallow": lambda scene, times: scene.modems(SwallowTexts(times)),
    "dialog": lambda scene, answer: scene.modems(AnswerDialog(answer)),
    "text": _text,
    "call": _call,
    "pause": lambda scene: [Pause(scene.handset.phone)],
    "step": lambda scene: [LetThrough(scene.handset.phone)],
    "resume": lambda scene: [Resume(scene.handset.phone)],
}
"""What each deed but `LOG_IN` is, by its words."""
