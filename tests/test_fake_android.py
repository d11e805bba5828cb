"""A fake device put up: its ports, its name, its console, and its troubles by words."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from harness.adapters.console_client import ConsoleClient
from harness.emulator.commands import GsmStatus, Kill, SmsSend
from harness.errors import PortInUse, UsageError
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android, with_trouble
from harness.fake_device import Troubles
from harness.fake_device.happened import Happened, TextArrived, TextLost
from tests.adapters import moved_loop
from tests.adapters.adb_host import host

TOKEN = "5f2K3v9xQ1"
NUMBER = "+18005550100"


def run(test: Callable[[FakeAndroid], Awaitable[None]], options: FakeAndroidOptions | None = None) -> None:
    async def main() -> None:
        async with fake_android(options or FakeAndroidOptions()) as android:
            await test(android)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())


def test_an_emulator_is_named_after_its_console() -> None:
    async def test(android: FakeAndroid) -> None:
        assert android.console is not None
        port = android.console.port
        assert android.device.serial == f"emulator-{port}"
        assert android.device.numbers[1] == f"+1555521{port}"
        assert android.address == f"127.0.0.1:{android.adb.port}"
        assert not android.is_paired

    run(test)


def test_a_name_that_is_given_is_kept() -> None:
    async def test(android: FakeAndroid) -> None:
        assert (android.device.serial, android.device.numbers[1]) == ("mine", NUMBER)
        assert (android.device.release.android, android.device.sims) == ("10", 2)

    run(test, FakeAndroidOptions(android="10", serial="mine", number=NUMBER, sims=2))


def test_hardware_has_no_console() -> None:
    async def test(android: FakeAndroid) -> None:
        assert (android.console, android.device.is_emulator, android.device.serial) == (None, False, "FAKE0001")
        async with host(android.adb.port) as me:
            assert await me.said("shell:getprop ro.kernel.qemu") == b"\n"

    run(test, FakeAndroidOptions(is_emulator=False))


def test_the_console_and_adb_have_one_device() -> None:
    happened: list[Happened] = []

    async def test(android: FakeAndroid) -> None:
        android.on_happened.append(happened.append)
        assert android.console is not None
        async with (
            ConsoleClient.connect(port=android.console.port, token=TOKEN) as console,
            host(android.adb.port) as me,
        ):
            assert await console.do(SmsSend(NUMBER, "Hello")) == []
            assert await console.do(GsmStatus()) == ["gsm voice state: home", "gsm data state:  home"]
            android.incoming_text("Bank", "Hello again")
            read = await me.said("shell:content query --uri content://sms/inbox --projection address:body --sort _id")
        assert read == f"Row: 0 address={NUMBER}, body=Hello\nRow: 1 address=Bank, body=Hello again\n".encode()
        assert happened == [TextArrived(NUMBER, "Hello", 1, 1), TextArrived("Bank", "Hello again", 1, 2)]

    run(test, FakeAndroidOptions(console_token=TOKEN, console_token_path="token"))


def test_killing_it_by_the_console_is_told() -> None:
    killed: list[str] = []

    async def test(android: FakeAndroid) -> None:
        android.on_kill.append(lambda: killed.append("killed"))
        await android.do(Kill())
        assert killed == ["killed"]

    run(test)


def test_troubles_may_come_later() -> None:
    happened: list[Happened] = []

    async def test(android: FakeAndroid) -> None:
        android.on_happened.append(happened.append)
        android.set_troubles(Troubles(loses_texts=True))
        android.incoming_text(NUMBER, "Hello")
        assert happened == [TextLost(NUMBER, "Hello", 1)]

    run(test)


def test_a_port_that_is_taken_leaves_nothing_open() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
            async with fake_android(FakeAndroidOptions(console_port=taken.getsockname()[1])):
                pass
        assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())


NONE = FakeAndroidOptions()
WORDS = [
    ("slow=200", FakeAndroidOptions(troubles=Troubles(slow_ms=200))),
    ("vanish=0", FakeAndroidOptions(troubles=Troubles(vanish_after_bytes=0))),
    ("unauthorized", FakeAndroidOptions(troubles=Troubles(unauthorized=True))),
    ("withdrawn=5", FakeAndroidOptions(withdraw_after_bytes=5)),
    ("loses-texts", FakeAndroidOptions(troubles=Troubles(loses_texts=True))),
    ("refuses-isms", FakeAndroidOptions(troubles=Troubles(refuses_isms=True))),
]


@pytest.mark.parametrize(("word", "options"), WORDS)
def test_a_trouble_has_a_word(word: str, options: FakeAndroidOptions) -> None:
    assert with_trouble(NONE, word) == options


def test_troubles_add_up() -> None:
    both = with_trouble(with_trouble(NONE, "slow=1"), "loses-texts")
    assert both.troubles == Troubles(slow_ms=1, loses_texts=True)


@pytest.mark.parametrize(
    "word", ["", "slow", "slow=", "slow=x", "slow=-1", "slow=٣", "loses-texts=1", "slow=" + "9" * 13]
)
def test_a_word_that_is_no_trouble_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="slow="):
        with_trouble(NONE, word)
