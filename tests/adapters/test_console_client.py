"""A client types at a console on a real socket, and is left in no doubt about what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.adapters.console_client import TOKEN_FILE, ConsoleClient
from harness.adapters.emulator_console import ConsoleServer
from harness.emulator.answers import MODEM_OFF, Answer, Ok
from harness.emulator.commands import Command, GsmCall, GsmList, Kill, Ping, Quit, SmsSend
from harness.emulator.console import Console
from harness.errors import ConsoleError, DeviceTimeout, HarnessError, NoDevice, UsageError
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, raw_server

TOKEN = "9/DO11I8NEPn1Yqv"
OPEN = Console("", "", "Pixel_7")
GUARDED = Console(TOKEN, "/somewhere/.emulator_console_auth_token", "Pixel_7")
PROMPT = OPEN.greeting()


async def answered(command: Command) -> Answer:
    match command:
        case GsmCall():
            return MODEM_OFF
        case _:
            return Ok((repr(command),))


def run(console: Console, test: Callable[[int], Awaitable[None]]) -> None:
    """The test gets the console's port."""

    async def main() -> None:
        async with ConsoleServer(console, answered) as server:
            await test(server.port)

    moved_loop.run(main())


def test_commands_are_done_in_their_turn() -> None:
    async def test(port: int) -> None:
        async with ConsoleClient.connect(port, token=TOKEN) as console:
            assert console.serial == f"emulator-{port}"
            texts = [SmsSend("+18005550100", f"Hello\n{number} 😀") for number in range(20)]
            done = await asyncio.gather(*(console.do(text) for text in texts), console.do(Ping()))
            assert done == [*([repr(text)] for text in texts), ["I am alive!"]]

    run(GUARDED, test)


@pytest.mark.parametrize("console", [OPEN, GUARDED])
@pytest.mark.parametrize("content", [TOKEN, f"{TOKEN}\n", f" {TOKEN}\r\n"])
def test_the_token_comes_from_a_file(console: Console, content: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(content)

    async def test(port: int) -> None:
        async with ConsoleClient.connect(port, token_file=path) as client:
            assert await client.do(GsmList()) == ["GsmList()"]

    run(console, test)


@pytest.mark.parametrize("content", [TOKEN, "", None])
def test_without_a_word_it_is_the_file_in_the_users_home(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if content is not None:
        (tmp_path / TOKEN_FILE).write_text(content)

    async def test(port: int) -> None:
        async with ConsoleClient.connect(port) as client:
            assert await client.do(GsmList()) == ["GsmList()"]

    run(GUARDED if content else OPEN, test)


@pytest.mark.parametrize(
    ("token", "words"),
    [("another", "auth: authentication token does not match"), ("", "the console asks for a token, and none is there")],
)
def test_without_the_right_token_nothing_is_asked(token: str, words: str) -> None:
    async def test(port: int) -> None:
        with pytest.raises(ConsoleError, match=words) as caught:
            async with ConsoleClient.connect(port, token=token):
                pass
        assert "of the user who runs the emulator" in caught.value.remedy

    run(GUARDED, test)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"two\nlines", b"x" * 5000, b"\x1b[0m"])
def test_a_file_that_holds_no_token_is_not_used(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    async def test(port: int) -> None:
        with pytest.raises(UsageError) as caught:
            async with ConsoleClient.connect(port, token_file=path):
                pass
        assert str(path) in str(caught.value)
        assert "lines" not in str(caught.value)

    run(GUARDED, test)


def test_a_refused_command_leaves_the_next_one_alone() -> None:
    async def test(port: int) -> None:
        async with ConsoleClient.connect(port) as console:
            with pytest.raises(ConsoleError, match="gsm call: modem emulation not running") as caught:
                await console.do(GsmCall("5551"))
            assert caught.value.serial == f"emulator-{port}"
            assert "telephony" in caught.value.remedy
            with pytest.raises(UsageError, match="sms pdu"):
                await console.do(SmsSend("BANK", "your code"))
            assert await console.do(Ping()) == ["I am alive!"]

    run(OPEN, test)


@pytest.mark.parametrize(
    ("command", "lines"),
    [(Quit(), []), (Kill(), ["Kill()", "OK: killing emulator, bye bye"])],
)
def test_after_the_last_command_there_is_none(command: Command, lines: list[str]) -> None:
    async def test(port: int) -> None:
        async with ConsoleClient.connect(port) as console:
            assert await console.do(command) == lines
            for again in (Ping(), Quit()):
                with pytest.raises(ConsoleError, match="closed the connection"):
                    await console.do(again)

    run(OPEN, test)


def test_nobody_at_the_port_is_said() -> None:
    async def main() -> None:
        async with raw_server(lambda peer: asyncio.sleep(0)) as server:
            port = server.port
        with pytest.raises(NoDevice, match=f"there is no console: nothing listens on 127.0.0.1:{port}") as caught:
            async with ConsoleClient.connect(port):
                pass
        assert "start the emulator" in caught.value.remedy

    moved_loop.run(main())


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no console of an emulator"),
        (b"", "closed the connection"),
        (b"Android Console: Auth", "closed the connection"),
    ],
)
def test_what_is_no_console_is_said(greeting: bytes, words: str) -> None:
    async def talk(peer: Peer) -> None:
        peer.send(greeting)

    async def main() -> None:
        async with raw_server(talk) as server:
            with pytest.raises(ConsoleError, match=words):
                async with ConsoleClient.connect(server.port, token=TOKEN):
                    pass

    moved_loop.run(main())


def test_a_console_that_closes_in_mid_command_is_said_then_and_later() -> None:
    async def talk(peer: Peer) -> None:
        peer.send(PROMPT)
        await peer.reader.readline()
        peer.send(b"inbound from 1")

    async def main() -> None:
        async with raw_server(talk) as server, ConsoleClient.connect(server.port) as console:
            for command in (GsmList(), Ping()):
                with pytest.raises(ConsoleError, match="gsm list: the console closed the connection"):
                    await console.do(command)

    moved_loop.run(main())


class Mute:
    """Greets, and says nothing more; or not even that."""

    def __init__(self, greeting: bytes) -> None:
        self.greeting = greeting
        self.heard = asyncio.Event()
        self.gone = asyncio.Event()

    async def talk(self, peer: Peer) -> None:
        peer.send(self.greeting)
        if self.greeting:
            await peer.reader.readline()
        self.heard.set()
        await peer.reader.read()
        self.gone.set()


def test_a_console_that_does_not_greet_is_left_in_time() -> None:
    async def main() -> None:
        mute = Mute(b"")
        async with raw_server(mute.talk) as server:
            entering = asyncio.create_task(ConsoleClient.connect(server.port, timeout_s=5).__aenter__())
            await mute.heard.wait()
            await move(4)
            assert not entering.done()
            await move(1.1)
            with pytest.raises(DeviceTimeout, match=r"connect: no answer in time \(5 s\)") as caught:
                await entering
            assert "frozen" in caught.value.remedy
            await mute.gone.wait()

    moved_loop.run(main())


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    async def main() -> None:
        mute = Mute(PROMPT)
        async with raw_server(mute.talk) as server, ConsoleClient.connect(server.port) as console:
            asking = asyncio.create_task(console.do(GsmList(), timeout_s=30))
            await mute.heard.wait()
            await move(29)
            assert not asking.done()
            await move(1.1)
            with pytest.raises(DeviceTimeout, match=r"gsm list: no answer in time \(30 s\)"):
                await asking
            with pytest.raises(ConsoleError, match="gsm list: it was given up before its answer came"):
                await console.do(Ping())
            await mute.gone.wait()

    moved_loop.run(main())


def test_a_cancelled_command_takes_no_other_ones_answer() -> None:
    async def main() -> None:
        mute = Mute(PROMPT)
        async with raw_server(mute.talk) as server, ConsoleClient.connect(server.port) as console:
            asking = asyncio.create_task(console.do(GsmList()))
            await mute.heard.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            with pytest.raises(ConsoleError, match="given up"):
                await console.do(Ping())
            await mute.gone.wait()

    moved_loop.run(main())


def test_a_console_hears_that_its_host_leaves() -> None:
    heard: list[bytes] = []

    async def talk(peer: Peer) -> None:
        peer.send(PROMPT)
        heard.append(await peer.reader.read())

    async def main() -> None:
        async with raw_server(talk) as server:
            async with ConsoleClient.connect(server.port):
                pass
            while not heard:
                await move(0)
            assert heard == [b"quit\n"]

    moved_loop.run(main())


def test_the_token_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    async def talk(peer: Peer) -> None:
        peer.send(GUARDED.greeting())
        typed = await peer.reader.readline()
        peer.send(b"KO: authentication token does not match: " + typed)

    async def main() -> None:
        asyncio.get_running_loop().set_debug(True)
        async with raw_server(talk) as server:
            with pytest.raises(HarnessError) as caught:
                async with ConsoleClient.connect(server.port, token=TOKEN):
                    pass
            assert TOKEN not in str(caught.value) + repr(caught.value)

    with caplog.at_level(logging.DEBUG):
        moved_loop.run(main())
    assert TOKEN not in caplog.text
