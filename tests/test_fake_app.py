"""The phone core that is the app of a fake device, as its shell shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from harness.device_app import FILE, PACKAGE, Preference, rendered
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_app import NOTE, FakeApp, fake_app
from harness.fake_device import FakeDevice

WRITE = f"run-as {PACKAGE} sh -c 'mkdir -p shared_prefs && cat > {FILE}'"
START = f"am start -n {PACKAGE}/.MainActivity"


def with_app(work: Callable[[FakeAndroid, FakeApp], Coroutine[Any, Any, None]]) -> FakeDevice:
    async def whole() -> FakeDevice:
        async with fake_android(FakeAndroidOptions(is_emulator=False)) as android, fake_app(android) as app:
            await work(android, app)
            return android.device

    return asyncio.run(asyncio.wait_for(whole(), 20))


def do(android: FakeAndroid, line: str, stdin: bytes = b"") -> int:
    ran = android.device.run(line, stdin, 1)
    android.adb.ring()
    return ran.code


async def noted(android: FakeAndroid, app: FakeApp, words: str) -> None:
    there = asyncio.Event()

    def look(_text: str = "") -> None:
        if any(words in line.text for line in android.device.log):
            there.set()

    app.on_note.append(look)
    look()
    await there.wait()


def test_an_app_that_nobody_has_logged_in_opens_its_login_screen_and_has_a_token() -> None:
    async def work(android: FakeAndroid, app: FakeApp) -> None:
        assert do(android, START) == 0
        await noted(android, app, "screen opened")

    device = with_app(work)
    assert NOTE in device.log[0].text
    assert b"SETTINGS_FCM_TOKEN" in device.run(f"run-as {PACKAGE} cat {FILE}").out
    assert device.run(f"cat /data/data/{PACKAGE}/{FILE}").code != 0  # nobody but the app gets in


def test_settings_that_no_app_could_read_end_it() -> None:
    async def work(android: FakeAndroid, app: FakeApp) -> None:
        do(android, WRITE, b"<map>")
        do(android, START)
        await noted(android, app, "the app died")
        assert app.trace is None

    with_app(work)


def test_other_settings_are_read_when_it_is_started_again() -> None:
    async def work(android: FakeAndroid, app: FakeApp) -> None:
        do(android, START)
        await noted(android, app, "screen opened")
        first = app.trace
        do(android, f"am force-stop {PACKAGE}")
        do(android, WRITE, rendered({"SETTINGS_SERVER_URL": Preference("string", "http://localhost:9")}))
        do(android, START)
        await noted(android, app, "http://localhost:9")
        assert app.trace is not first

    with_app(work)


def test_cleared_data_are_gone() -> None:
    async def work(android: FakeAndroid, app: FakeApp) -> None:
        do(android, START)
        await noted(android, app, "screen opened")
        do(android, f"pm clear {PACKAGE}")

    device = with_app(work)
    assert device.run(f"run-as {PACKAGE} cat {FILE}").code != 0
