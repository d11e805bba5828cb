"""An adbd on a real socket: what hosts get from it, and what goes wrong."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.adapters.adb_daemon import AdbDaemon
from harness.adb.events import KeyAsked, KeysSpent, Online
from harness.adb.packets import MAX_PAYLOAD, VERSION, Checksums, Command, Packet, PacketReader
from harness.adb.packets import encode as encode_packet
from harness.adb.shell import Id, frame
from harness.adb.sync import Ask, Data, Done, Fail, Okay, Quit, ReplyReader, Send, SyncId, encode
from harness.errors import DeviceGone, DeviceRefused, PortInUse, UsageError
from harness.fake_device import FakeDevice, Troubles
from tests.adapters import moved_loop
from tests.adapters.adb_host import Host, host
from tests.adapters.moved_loop import move, moved_until_over
from tests.adb.joined import key
from tests.fake_device.asking import AT_MS
from tests.fake_device.serving import frames

Test = Callable[[AdbDaemon], Awaitable[None]]


def run(test: Test, device: FakeDevice | None = None, **settings: Any) -> None:
    """A test with an adbd; when it is over, no task is left."""

    async def main() -> None:
        async with AdbDaemon(device or FakeDevice(), **settings) as daemon:
            await test(daemon)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())


def with_host(test: Callable[[AdbDaemon, Host], Awaitable[None]], device: FakeDevice | None = None) -> None:
    async def both(daemon: AdbDaemon) -> None:
        async with host(daemon.port) as made:
            await test(daemon, made)

    run(both, device)


def test_a_host_gets_what_a_command_says() -> None:
    async def test(_daemon: AdbDaemon, me: Host) -> None:
        assert await me.said("shell:echo hi") == b"hi\n"
        assert frames(await me.said("shell,v2,raw:echo no >&2; exit 7")) == (b"", b"no\n", 7)
        assert me.adb.peer is not None
        assert (me.adb.peer.kind, "shell_v2" in me.adb.peer.features) == ("device", True)

    with_host(test)


def test_a_mebibyte_goes_in_and_out() -> None:
    data = bytes(range(256)) * 4096

    async def test(_daemon: AdbDaemon, me: Host) -> None:
        written = frame(Id.STDIN, data) + frame(Id.CLOSE_STDIN)
        assert frames(await me.said("shell,v2,raw:cat", written)) == (data, b"", 0)

    with_host(test)


def test_twenty_mebibytes_are_pushed_and_pulled() -> None:
    data = bytes(range(251)) * 83_560
    pieces = [Data(data[at : at + 65_536]) for at in range(0, len(data), 65_536)]
    sent = b"".join(map(encode, [Send("/sdcard/x", 0o100644), *pieces, Done(1), Ask(SyncId.RECV, "/sdcard/x"), Quit()]))

    async def test(_daemon: AdbDaemon, me: Host) -> None:
        first, *rest = ReplyReader().feed(await me.said("sync:", sent))
        pulled = hashlib.sha256(b"".join(reply.data for reply in rest if isinstance(reply, Data)))
        assert (first, rest[-1]) == (Okay(), Done())
        assert pulled.digest() == hashlib.sha256(data).digest()

    with_host(test)


def test_a_full_device_says_so() -> None:
    sent = [Send("/sdcard/x", 0o100644), *[Data(bytes(65_536))] * 40, Done(1)]

    async def test(_daemon: AdbDaemon, me: Host) -> None:
        heard = await me.said("sync:", b"".join(map(encode, sent)))
        assert ReplyReader().feed(heard) == [Fail("write failed: No space left on device")]

    with_host(test, FakeDevice(capacity_bytes=1 << 20))


def test_a_service_that_there_is_not_is_refused() -> None:
    async def test(_daemon: AdbDaemon, me: Host) -> None:
        assert await me.said("nothing:") == b""
        assert await me.said("tcp:81") == b""

    with_host(test)


def test_what_breaks_its_protocol_ends_its_stream_and_no_other() -> None:
    async def test(_daemon: AdbDaemon, me: Host) -> None:
        assert await me.said("sync:", b"nonsense") == b""
        assert await me.said("shell:echo hi") == b"hi\n"

    with_host(test)


def test_what_is_no_adb_ends_the_connection() -> None:
    async def test(daemon: AdbDaemon) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert await reader.read() == b""
        writer.close()

    run(test)


def test_a_sleep_takes_its_time() -> None:
    async def test(_daemon: AdbDaemon, me: Host) -> None:
        stream = me.open("shell:echo a; sleep 30; echo b")
        await me.until(lambda: me.heard[stream] == b"a\n")
        await move(29)
        assert stream not in me.over
        await move(1.1)
        assert await me.ended(stream) == b"a\nb\n"

    with_host(test)


def test_one_that_follows_the_log_hears_what_others_do() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port) as me, host(daemon.port) as other:
            stream = me.open("shell:logcat")
            await me.until(lambda: me.heard[stream])
            await other.said("shell:log -t other words")
            await me.until(lambda: b"other: words" in me.heard[stream])
            slow = other.open("shell:sleep 5; log -t later words")
            assert await moved_until_over(me.until(lambda: b"later: words" in me.heard[stream])) >= 5
            daemon.device.note("outside", "words", AT_MS)
            daemon.ring()
            await me.until(lambda: b"outside: words" in me.heard[stream])
            assert daemon.hosts == ["host-1", "host-2"]
            await other.ended(slow)

    run(test)


def test_a_host_that_reads_nothing_stops_what_it_asked_for() -> None:
    async def test(daemon: AdbDaemon, me: Host) -> None:
        me.consumes = False
        stream = me.open("exec:yes")
        await me.until(lambda: len(me.heard[stream]) > 0)
        assert await _said_elsewhere(daemon) == b"hi\n"  # and so nobody else has to wait
        assert len(me.heard[stream]) <= 1 << 20

    with_host(test)


async def _said_elsewhere(daemon: AdbDaemon) -> bytes:
    async with host(daemon.port) as other:
        return await other.said("shell:echo hi")


def test_whoever_leaves_amid_a_push_leaves_nothing() -> None:
    device = FakeDevice()

    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port) as me:
            stream = me.open("sync:")
            me.write(stream, encode(Send("/sdcard/x", 0o100644)) + encode(Data(b"hello")))
            await me.until(lambda: me.adb.unsent(stream) == 0)
        async with host(daemon.port) as me:
            while device.files.used_bytes:
                await me.said("shell:true")

    run(test, device)


# Packet by packet.


class Wire:
    """A host that sends the packets that it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._packets = PacketReader(checksums=Checksums.SPARED)
        self._came: deque[Packet] = deque()

    def send(self, *packets: Packet, size: int = 1 << 20) -> None:
        octets = b"".join(map(encode_packet, packets))
        for at in range(0, len(octets), size):
            self._writer.write(octets[at : at + size])

    async def next(self) -> Packet:
        while not self._came:
            self._came.extend(self._packets.feed(await self._reader.read(1 << 16)))
        return self._came.popleft()

    async def opened(self, service: str, local: int = 9) -> int:
        """Opens a stream; the device's number of it."""
        self.send(Packet(Command.OPEN, local, 0, service.encode() + b"\0"))
        packet = await self.next()
        assert (packet.command, packet.arg1) == (Command.OKAY, local)
        return packet.arg0

    async def left(self) -> list[Command]:
        """What comes of all that was sent: before the second of two answers, of which each waits for the one before."""
        found = []
        for local in (98, 99):
            self.send(Packet(Command.OPEN, local, 0, b"nothing:\0"))
            while (packet := await self.next()).arg1 != local:
                found.append(packet.command)
        return found


def with_wire(test: Callable[[AdbDaemon, Wire], Awaitable[None]], device: FakeDevice | None = None) -> None:
    async def both(daemon: AdbDaemon) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
        wire = Wire(reader, writer)
        try:
            wire.send(Packet(Command.CNXN, VERSION, MAX_PAYLOAD, b"host::"))
            assert (await wire.next()).command is Command.CNXN
            await test(daemon, wire)
        finally:
            writer.transport.abort()

    run(both, device)


@pytest.mark.parametrize("service", ["shell:cat", "tcp:7", "exec:sh -c cat"])
def test_what_is_written_is_acknowledged_before_it_is_answered(service: str) -> None:
    """adb-shell waits for the OKAY, and loses an answer that is before it."""

    async def test(_daemon: AdbDaemon, wire: Wire) -> None:
        remote = await wire.opened(service)
        wire.send(Packet(Command.WRTE, 9, remote, b"hello"))
        first, second = await wire.next(), await wire.next()
        assert (first.command, second.command, second.payload) == (Command.OKAY, Command.WRTE, b"hello")

    with_wire(test)


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_each_piece_that_a_host_is_ahead_is_acknowledged_once(ahead: int) -> None:
    async def test(_daemon: AdbDaemon, wire: Wire) -> None:
        remote = await wire.opened("exec:cat > /sdcard/x")
        wire.send(*[Packet(Command.WRTE, 9, remote, b"hello")] * ahead)
        assert await wire.left() == [Command.OKAY] * ahead

    with_wire(test)


def test_a_service_that_is_full_leaves_its_host_waiting_until_it_has_room() -> None:
    async def test(_daemon: AdbDaemon, wire: Wire) -> None:
        remote = await wire.opened("exec:sleep 5; wc -c")
        much = Packet(Command.WRTE, 9, remote, bytes(200_000))
        wire.send(much)
        assert await wire.left() == [Command.OKAY]
        wire.send(much, much)
        assert await wire.left() == []
        await move(5.1)
        assert await wire.left() == [Command.OKAY] * 2

    with_wire(test)


def test_each_piece_that_an_app_has_read_is_acknowledged_once() -> None:
    async def test(daemon: AdbDaemon, wire: Wire) -> None:
        await wire.opened("reverse:forward:tcp:8080;tcp:9090")
        assert (await wire.next()).payload == b"OKAY"
        dialling = asyncio.create_task(daemon.dial("tcp:8080"))
        asked = await wire.next()
        assert (asked.command, asked.payload) == (Command.OPEN, b"tcp:9090\0")
        wire.send(
            Packet(Command.OKAY, 7, asked.arg0),
            Packet(Command.WRTE, 7, asked.arg0, b"one"),
            Packet(Command.WRTE, 7, asked.arg0, b"two"),
        )
        app = await dialling
        assert await wire.left() == []
        assert await app.read(5) == b"onetw"
        assert await wire.left() == []
        assert await app.read() == b"o"
        assert await wire.left() == [Command.OKAY] * 2

    with_wire(test)


@pytest.mark.parametrize("size", [1, 24, 10_000])
def test_the_last_of_an_input_may_come_before_the_one_before_it_is_acknowledged(size: int) -> None:
    """As adb sends it at the end of `exec-in` (29 and 36), whatever the pieces that it comes in."""
    device = FakeDevice()

    async def test(_daemon: AdbDaemon, wire: Wire) -> None:
        remote = await wire.opened("exec:cat > /sdcard/x")
        wire.send(
            Packet(Command.WRTE, 9, remote, bytes(3000)),
            Packet(Command.WRTE, 9, remote, bytes(2000)),
            Packet(Command.CLSE, 9, remote),
            size=size,
        )
        assert (await wire.left())[-1] is Command.CLSE
        assert device.run("wc -c < /sdcard/x").out == b"5000\n"

    with_wire(test, device)


# Ports.


def test_a_host_reaches_a_port_of_the_device() -> None:
    async def test(_daemon: AdbDaemon, me: Host) -> None:
        stream = me.open("tcp:7")
        me.write(stream, b"hello")
        await me.until(lambda: me.heard[stream] == b"hello")
        assert (await me.said("tcp:80", b"GET / HTTP/1.1\r\n\r\n")).endswith(b"emulator-5554\n")

    with_host(test)


def test_an_app_on_the_device_reaches_a_port_of_the_host() -> None:
    data = bytes(300_000)

    async def test(daemon: AdbDaemon, me: Host) -> None:
        assert await me.said("reverse:forward:tcp:8080;tcp:9090") == b"OKAY"
        dialling = asyncio.create_task(daemon.dial("tcp:8080"))
        await me.until(lambda: "tcp:9090" in me.asked)
        stream = me.asked["tcp:9090"]
        me.adb.accept(stream)
        me.say()
        app = await dialling
        await app.write(data)
        assert me.heard[stream] == data
        me.write(stream, b"hello")
        assert await app.read(2) == b"he"
        assert await app.read() == b"llo"
        me.adb.close(stream)
        me.say()
        assert await app.read() == b""
        with pytest.raises(DeviceGone):
            await app.write(b"more")

    with_host(test)


def test_an_app_that_closes_tells_the_host() -> None:
    async def test(daemon: AdbDaemon, me: Host) -> None:
        await me.said("reverse:forward:tcp:8080;tcp:9090")
        dialling = asyncio.create_task(daemon.dial("tcp:8080"))
        await me.until(lambda: "tcp:9090" in me.asked)
        me.adb.accept(me.asked["tcp:9090"])
        me.say()
        (await dialling).close()
        await me.ended(me.asked["tcp:9090"])

    with_host(test)


def test_a_port_that_leads_nowhere_is_refused() -> None:
    async def test(daemon: AdbDaemon, me: Host) -> None:
        with pytest.raises(DeviceRefused, match="nothing listens on tcp:8080"):
            await daemon.dial("tcp:8080")
        await me.said("reverse:forward:tcp:8080;tcp:9090")
        dialling = asyncio.create_task(daemon.dial("tcp:8080"))
        await me.until(lambda: "tcp:9090" in me.asked)
        me.adb.refuse(me.asked["tcp:9090"])
        me.say()
        with pytest.raises(DeviceRefused, match="does not connect to tcp:9090"):
            await dialling

    with_host(test)


def test_ports_of_a_host_go_with_it_and_so_do_their_streams() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port) as me:
            await me.said("reverse:forward:tcp:8080;tcp:9090")
            dialling = asyncio.create_task(daemon.dial("tcp:8080"))
            await me.until(lambda: "tcp:9090" in me.asked)
            me.adb.accept(me.asked["tcp:9090"])
            me.say()
            app = await dialling
        assert await app.read() == b""
        with pytest.raises(DeviceRefused):
            await daemon.dial("tcp:8080")

    run(test)


# Who may.


def test_a_host_whose_key_is_trusted_may() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(2), key(1)]) as me:
            assert me.was(Online)
            assert await me.said("shell:echo hi") == b"hi\n"

    run(test, trusted=[key(1).public_key()])


@pytest.mark.parametrize("answers", [None, lambda _key: False])
def test_a_host_whose_key_is_not_trusted_waits(answers: Any) -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(2)]) as me:
            assert me.was(KeyAsked)
            assert not me.was(Online)
            assert daemon.hosts == []
            daemon.trust(key(2).public_key())
            await me.until(lambda: me.was(Online))
        async with host(daemon.port, [key(2)]) as me:
            assert me.was(Online)
        async with host(daemon.port) as me:
            assert me.was(KeysSpent)

    run(test, trusted=[key(1).public_key()], on_key=answers)


def test_the_user_may_be_asked() -> None:
    asked = []

    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(2)]) as me:
            await me.until(lambda: me.was(Online))
        assert [each.user for each in asked] == ["me@here"]

    run(test, trusted=[], on_key=lambda key: asked.append(key) or True)


def test_authorisation_that_is_withdrawn_ends_all_and_is_asked_for_again() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(1)]) as me:
            stream = me.open("shell:logcat")
            await me.until(lambda: me.heard[stream])
            daemon.withdraw()
            await me.until(lambda: me.gone)
        async with host(daemon.port, [key(1)]) as me:
            assert not me.was(Online)

    run(test, trusted=[key(1).public_key()])


def test_an_unauthorised_device_trusts_nobody_whatever_its_user_would_say() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(1)]) as me:
            assert me.was(KeyAsked)
            assert not me.was(Online)

    device = FakeDevice(troubles=Troubles(unauthorized=True))
    run(test, device, trusted=[key(1).public_key()], on_key=lambda _key: True)


# Other troubles.


@pytest.mark.parametrize("most", [0, 10, 1000, 200_000])
def test_a_device_vanishes_amid_a_stream(most: int) -> None:
    async def test(daemon: AdbDaemon) -> None:
        for _ in range(2):  # whoever comes again finds it as it was
            async with host(daemon.port) as me:
                if not me.gone:
                    stream = me.open("exec:yes")
                    await me.until(lambda: me.gone)
                    assert len(me.heard[stream]) <= most
                    assert stream not in me.over

    run(test, FakeDevice(troubles=Troubles(vanish_after_bytes=most)))


def test_authorisation_is_withdrawn_amid_a_stream() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, [key(1)]) as me:
            me.open("exec:yes")
            await me.until(lambda: me.gone)
        async with host(daemon.port, [key(1)]) as me:
            assert not me.was(Online)
            daemon.trust(key(1).public_key())
            await me.until(lambda: me.was(Online))
            assert await me.said("shell:echo hi") == b"hi\n"

    run(test, trusted=[key(1).public_key()], withdraw_after_bytes=100_000)


def test_a_slow_device_takes_its_time_for_each_answer() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port, waits=False) as me:
            assert await moved_until_over(me.online()) >= 2
            stream = me.open("shell:echo hi")
            assert await moved_until_over(me.ended(stream)) >= 2
            assert me.heard[stream] == b"hi\n"

    run(test, FakeDevice(troubles=Troubles(slow_ms=2000)))


def test_a_device_that_restarts_drops_everybody() -> None:
    async def test(daemon: AdbDaemon) -> None:
        async with host(daemon.port) as me, host(daemon.port) as other:
            other.open("shell:logcat")
            assert await me.said("reboot:") == b""
            await other.until(lambda: other.gone)

    run(test)


def test_a_port_that_is_taken_is_told() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
            async with AdbDaemon(FakeDevice(), port=taken.getsockname()[1]):
                pass
        with pytest.raises(UsageError, match=r"cannot listen on nobody\.invalid"):
            async with AdbDaemon(FakeDevice(), host="nobody.invalid"):
                pass

    moved_loop.run(main())


def test_its_end_leaves_no_port_and_whoever_ends_it_may_be_cancelled() -> None:
    ports: list[int] = []

    async def hold(holds: asyncio.Event) -> None:
        async with AdbDaemon(FakeDevice()) as daemon, host(daemon.port) as me:
            me.open("exec:yes")
            ports.append(daemon.port)
            holds.set()
            await asyncio.Event().wait()

    async def main() -> None:
        holds = asyncio.Event()
        holding = asyncio.create_task(hold(holds))
        await holds.wait()
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ports[0])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())
