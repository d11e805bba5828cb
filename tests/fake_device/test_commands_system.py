from __future__ import annotations

import pytest

from harness.fake_device import FakeDevice
from harness.fake_device.happened import Happened, NetworkSet, SettingSet
from tests.fake_device.asking import asked, check


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("getprop ro.build.version.release", "14"),
        ("getprop ro.build.version.sdk", "34"),
        ("getprop nope", ""),
        ("getprop nope given", "given"),
        ("getprop gsm.sim.state", "LOADED,LOADED"),
        ("getprop gsm.network.type", "LTE,LTE"),
        ("setprop debug.x y; getprop debug.x", "y"),
        ("getprop | grep -F '[sys.boot_completed]'", "[sys.boot_completed]: [1]"),
        ("settings get global airplane_mode_on", "0"),
        ("settings get global nope", "null"),
        ("settings put secure a 'b c'; settings get secure a", "b c"),
        ("settings put global a b; settings delete global a; settings get global a", "Deleted 1 rows\nnull"),
        ("settings delete global nope", "Deleted 0 rows"),
        ("settings --user 0 get global wifi_on", "1"),
        ("settings list system", "screen_brightness=102\nscreen_off_timeout=60000"),
        ("cmd settings get global wifi_on", "1"),
        ("id", "uid=2000(shell) gid=2000(shell)"),
        ("whoami", "shell"),
        ("getenforce", "Enforcing"),
        ("uname; uname -m", "Linux\nx86_64"),
        ("wm size; wm density", "Physical size: 1080x2400\nPhysical density: 420"),
        ("date +%s", "1784783410"),
        ("date", "Thu Jul 23 05:10:10 UTC 2026"),
        ("date '+%F %T %q'", "2026-07-23 05:10:10 %q"),
        ("input keyevent 66", ""),
    ],
)
def test_the_system_says_what_it_is(command: str, out: str) -> None:
    said = asked(command, FakeDevice(sims=2)).out.decode()
    assert said.startswith(out)
    assert said.count("\n") in (out.count("\n") + (said != ""), 1)


@pytest.mark.parametrize(
    ("command", "code", "err"),
    [
        ("setprop ro.x y", 1, "Failed to set property 'ro.x' to 'y'."),
        ("setprop a", 1, "setprop: Need 2 arguments"),
        ("settings", 255, "Invalid command: "),
        ("settings get nope x", 255, "Invalid namespace 'nope'"),
        ("settings look global x", 255, "Invalid command: look global x"),
        ("wm", 255, "Window manager"),
    ],
)
def test_what_the_system_refuses(command: str, code: int, err: str) -> None:
    ran = asked(command)
    assert (ran.code, ran.err.decode().startswith(err)) == (code, True)


@pytest.mark.parametrize(
    ("command", "happened"),
    [
        ("svc wifi disable", [NetworkSet("wifi", False)]),
        ("svc data enable", [NetworkSet("data", True)]),
        ("cmd wifi set-wifi-enabled enabled", [NetworkSet("wifi", True)]),
        ("cmd phone data disable", [NetworkSet("data", False)]),
        ("settings put global airplane_mode_on 1", [SettingSet("global", "airplane_mode_on", "1")]),
        (
            "settings put global a b; settings delete global a",
            [SettingSet("global", "a", "b"), SettingSet("global", "a", None)],
        ),
    ],
)
def test_what_is_switched_has_happened(command: str, happened: list[Happened]) -> None:
    device = FakeDevice()
    check(command, "Deleted 1 rows\n" if "delete" in command else "", device=device)
    assert device.take() == happened
    assert not device.is_airplane


def test_svc_shows_how_it_is_used() -> None:
    ran = asked("svc data")
    assert b"usage: svc data [enable|disable]\n" in ran.out
    assert ran.code == asked("svc").code == 1
