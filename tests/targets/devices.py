"""Targets whose device is in the pocket of a test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from harness.device_radio import NumberGuard
from harness.targets.device import Device, DeviceTarget, OpenDevice
from harness.targets.device_probe import DeviceCard, Facts, findings_of
from harness.targets.options import TargetOptions
from tests.device_radio.pocket import Pocket

SERIAL = "emulator-5554"
EMULATOR = Facts(SERIAL, "13", "33", "sdk_gphone64_x86_64", is_emulator=True, cards=(DeviceCard(1, 4),))
HARDWARE = replace(EMULATOR, serial="R58M", model="SM-G991B", is_emulator=False, console_why="it is no emulator")
OPTIONS = TargetOptions(kind="device", device=SERIAL, sent_within_s=0.4, seen_within_s=0.4)


def opens(pocket: Pocket, facts: Facts = EMULATOR) -> OpenDevice:
    """Opens the device in the pocket, with the guard of what it is."""

    @contextlib.asynccontextmanager
    async def opened(options: TargetOptions) -> AsyncIterator[Device]:
        pocket.guard = NumberGuard(facts.is_emulator, frozenset(options.allow))
        yield Device(pocket, findings_of(facts))

    return opened


@contextlib.contextmanager
def a_target(pocket: Pocket, facts: Facts = EMULATOR, **options: Any) -> Any:
    target = DeviceTarget(replace(OPTIONS, **options), opens(pocket, facts), waits=0, every_s=0.005)
    with contextlib.closing(target):
        yield target
