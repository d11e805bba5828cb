"""`adb probe`: what stories can do with a device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.adb.probe import table
from harness.targets.device_probe import findings_of
from tests.cli.usage import Wrong, each, refuses
from tests.targets.devices import EMULATOR, HARDWARE

WRONG_USAGE: list[Wrong] = [
    (("adb", "probe"), 2, ("SERIAL",)),
    (("adb", "probe", "x", "--adb-server", "5037x"), 2, ("--adb-server",)),
    (("adb", "probe", "x", "--json", "nowhere/x.json"), 2, ("nowhere",)),
    (("adb", "probe", "x", "--console-token-file", "nowhere"), 2, ("nowhere",)),
    (("adb", "probe", ""), 2, ("'' is no serial of a device", "like emulator-5554, like 127.0.0.1:5555")),
    (("adb", "probe", "a b"), 2, ("'a b' is no serial of a device",)),
    (("adb", "probe", "adb:127.0.0.1:abc"), 2, ("'127.0.0.1:abc' is no serial of a device",)),
    (("adb", "checklist", "emulator-99999"), 2, ("emulator-99999: there is no port 100000", "from 1 to 65535")),
    (("adb", "probe", "127.0.0.1:1"), 3, ("error: 127.0.0.1:1: nothing listens on 127.0.0.1:1\n",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def test_what_a_device_can_has_a_line_each_and_what_it_cannot_a_remedy() -> None:
    lines = table(findings_of(replace(EMULATOR, doze="ACTIVE")), coloured=False).splitlines()
    assert lines == [
        "emulator-5554",
        "✓ device     sdk_gphone64_x86_64, emulator",
        "· Android    13 (API 33)",
        "✓ SIMs       SIM1 (subscription 4)",
        "✓ texts out  a text that the shell sends can be seen among those sent",
        "✓ texts in   a text that is typed into the console can be seen",
        "✓ calls      a call can be typed into the console",
        "✗ reports    a text that is sent from a device's shell gets no status report",
        "             → run it without --device",
        "· SMS app    none is set",
        "· doze       ACTIVE",
    ]


@pytest.mark.parametrize("coloured", [False, True])
def test_hardware_says_why_nothing_comes_in(coloured: bool) -> None:
    told = table(findings_of(HARDWARE), coloured=coloured)
    assert "it is no emulator" in told
    assert "→ give --allow NUMBER" in told
    assert ("\x1b[" in told) is coloured
