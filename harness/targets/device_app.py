"""The httpSMS app on a device as a target: no phone of ours is in the story, the app itself speaks to the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from harness.adapters.live import LiveDriver
from harness.device_app import AppSettings, SimSettings
from harness.device_radio import DeviceRadio, NumberGuard, Patience, RowSeen, SmsRow
from harness.live_story import Outfit, play_live
from harness.outcome import Outcome
from harness.scenario.plan import Scenario
from harness.staging import Stage
from harness.targets.device import (
    Device,
    DeviceTarget,
    OpenDevice,
    guard_of,
    judged,
    patience_of,
    repeating,
    settle_s,
)
from harness.targets.device_app_cores import (
    REFUSED,
    AppDid,
    AppOnDevice,
    AppOrder,
    AppRadio,
    AppRefused,
    AppSent,
    Configure,
    DoToApp,
    SendGuard,
)
from harness.targets.device_app_door import AppDoor
from harness.targets.device_app_lacking import why_not_with_the_app
from harness.targets.device_app_probe import app_findings
from harness.targets.device_driver import DeviceDriver, TravellingDeviceDriver
from harness.targets.device_probe import DeviceCard
from harness.targets.lacking import why_not
from harness.targets.numbers import recast
from harness.targets.options import TargetOptions
from harness.testing import not_run
from harness.trace import Entry
from harness.world import OUTSIDE

__all__ = [
    "APP_HOPS", "AppDriver", "AppTarget", "TravellingAppDriver", "divides", "message_of", "name_of", "prepared",
    "put_app",
]  # fmt: skip

APP_HOPS: Final = ("client", "gateway", "api", "push", "radio", "contact", "webhook", "harness")
"""What can be seen of a story there: nobody looks into the app."""

_FOREVER = 2**62
_STILL_S = 1.0  # so long nothing must have come from the app before it counts as done
_LOGS_IN_S = 20.0  # so long it may take to tell the gateway of itself
_TICK_S = 0.25


async def prepared(device: Device, options: TargetOptions) -> Device:
    """The app is there, and permitted what it needs. Raises a `DeviceError`, `UsageError`."""
    assert device.app is not None
    facts = await device.app.prepare(None if options.apk is None else Path(options.apk))
    return replace(device, found=app_findings(device.found, facts, options))


def divides(device: Device) -> bool:
    """How many segments the app made of a text is known: it is our phone core."""
    return any(one.name == "app" and one.ok is None for one in device.found.findings)


def name_of(device: Device, options: TargetOptions) -> str:
    """How reports call the target: whether it is the real app that was tried stands in it."""
    notes = [one.words for one in device.found.findings if one.name == "app" and one.ok is None]
    return f"device {options.device}, app ({notes[0] if notes else 'com.httpsms'})"


class AppTarget(DeviceTarget):
    """Runs stories on the embedded gateway, one after the other, with the app of a device for their phone."""

    def __init__(self, options: TargetOptions, opens: OpenDevice | None = None, **driving: Any) -> None:
        """Raises `UsageError`, `DeviceError`."""
        super().__init__(options, opens, waits=_FOREVER, **driving)
        try:
            self._device = self._do(prepared(self._device, options))
        except BaseException:
            self.close()
            raise
        self.name = name_of(self._device, options)

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        options, guard = self._options, guard_of(self._options, self._device)
        scenario = recast(scenario, dict(options.phones), dict(options.contacts), (), take_over=True)
        reason = scenario.skip or why_not(scenario, self.missing, slow=options.slow)
        reason = reason or why_not_with_the_app(scenario, guard, divides=divides(self._device))
        if reason is not None:
            return not_run(scenario, seed, reason, target=self.name, options=repeating(options))
        cards, patience = self._device.found.facts.cards, patience_of(options)
        outfit = Outfit(
            self.name,
            repeating(options),
            self._driver(),
            lambda staged: put_app(staged, cards, guard, patience),
            self._waits,
            settle_s(options),
        )
        outcome = self._do(self._played(scenario, seed, outfit))
        return replace(_unless_refused(judged(scenario, outcome)), hops=APP_HOPS)

    async def _played(self, scenario: Scenario, seed: int, outfit: Outfit) -> Outcome:
        try:
            return await play_live(scenario, seed, outfit)
        finally:
            assert self._device.app is not None
            await self._device.app.do("stop")

    def _driver(self) -> Callable[..., LiveDriver]:
        assert self._device.app is not None
        return partial(AppDriver, door=self._device.door, app=self._device.app, **self._driving)

    async def _close(self) -> None:
        device: Device | None = getattr(self, "_device", None)
        try:
            if device is not None and device.app is not None:
                await device.app.restore()
        finally:
            await super()._close()


def _unless_refused(outcome: Outcome) -> Outcome:
    """A story that asks for what it must not is none that failed."""
    refused = next((entry for entry in outcome.entries if (entry.hop, entry.kind) == ("harness", REFUSED)), None)
    if refused is None:
        return outcome
    return replace(
        outcome, verdict=replace(outcome.verdict, passed=True, failure=None, skipped=str(refused.facts["why"]))
    )


def put_app(staged: Stage, cards: tuple[DeviceCard, ...], guard: NumberGuard, patience: Patience) -> None:
    """The phone of the story is the app on the device from now on, and its radios are the device's cards."""
    bed, world = staged.bed, staged.bed.world
    bed.smsc.magic = False
    slots = {card.slot: card.subscription_id for card in cards}
    for handset in bed.handsets.values():
        spec = bed.phones[handset.name]
        sims = [SimSettings(number) for number in (*handset.numbers, "")[:2]]
        key = spec.encryption_key or ""
        url = bed.places.api
        settings = AppSettings((sims[0], sims[1]), url, encryption_key=key, encrypt_received=bool(key))
        world.remove(handset.phone)
        world.add(AppOnDevice(handset.phone, world.draws(handset.phone), settings))
        world.wire(handset.phone, "device", OUTSIDE)
        for slot, (name, number) in enumerate(zip(handset.modems, handset.numbers, strict=True), start=1):
            world.remove(name)
            card = {"slot": slot, "subscription_id": slots.get(slot, slot)}
            world.add(AppRadio(name, world.draws(name), number, guard, patience=patience, **card))
            world.wire(name, "device", OUTSIDE)
    if not guard.is_emulator:
        world.fault("client", SendGuard(guard))


class AppDriver(DeviceDriver):
    """Carries what the app on a device is told, too, and finds out which message a text of it was."""

    OUTGOING: ClassVar[tuple[type, ...]] = (*DeviceDriver.OUTGOING, Configure, DoToApp)

    def __init__(self, *positional: Any, app: AppDoor, logs_in_s: float = _LOGS_IN_S, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._app = app
        self._logs_in_s = logs_in_s
        self._messages: set[str] = set()
        self._seen = (0, 0.0)

    async def __aenter__(self) -> Any:
        driver = await super().__aenter__()
        self._seen = (self.world.trace.count, self._loop.time())
        self._own(self._tick())
        return driver

    @property
    def is_device_busy(self) -> bool:
        """What the app is about nobody sees: it counts as done when nothing came of it for a while."""
        is_told = any(core.is_waiting for core in self.world.cores.values() if isinstance(core, AppOnDevice))
        return super().is_device_busy or is_told or not self._is_still()

    def _is_still(self) -> bool:
        count, now = self.world.trace.count, self._loop.time()
        if count != self._seen[0]:
            self._seen = (count, now)
        return now - self._seen[1] >= _STILL_S

    async def _tick(self) -> None:
        """Stillness is an event, too."""
        while True:
            await asyncio.sleep(_TICK_S)
            self.pump_soon()

    # -- out -----------------------------------------------------------------------------------------------------

    async def _carried(self, event: Any) -> object:
        match event:
            case Configure(_, settings):
                before = self.world.trace.count
                why = await self._app.configure(settings)
                if why is None:
                    self._own(self._watch_login(event, before))
                return _answer(event, why)
            case DoToApp(_, deed):
                return _answer(event, await self._app.do(deed))
            case _:
                # What the app is just being told comes first: while it is stopped it hears of nothing.
                async with self._app.turn:
                    pass
                return await super()._carried(event)

    async def _watch_login(self, configure: Configure, before: int) -> None:
        """An app that does not tell the gateway of itself says why in its log, if anywhere."""
        await asyncio.sleep(self._logs_in_s)
        settings = configure.settings
        number = settings.sims[0].number
        if any(_tells_of(entry, number) for entry in self.world.trace.entries if entry.number > before):
            return
        said = await self._app.complaints()
        why = f"the app has not told the server of itself within {self._logs_in_s:g} s"
        more = f"its log says: {said}" if said else f"see its screen, and whether it reaches {settings.server_url}"
        told = AppRefused(configure.id, f"{why}; {more}")
        for core in [core for core in self.world.cores.values() if isinstance(core, AppOnDevice)]:
            self.tell(core.name, told)

    # -- in ------------------------------------------------------------------------------------------------------

    def _tell_row(self, radio: DeviceRadio, seen: RowSeen, cause: int | None) -> None:
        if seen.box != "sent":
            super()._tell_row(radio, seen, cause)
            return
        entry = message_of(seen.row, self.world.trace.entries, self._messages)
        if entry is not None and entry.message is not None:
            self._messages.add(entry.message)
        self.tell(
            radio.name,
            AppSent(seen.row, None if entry is None else entry.message),
            cause if entry is None else entry.number,
        )


class TravellingAppDriver(AppDriver, TravellingDeviceDriver):
    """The same, where the gateway has a clock of its own."""


def _answer(order: AppOrder, why: str | None) -> AppDid | AppRefused:
    return AppDid(order.id) if why is None else AppRefused(order.id, why)


def _tells_of(entry: Entry, number: str) -> bool:
    return (entry.hop, entry.kind) == ("gateway", "phone.updated") and entry.facts.get("owner") == number


def message_of(row: SmsRow, entries: Any, known: set[str]) -> Entry | None:
    """The entry that tells of the message which the app sent as this row: the oldest that nothing is known of yet.

    An encrypted message has no text to know it by, and goes by its number alone, after those in clear.
    """
    fits = []
    sends: dict[object, Entry] = {}
    for entry in entries:
        if entry.hop == "client" and entry.kind == "send":
            sends[entry.facts.get("step")] = entry
        told = _told(entry, sends)
        if told is None or entry.message in known:
            continue
        to, content, encrypted = told
        if _same(to, row.address) and (encrypted or content == row.body):
            fits.append((encrypted, entry.number, entry))
    return min(fits, key=lambda fit: fit[:2])[2] if fits else None


def _told(entry: Entry, sends: dict[object, Entry]) -> tuple[object, object, bool] | None:
    """To whom the message of an entry goes, what is in it, and whether that is encrypted."""
    if (entry.hop, entry.kind) == ("gateway", "message.api.sent"):
        return entry.facts.get("contact"), entry.facts.get("content"), entry.facts.get("encrypted") is True
    if (entry.hop, entry.kind) != ("client", "accepted") or entry.message is None:
        return None
    send = sends.get(entry.facts.get("step"))
    if send is None:
        return None
    return send.facts.get("to"), send.facts.get("content"), send.facts.get("encrypted") is True


def _same(to: object, address: str) -> bool:
    return isinstance(to, str) and to.removeprefix("+") == address.removeprefix("+")
