"""What a device can do for stories, by what its shell says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from harness.capability import Capability
from harness.targets.device_probe import DeviceCard, DeviceFindings, Facts, as_json, ask_device, findings_of
from tests.targets.devices import EMULATOR, HARDWARE, SERIAL

OLD_ISUB = """SubscriptionController:
 ActiveSubInfoList:
  {id=1, iccId=8901[****] simSlotIndex=0 displayName=T-Mobile carrierName=T-Mobile}
++++++++++++++++++++++++++++++++
 AllSubInfoList:
  {id=1, iccId=8901[****] simSlotIndex=0 displayName=T-Mobile}
  {id=2, iccId=8902[****] simSlotIndex=-1 displayName=Old}
"""
NEW_ISUB = """All subscriptions:
  [SubscriptionInfoInternal: id=3 iccId=89 simSlotIndex=1 portIndex=0 isEmbedded=0 ...]
  [SubscriptionInfoInternal: id=1 iccId=88 simSlotIndex=0 portIndex=0 isEmbedded=0 ...]
"""
SAYS = {
    "getprop ro.build.version.release": "14\n",
    "getprop ro.build.version.sdk": "34\n",
    "getprop ro.product.model": "sdk_gphone64_x86_64\n",
    "getprop ro.boot.qemu": "1\n",
    "dumpsys isub": OLD_ISUB,
    "settings get secure sms_default_application": "com.android.messaging\n",
    "dumpsys deviceidle": "  mLightState=ACTIVE\n  mState=IDLE_PENDING mForceIdle=false\n",
}
DENIED = ("", "Error while accessing provider:sms\njava.lang.SecurityException: Permission Denial\n")


def asked(changes: Mapping[str, str | tuple[str, str]] = {}, console_why: str | None = None) -> Facts:
    said = {**SAYS, **changes}
    unheard: list[str] = []

    async def shell(command: str) -> tuple[str, str]:
        if command.startswith("content query"):
            box = "inbox" if "/inbox" in command else "sent"
            answer = said.get(box, "No result found.\n")
        else:
            unheard.append(command)
            answer = said.get(command, "\n")
        return answer if isinstance(answer, tuple) else (answer, "")

    facts = asyncio.run(ask_device(SERIAL, shell, console_why))
    assert set(unheard) <= {*SAYS, "getprop ro.kernel.qemu"}, "it asks for nothing else, and changes nothing"
    return facts


def test_a_device_is_asked_for_what_it_is() -> None:
    assert asked() == Facts(
        SERIAL, "14", "34", "sdk_gphone64_x86_64", True, (DeviceCard(1, 1),), "com.android.messaging", "IDLE_PENDING"
    )


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"dumpsys isub": NEW_ISUB}, "cards", (DeviceCard(1, 1), DeviceCard(2, 3))),
        ({"dumpsys isub": "Permission Denial\n"}, "cards", ()),
        ({"getprop ro.boot.qemu": "\n", "getprop ro.kernel.qemu": "1\n"}, "is_emulator", True),
        # Hardware is what does not say that it is an emulator.
        ({"getprop ro.boot.qemu": "\n"}, "is_emulator", False),
        ({"getprop ro.boot.qemu": "0\n"}, "is_emulator", False),
        ({"settings get secure sms_default_application": "null\n"}, "sms_app", ""),
        ({"dumpsys deviceidle": "Can't find service: deviceidle\n"}, "doze", ""),
        ({"inbox": DENIED}, "unreadable", (("inbox", "java.lang.SecurityException: Permission Denial"),)),
        ({"sent": DENIED}, "unreadable", (("sent", "java.lang.SecurityException: Permission Denial"),)),
        ({"getprop ro.build.version.release": "8.1.0\n"}, "android", 8),
        ({"getprop ro.build.version.release": "Baklava\n"}, "android", 0),
    ],
)
def test_what_it_says_is_read_whatever_its_age(
    changes: Mapping[str, str | tuple[str, str]], field: str, value: object
) -> None:
    assert getattr(asked(changes), field) == value


ALWAYS = {Capability.DELIVERY_REPORTS, Capability.CARRIER, Capability.VIRTUAL_TIME}
IN = {Capability.RECEIVE, Capability.CONTACT_RULES}


@pytest.mark.parametrize(
    ("facts", "missing", "remedy"),
    [
        (EMULATOR, {Capability.DUAL_SIM}, "without --device"),
        (replace(EMULATOR, cards=(DeviceCard(1, 1), DeviceCard(2, 2))), set(), "without --device"),
        (replace(EMULATOR, cards=()), {Capability.DUAL_SIM, Capability.SEND}, "put a SIM in"),
        (replace(EMULATOR, release="10"), {Capability.DUAL_SIM, Capability.SEND}, "Android 8, 9, 11, 12, 13, 14"),
        (replace(EMULATOR, release=""), {Capability.DUAL_SIM, Capability.SEND}, "Android 8, 9, 11"),
        (replace(EMULATOR, unreadable=(("sent", "no"),)), {Capability.DUAL_SIM, Capability.SEND}, "another device"),
        (replace(EMULATOR, unreadable=(("inbox", "no"),)), {Capability.DUAL_SIM, *IN}, "another device"),
        (HARDWARE, {Capability.DUAL_SIM, Capability.CALLS, *IN}, "--console-token-file"),
    ],
)
def test_what_is_missing_has_a_reason_and_a_remedy(facts: Facts, missing: set[Capability], remedy: str) -> None:
    found = findings_of(facts)
    assert found.missing.keys() == ALWAYS | missing
    assert all(lack.reason and lack.remedy for lack in found.missing.values())
    assert any(remedy in lack.remedy for lack in found.missing.values())


def test_a_device_that_can_neither_send_nor_be_texted_runs_nothing() -> None:
    assert findings_of(EMULATOR).can_run
    assert findings_of(HARDWARE).can_run
    assert not findings_of(replace(HARDWARE, release="10")).can_run


def test_hardware_is_told_that_numbers_must_be_allowed() -> None:
    def names(found: DeviceFindings) -> list[str]:
        return [finding.name for finding in found.findings]

    assert "numbers" in names(findings_of(HARDWARE))
    assert "numbers" not in names(findings_of(EMULATOR))


def test_machines_read_the_same() -> None:
    told = as_json(findings_of(HARDWARE))
    assert (told["serial"], told["emulator"], told["can_run"]) == ("R58M", False, True)
    assert told["cards"] == [{"slot": 1, "subscription_id": 4}]
    assert told["capabilities"]["send"] == {"there": True}
    assert told["capabilities"]["receive"]["reason"] == "it is no emulator"
