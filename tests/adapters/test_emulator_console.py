"""A console on a real socket serves whoever comes, as an emulator does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from harness.adapters.emulator_console import ConsoleServer
from harness.emulator.answers import Answer, Ok
from harness.emulator.commands import Command, GsmList, SmsSend
from harness.emulator.console import Console
from harness.errors import PortInUse, UsageError
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move

TOKEN = "9/DO11I8NEPn1Yqv"
OPEN = Console("", "", "Pixel_7")
GUARDED = Console(TOKEN, "/somewhere/.emulator_console_auth_token", "Pixel_7")
PROMPT = b"Android Console: type 'help' for a list of commands\r\nOK\r\n"


class Device:
    """Notes what it is asked, and answers once `answers` is set."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.error: Exception | None = None

    async def do(self, command: Command) -> Answer:
        self.asked.append(command)
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return Ok(("done",))


Test = Callable[[ConsoleServer, Device], Awaitable[None]]


def run(console: Console, test: Test) -> None:
    async def main() -> None:
        device = Device()
        async with ConsoleServer(console, device.do) as server:
            await test(server, device)

    moved_loop.run(main())


async def said(server: ConsoleServer, typed: bytes) -> bytes:
    """All that a host hears who types this at once and reads until the console closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(typed)
        return await reader.read()
    finally:
        writer.close()


def test_adb_gets_its_answer() -> None:
    """adb sends everything at once, and shows what comes after the second OK."""

    async def test(server: ConsoleServer, device: Device) -> None:
        heard = await said(server, f"auth {TOKEN}\nsms send 500 Hello  you\nquit\n".encode())
        assert heard.split(b"OK\r\n", 2)[2] == b"done\r\nOK\r\n"
        assert device.asked == [SmsSend("500", "Hello  you")]

    run(GUARDED, test)


def test_a_browser_hears_why_it_is_sent_away() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        request = b"GET / HTTP/1.1\r\n" + b"X-Padding: sms send 1 a\r\n" * 10_000
        assert (await said(server, request)) == PROMPT + b"KO: Forbidden HTTP request. Aborting\r\n"
        assert device.asked == []

    run(OPEN, test)


def test_a_host_that_does_not_leave_is_left() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"quit\n")
        assert await reader.read() == PROMPT
        assert len(server.talks) == 1
        await move(0.9)
        assert len(server.talks) == 1
        await move(0.2)
        await move(0)
        assert not server.talks
        writer.close()

    run(OPEN, test)


def test_hosts_do_not_wait_for_each_other() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        device.answers.clear()
        slow = asyncio.create_task(said(server, b"gsm list\nquit\n"))
        while not device.asked:
            await move(0)
        assert await said(server, b"ping\nquit\n") == PROMPT + b"I am alive!\r\nOK\r\n"
        device.answers.set()
        assert await slow == PROMPT + b"done\r\nOK\r\n"

    run(OPEN, test)


def test_a_host_that_leaves_in_mid_command_disturbs_nobody() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        device.answers.clear()
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"gsm list\n" * 1000)
        while not device.asked:
            await move(0)
        writer.transport.abort()
        device.answers.set()
        assert await said(server, b"ping\nquit\n") == PROMPT + b"I am alive!\r\nOK\r\n"
        assert set(device.asked) == {GsmList()}

    run(OPEN, test)


@pytest.mark.parametrize("turns", range(5))
def test_a_host_that_resets_its_connection_as_it_leaves_disturbs_nobody(turns: int) -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as host:
            await asyncio.to_thread(host.recv, len(PROMPT))
            host.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            host.sendall(b"quit\n")
            for _ in range(turns):
                await asyncio.sleep(0)
        assert await said(server, b"quit\n") == PROMPT

    run(OPEN, test)


def test_closing_leaves_no_host_behind() -> None:
    async def main() -> None:
        device = Device()
        device.answers.clear()
        async with ConsoleServer(OPEN, device.do) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"gsm list\n")
            idle, idle_writer = await asyncio.open_connection("127.0.0.1", server.port)
            while not device.asked:
                await move(0)
        assert not server.talks
        assert await rest(reader) == PROMPT
        assert await rest(idle) in (PROMPT, b"")
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", server.port)
        writer.close()
        idle_writer.close()

    moved_loop.run(main())


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What is still heard of a console that closes, in order or not."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1000):
            heard += data
    return heard


def test_a_device_that_fails_ends_the_server() -> None:
    async def main() -> None:
        device = Device()
        device.error = ZeroDivisionError("in the device")

        async def serve() -> None:
            async with ConsoleServer(OPEN, device.do) as server:
                await said(server, b"gsm list\n")
                await asyncio.Event().wait()

        with pytest.raises(ExceptionGroup) as caught:
            await serve()
        assert caught.group_contains(ZeroDivisionError)

    moved_loop.run(main())


def test_what_is_raised_around_the_server_stays_what_it_is() -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            async with ConsoleServer(OPEN, Device().do):
                raise ZeroDivisionError

    moved_loop.run(main())


def test_a_taken_port_is_said() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        with pytest.raises(PortInUse):
            async with ConsoleServer(OPEN, device.do, "127.0.0.1", server.port):
                pass
        assert await said(server, b"quit\n") == PROMPT

    run(OPEN, test)


def test_an_address_of_nobody_is_said() -> None:
    async def main() -> None:
        with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1:0"):
            async with ConsoleServer(OPEN, Device().do, "192.0.2.1"):
                pass

    moved_loop.run(main())


def test_a_slow_reader_keeps_only_itself_waiting() -> None:
    async def test(server: ConsoleServer, device: Device) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as deaf:
            deaf.setblocking(False)
            asked = 0
            while True:
                try:
                    asked += deaf.send(b"help\n" * 1000)
                except BlockingIOError:
                    break
                await move(0)
            assert asked
            assert await said(server, b"ping\nquit\n") == PROMPT + b"I am alive!\r\nOK\r\n"

    run(OPEN, test)
