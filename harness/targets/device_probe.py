"""What a device can do for stories, found by asking it: no text is sent for it, and nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from harness.capability import CAPABILITIES, Capability, Missing
from harness.device_radio.isms import RELEASES, transaction_of
from harness.device_radio.rows import BOXES, Box, Refusal, ids_query, read_ids
from harness.frozen import frozen
from harness.targets.probing import Finding

__all__ = ["DeviceCard", "DeviceFindings", "Facts", "Shell", "as_json", "ask_device", "findings_of"]

Shell = Callable[[str], Awaitable[tuple[str, str]]]
"""Runs a command in the device's shell; what it wrote, and what it complained of."""

# A query that finds nothing costs nothing, and is refused where the box cannot be read.
_NEVER = 2**62


@frozen
class DeviceCard:
    """A card in the device: its slot (1 or 2) and the id of its subscription."""

    slot: int
    subscription_id: int


@frozen
class Facts:
    """What the device says of itself. `console_why`: why no text can be typed into its console; None: it can.

    `unreadable`: why a box cannot be read, by its name.
    """

    serial: str
    release: str = ""
    sdk: str = ""
    model: str = ""
    is_emulator: bool = False
    cards: tuple[DeviceCard, ...] = ()
    sms_app: str = ""
    doze: str = ""
    unreadable: tuple[tuple[Box, str], ...] = ()
    console_why: str | None = None

    @property
    def android(self) -> int:
        """The first number of its version; 0 where it has none."""
        found = re.match(r"[0-9]+", self.release)
        return int(found[0]) if found else 0


@frozen
class DeviceFindings:
    """What a probe of a device came to: `missing` is what stories cannot have there."""

    facts: Facts
    findings: tuple[Finding, ...]
    missing: Mapping[Capability, Missing]

    @property
    def can_run(self) -> bool:
        """Texts can go one way at least."""
        return not {Capability.SEND, Capability.RECEIVE} <= self.missing.keys()


# -- asking ------------------------------------------------------------------------------------------------------------


async def ask_device(serial: str, shell: Shell, console_why: str | None) -> Facts:
    """Raises a `DeviceError` when there is no way to the device any more."""

    async def said(command: str) -> str:
        return (await shell(command))[0].strip()

    unreadable: list[tuple[Box, str]] = []
    for box in BOXES:
        ids = read_ids(*await shell(ids_query(box, _NEVER)))
        unreadable += [(box, ids.why)] if isinstance(ids, Refusal) else []
    # Both are set by the emulator; which of them depends on its age.
    qemu = [await said(f"getprop {name}") for name in ("ro.boot.qemu", "ro.kernel.qemu")]
    return Facts(
        serial,
        release=await said("getprop ro.build.version.release"),
        sdk=await said("getprop ro.build.version.sdk"),
        model=await said("getprop ro.product.model"),
        is_emulator="1" in qemu,
        cards=_cards(await said("dumpsys isub")),
        sms_app=_named(await said("settings get secure sms_default_application")),
        doze=_state(await said("dumpsys deviceidle")),
        unreadable=tuple(unreadable),
        console_why=console_why,
    )


def _cards(dump: str) -> tuple[DeviceCard, ...]:
    """Those of the subscriptions that are in a slot; Android writes each with its `id` before its `simSlotIndex`."""
    found = re.findall(r"\bid=(\d+)\b(?:(?!\bid=).)*?\bsimSlotIndex=(-?\d+)", dump, re.DOTALL)
    slots = {int(slot): int(subscription) for subscription, slot in found if int(slot) >= 0}
    return tuple([DeviceCard(slot + 1, slots[slot]) for slot in sorted(slots)])


def _named(text: str) -> str:
    return "" if text == "null" else text


def _state(dump: str) -> str:
    found = re.search(r"\bmState=(\w+)", dump)
    return found[1] if found else ""


# -- what it means -----------------------------------------------------------------------------------------------------


def findings_of(facts: Facts) -> DeviceFindings:
    missing = {what: Missing(what, *why) for what, why in _missing(facts)}
    return DeviceFindings(facts, tuple(_lines(facts, missing)), missing)


def _missing(facts: Facts) -> Iterator[tuple[Capability, tuple[str, str]]]:
    send = _no_send(facts)
    if send is not None:
        yield Capability.SEND, send
    receive = _no_receive(facts)
    if receive is not None:
        for what in (Capability.RECEIVE, Capability.CONTACT_RULES):
            yield what, receive
    if facts.console_why is not None:
        yield Capability.CALLS, (facts.console_why, _CONSOLE)
    yield Capability.DELIVERY_REPORTS, _NO_REPORTS
    yield Capability.CARRIER, _NO_CARRIER
    if len(facts.cards) < 2:
        yield Capability.DUAL_SIM, (f"the device has {len(facts.cards)} active SIM", _ELSEWHERE)
    yield Capability.VIRTUAL_TIME, ("a device goes by the real clock", _ELSEWHERE)


_ELSEWHERE = "run it without --device"
_CONSOLE = "use an emulator on this machine, and give --console-token-file if its console asks for a token"
# phone-behaviour.md §9.1, §9.3: the shell's call names no intent for a report, and old emulators send none.
_NO_REPORTS = ("a text that is sent from a device's shell gets no status report", _ELSEWHERE)
_NO_CARRIER = ("the network behind a device is not ours to change", _ELSEWHERE)


def _no_send(facts: Facts) -> tuple[str, str] | None:
    if transaction_of(facts.android) is None:
        known = ", ".join([str(android) for android in RELEASES])
        return (
            f"nobody has looked up how a shell sends a text on Android {facts.release or '?'}",
            f"use a device with one of Android {known}",
        )
    if not facts.cards:
        return "the device has no active SIM, or does not tell which", "put a SIM in, and switch airplane mode off"
    return _unread(facts, "sent", "what is sent cannot be seen")


def _no_receive(facts: Facts) -> tuple[str, str] | None:
    if facts.console_why is not None:
        return facts.console_why, _CONSOLE
    return _unread(facts, "inbox", "what comes in cannot be seen")


def _unread(facts: Facts, box: Box, words: str) -> tuple[str, str] | None:
    why = dict(facts.unreadable).get(box)
    if why is None:
        return None
    return f"{words}: {why}", "some makers take READ_SMS from the shell; use another device, or an emulator"


def _lines(facts: Facts, missing: Mapping[Capability, Missing]) -> Iterable[Finding]:
    kind = "emulator" if facts.is_emulator else "hardware"
    cards = ", ".join([f"SIM{card.slot} (subscription {card.subscription_id})" for card in facts.cards])
    yield Finding("device", True, f"{facts.model or 'a device'}, {kind}")
    yield Finding("Android", None, f"{facts.release or '?'} (API {facts.sdk or '?'})")
    yield Finding("SIMs", bool(facts.cards), cards or "none")
    yield _line("texts out", "a text that the shell sends can be seen among those sent", missing, Capability.SEND)
    yield _line("texts in", "a text that is typed into the console can be seen", missing, Capability.RECEIVE)
    yield _line("calls", "a call can be typed into the console", missing, Capability.CALLS)
    yield _line("reports", "", missing, Capability.DELIVERY_REPORTS)
    if not facts.is_emulator:
        yield Finding("numbers", None, "none is texted but those of --allow", "give --allow NUMBER")
    yield Finding("SMS app", None, facts.sms_app or "none is set")
    if facts.doze:
        yield Finding("doze", None, facts.doze)


def _line(name: str, well: str, missing: Mapping[Capability, Missing], what: Capability) -> Finding:
    lack = missing.get(what)
    return Finding(name, True, well) if lack is None else Finding(name, False, lack.reason, lack.remedy)


def as_json(found: DeviceFindings) -> dict[str, Any]:
    """For machines. No token is in it."""
    facts = found.facts
    return {
        "serial": facts.serial,
        "can_run": found.can_run,
        "android": facts.release,
        "sdk": facts.sdk,
        "model": facts.model,
        "emulator": facts.is_emulator,
        "cards": [{"slot": card.slot, "subscription_id": card.subscription_id} for card in facts.cards],
        "sms_app": facts.sms_app,
        "doze": facts.doze,
        "findings": [
            {"name": one.name, "ok": one.ok, "words": one.words, "remedy": one.remedy} for one in found.findings
        ],
        "capabilities": {
            what.value: {"there": False, "reason": found.missing[what].reason, "remedy": found.missing[what].remedy}
            if what in found.missing
            else {"there": True}
            for what in CAPABILITIES
        },
    }
