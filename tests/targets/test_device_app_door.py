"""The way to the app: its settings go in, and nobody sees a key on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.adb_link import ShellDone
from harness.device_app import FILE, PACKAGE, PERMISSIONS, AppSettings, SimSettings, parsed, settings_in
from harness.errors import DeviceGone, DeviceRefused
from harness.fake_app import NOTE, install_fake_app
from harness.fake_device import FakeDevice
from harness.fake_device.happened import ActivityStarted, AppStopped
from harness.targets.device_app_door import AppDoor, AppFacts
from tests.targets.fake_apps import FakeLink

SETTINGS = AppSettings(
    (SimSettings("+18005550100"), SimSettings()), "http://127.0.0.1:8000", "pk_secret", "Password123"
)
TOKEN = b"<map><string name='SETTINGS_FCM_TOKEN'>token</string></map>"


def a_link(*, installed: bool = True) -> FakeLink:
    device = FakeDevice()
    if installed:
        install_fake_app(device)
    return FakeLink(device)


def done(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def in_file(link: FakeLink) -> AppSettings:
    ran = link.device.run(f"run-as {PACKAGE} cat {FILE}")
    return settings_in(parsed(ran.out))


async def told(link: FakeLink) -> tuple[AppDoor, str | None]:
    door = AppDoor("emulator-5554", link)
    await door.prepare(None)
    return door, await door.configure(SETTINGS)


def test_the_app_is_stopped_gets_its_settings_and_is_started() -> None:
    link = a_link()
    link.device.run(f"run-as {PACKAGE} sh -c 'mkdir shared_prefs; cat > {FILE}'", TOKEN)
    _, why = done(told(link))
    assert why is None
    found = in_file(link)
    assert (found.api_key, found.sims[0].number, found.server_url) == (
        "pk_secret", "+18005550100", "http://localhost:8000",
    )  # fmt: skip
    assert found.registration_token == "token"  # Firebase gave it, and it stays
    assert link.reversed == {"tcp:8000": "tcp:8000"}
    kinds = [type(one) for one in link.device.take()]
    assert kinds[-2:] == [AppStopped, ActivityStarted]


def test_no_key_stands_in_a_command_line() -> None:
    link = a_link()
    done(told(link))
    assert not any("pk_secret" in line or "Password123" in line for line in link.lines)


@pytest.mark.parametrize("before", [None, TOKEN])
@pytest.mark.parametrize("is_killed", [False, True])
def test_what_was_there_before_is_there_again_and_nothing_leads_here(before: bytes | None, is_killed: bool) -> None:
    """Where the first run is killed it is the next one that gives it back."""
    link = a_link()
    if before is not None:
        link.device.run(f"run-as {PACKAGE} sh -c 'mkdir shared_prefs; cat > {FILE}'", before)

    async def whole() -> None:
        door, _ = await told(link)
        await door.configure(replace(SETTINGS, api_key="pk_other"))
        if is_killed:
            await AppDoor("emulator-5554", link).prepare(None)
        else:
            await door.restore()
            assert link.reversed == {}

    done(whole())
    left = link.device.run(f"run-as {PACKAGE} cat {FILE}")
    assert (left.out if left.code == 0 else None) == before
    assert link.device.run(f"run-as {PACKAGE} test -e {FILE}.httpsms-harness").code == 1


def test_a_build_that_nobody_may_run_as_is_told_of_and_left_alone() -> None:
    link = a_link()
    link.device.run(f"pm uninstall {PACKAGE}")
    link.device.run("pm install -S 4", b"PK\x03\x04")
    door = AppDoor("emulator-5554", link)
    facts = done(door.ask())
    assert (facts.installed, facts.way) == (True, "")
    assert "neither" in done(door.configure(SETTINGS))


def test_the_app_is_installed_and_permitted_what_it_asks_for() -> None:
    facts = done(AppDoor("emulator-5554", a_link(installed=False)).prepare(Path("app.apk")))
    assert replace(facts, version="") == AppFacts(True, "", True, "run-as", frozenset(PERMISSIONS), NOTE)


def test_without_the_app_there_is_a_remedy() -> None:
    with pytest.raises(DeviceRefused, match="--apk FILE"):
        done(AppDoor("emulator-5554", a_link(installed=False)).prepare(None))


class Refusing(FakeLink):
    """Android keeps SMS permissions from an app that was installed without a word for them."""

    async def shell(self, command: str, *, stdin: bytes = b"") -> ShellDone:
        if command.startswith("pm grant") and command.endswith(self.kept):
            return ShellDone(255, b"", f"\nException occurred while executing 'grant':\n{RESTRICTED}\n".encode())
        return await super().shell(command, stdin=stdin)

    kept = "RECEIVE_SMS"


RESTRICTED = "java.lang.SecurityException: Cannot grant hard restricted non-exempt permission"


def test_a_permission_that_the_app_cannot_do_without_and_does_not_get_ends_the_run() -> None:
    link = Refusing(a_link().device)
    with pytest.raises(
        DeviceRefused, match=r"not given RECEIVE_SMS: java.lang.SecurityException: Cannot grant(?s:.*)--apk FILE"
    ):
        done(AppDoor("emulator-5554", link).prepare(None))
    link.kept = "RECEIVE_MMS"
    assert done(AppDoor("emulator-5554", link).prepare(None)).refused == ("RECEIVE_MMS",)


class Running(FakeLink):
    """The app has a process, and a service that keeps it. `dies` by: the words of a command."""

    dies = "kill -9 4242"
    pid = "4242\n"

    async def shell(self, command: str, *, stdin: bytes = b"") -> ShellDone:
        if command.startswith("pidof"):
            return ShellDone(0, self.pid.encode(), b"")
        if self.dies and self.dies in command:
            self.pid = "5151\n"  # Android starts a sticky service again
        return await super().shell(command, stdin=stdin)


@pytest.mark.parametrize(
    ("dies", "lines", "why"),
    [("am kill", 0, None), ("kill -9 4242", 1, None), ("", 1, "the app cannot be killed")],
)
def test_an_app_that_a_service_keeps_is_killed_as_itself(dies: str, lines: int, why: str | None) -> None:
    link = Running(a_link().device)
    link.dies = dies

    async def whole() -> str | None:
        door = AppDoor("emulator-5554", link)
        await door.prepare(None)
        return await door.do("kill")

    told = done(whole())
    assert (told is None) if why is None else why in told
    assert len([line for line in link.lines if line == f"run-as {PACKAGE} sh -c 'kill -9 4242'"]) == lines


class Gone(FakeLink):
    """The cable is pulled out when the app is to be stopped."""

    async def shell(self, command: str, *, stdin: bytes = b"") -> ShellDone:
        if command.startswith("am force-stop"):
            raise DeviceGone("emulator-5554", "the connection broke")
        return await super().shell(command, stdin=stdin)


def test_a_device_that_is_lost_is_not_asked_again() -> None:
    link = Gone(a_link().device)

    async def whole() -> None:
        door = AppDoor("emulator-5554", link)
        await door.prepare(None)
        assert await door.do("stop") == "the connection broke"
        link.lines.clear()
        await door.restore()

    with pytest.raises(DeviceGone, match="the connection broke"):
        done(whole())
    assert link.lines == []


def test_asking_changes_nothing() -> None:
    link = a_link()
    facts = done(AppDoor("emulator-5554", link).ask())
    assert facts.refused == PERMISSIONS
    assert link.device.take() == []
