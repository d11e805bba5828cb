"""A device as the radio of a story's phone: everything else of the story is here, the texts go over the device."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from harness.adapters.interruptible import run_interruptible
from harness.adapters.live import LiveDriver
from harness.capability import Capability, Missing
from harness.device_radio import LOST, DeviceDoor, DeviceRadio, NumberGuard, Patience
from harness.errors import UsageError
from harness.frozen import frozen
from harness.live_story import Outfit, play_live
from harness.outcome import Outcome
from harness.scenario.plan import Expect, ExpectOrder, Look, Scenario, TraceLook, every_step
from harness.staging import Stage
from harness.targets.device_app_door import AppDoor
from harness.targets.device_driver import DeviceDriver, looked_for
from harness.targets.device_lacking import why_not_on_a_device
from harness.targets.device_probe import DeviceCard, DeviceFindings
from harness.targets.lacking import why_not
from harness.targets.numbers import recast
from harness.targets.options import TargetOptions
from harness.targets.waits import SHORT
from harness.testing import not_run
from harness.trace import Entry
from harness.verdict import Failure
from harness.world import OUTSIDE

__all__ = [
    "NOTHING_LOST", "Device", "DeviceTarget", "OpenDevice", "guard_of", "judged", "open_device", "patience_of",
    "put_device", "repeating", "settle_s", "words_of_device",
]  # fmt: skip

T = TypeVar("T")

NOTHING_LOST = "nothing-lost-on-the-device"
"""The rule that is broken where a device swallows what it was given."""

_SPARE_S = 1.0


@frozen
class Device:
    """A device that is there: the way to it, what a probe found, and with `TargetOptions.app` the way to the app."""

    door: DeviceDoor
    found: DeviceFindings
    app: AppDoor | None = None


OpenDevice = Callable[[TargetOptions], AbstractAsyncContextManager[Device]]
"""Opens the way to a device. Raises a `DeviceError`."""


class DeviceTarget:
    """Runs stories on the embedded gateway, one after the other, with a device for their phone's radio."""

    parallel = False

    def __init__(
        self, options: TargetOptions, opens: OpenDevice | None = None, *, waits: int = SHORT, **driving: Any
    ) -> None:
        """Raises `UsageError`, `DeviceError`. `waits` (ns): the time that is waited for, and not skipped."""
        if options.device is None:
            raise UsageError("no device is named", "give --device adb:SERIAL; `httpsms-harness adb devices` lists them")
        self.name = f"device {options.device}"
        self._options = options
        self._waits = waits
        self._driving = driving
        self._runner = asyncio.Runner()
        self._open_things = contextlib.AsyncExitStack()
        try:
            self._device = self._do(self._open_things.enter_async_context((opens or open_device)(options)))
        except BaseException:
            self.close()
            raise

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return run_interruptible(work, self._runner)

    @property
    def findings(self) -> DeviceFindings:
        """What the probe at the beginning found."""
        return self._device.found

    @property
    def missing(self) -> Mapping[Capability, Missing]:
        return self._device.found.missing

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        options, guard = self._options, guard_of(self._options, self._device)
        scenario = recast(scenario, dict(options.phones), dict(options.contacts), (), take_over=True)
        reason = scenario.skip or why_not_on_a_device(scenario, guard) or why_not(scenario, self.missing)
        if reason is not None:
            return not_run(scenario, seed, reason, target=self.name, options=repeating(options))
        patience = patience_of(options)
        outfit = Outfit(
            self.name,
            repeating(options),
            self._driver(),
            lambda staged: put_device(staged, self._device.found.facts.cards, guard, patience),
            self._waits,
            settle_s(options),
        )
        return judged(scenario, self._do(play_live(scenario, seed, outfit)))

    def _driver(self) -> Callable[..., LiveDriver]:
        return partial(DeviceDriver, door=self._device.door, **self._driving)

    def close(self) -> None:
        """Closes the way to the device. What texts came and went stays on it."""
        with self._runner:
            self._do(self._close())

    async def _close(self) -> None:
        await self._open_things.aclose()


@contextlib.asynccontextmanager
async def open_device(
    options: TargetOptions, *, warn: Callable[[str], object] = lambda _text: None
) -> AsyncIterator[Device]:
    """The device that is named in the options. `warn` is told when it asks its user about us. Raises `DeviceError`."""
    from harness.targets.device_link import linked_device  # adb, which other targets need not

    async with linked_device(options, warn=warn) as device:
        yield device


def guard_of(options: TargetOptions, device: Device) -> NumberGuard:
    return NumberGuard(device.found.facts.is_emulator, frozenset(options.allow))


def patience_of(options: TargetOptions) -> Patience:
    return looked_for(options.sent_within_s, options.seen_within_s)


def settle_s(options: TargetOptions) -> float:
    """So long what is still under way on the device may take once a story is over: the next one must not see it."""
    return max(options.sent_within_s, options.seen_within_s) + _SPARE_S


def put_device(staged: Stage, cards: tuple[DeviceCard, ...], guard: NumberGuard, patience: Patience) -> None:
    """Every radio of the world is a card of the device from now on."""
    bed, world = staged.bed, staged.bed.world
    bed.smsc.magic = False  # the numbers that mean something to it are real ones to a device
    for handset in bed.handsets.values():
        # Who texts in alone needs no subscription.
        slots = {card.slot: card.subscription_id for card in cards}
        for slot, (name, number) in enumerate(zip(handset.modems, handset.numbers, strict=True), start=1):
            world.remove(name)
            subscription_id = slots.get(slot, slot)
            world.add(
                DeviceRadio(
                    name, world.draws(name), number, guard,
                    slot=slot, subscription_id=subscription_id, patience=patience,
                )
            )  # fmt: skip
            world.wire(name, "device", OUTSIDE)


# -- what is lost ------------------------------------------------------------------------------------------------------


def judged(scenario: Scenario, outcome: Outcome) -> Outcome:
    """A story that went well is none where the device swallowed something, unless it is looked for."""
    verdict = outcome.verdict
    lost = [entry for entry in outcome.entries if (entry.hop, entry.kind) == ("radio", LOST)]
    if not lost or not verdict.passed or verdict.failure is not None or _looks_for_losses(scenario):
        return outcome
    place = scenario.place
    failure = Failure(
        "something was lost on the device",
        str(place),
        tuple([_words(entry) for entry in lost]),
        rule=NOTHING_LOST,
        line=place.line,
        column=place.column,
    )
    return replace(outcome, verdict=replace(verdict, passed=False, failure=failure))


def _words(entry: Entry) -> str:
    facts = entry.facts
    what = "a call" if "outcome" in facts else "a text"
    return f"{what} from {facts.get('from')} to {facts.get('to')}: {facts.get('why')}"


def _looks_for_losses(scenario: Scenario) -> bool:
    return any(_is_for_losses(look) for step in every_step(scenario.steps) for look in _looks(step.what))


def _looks(what: Any) -> tuple[Look, ...]:
    match what:
        case Expect(look):
            return (look,)
        case ExpectOrder(looks):
            return looks
        case _:
            return ()


def _is_for_losses(look: Look) -> bool:
    return isinstance(look, TraceLook) and (look.hop, look.kind) == ("radio", LOST)


# -- once more ---------------------------------------------------------------------------------------------------------


def repeating(options: TargetOptions) -> str:
    """The options that run a story on that device again."""
    words = []
    for option, people in (("--phone", options.phones), ("--contact", options.contacts)):
        for name, number in people:
            words += [option, f"{name}={number}"]
    return f"{words_of_device(options)} {shlex.join(words)}".rstrip()


def words_of_device(options: TargetOptions) -> str:
    """Those of them that are about the device; "" where there is none."""
    if options.device is None:
        return ""
    words = ["--device", f"adb:{options.device}"]
    for number in options.allow:
        words += ["--allow", number]
    if options.console_token_file is not None:
        words += ["--console-token-file", str(options.console_token_file)]
    words += ["--adb-server", options.adb_server] if options.adb_server != "auto" else []
    words += ["--app"] if options.app else []
    words += ["--apk", str(options.apk)] if options.apk is not None else []
    words += ["--app-pushes"] if options.app_pushes else []
    return shlex.join(words)
