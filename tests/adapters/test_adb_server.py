"""An adb server that refuses, breaks off or says nonsense: what it has to do with the device, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from harness.adapters.adb_link import Device, LinkOptions, ListedDevice, list_devices, open_device
from harness.adapters.adb_server import AdbServer
from harness.adb.shell import Id, frame
from harness.errors import (
    AdbServerError,
    DeviceError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnauthorized,
    NoDevice,
    UsageError,
)
from tests.adapters.adb_peer import TIMEOUT_S, remedied, run, until, wait_out
from tests.adapters.adb_servers import FOUND, SERIAL, Answer, ScriptedServer, answer, fail, scripted
from tests.adapters.raw_server import Peer

STATE = f"host-serial:{SERIAL}:get-state"
TRANSPORT = f"host:transport:{SERIAL}"
SHELL = "shell,v2,raw:"
DONE = frame(Id.STDOUT, b"hi\n") + frame(Id.EXIT, b"\3")


def options(server: ScriptedServer, **more: object) -> LinkOptions:
    return LinkOptions(server="always", server_port=server.port, timeout_s=TIMEOUT_S, **more)  # type: ignore[arg-type]


def says(*pieces: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def talk(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)
            await peer.writer.drain()

    return talk


async def waits(peer: Peer) -> None:
    await peer.reader.read()


async def breaks(peer: Peer) -> None:
    peer.send(b"OKAY" + DONE[:7])
    await peer.writer.drain()
    peer.writer.transport.abort()


def test_a_device_on_usb_is_reached() -> None:
    async def main() -> None:
        async with (
            scripted({**FOUND, SHELL: b"OKAY" + DONE}) as server,
            open_device(SERIAL, options(server)) as device,
        ):
            assert device.banner.features == {"shell_v2", "cmd", "stat_v2"}
            assert device.banner.properties == {
                "ro.product.name": "a",
                "ro.product.model": "b",
                "ro.product.device": "c",
            }
            done = await device.shell("echo hi")
            assert (done.code, done.out, done.err) == (3, b"hi\n", b"")
            assert server.asked[-2:] == [TRANSPORT, f"{SHELL}echo hi"]

    run(main())


def test_a_server_of_old_knows_no_features() -> None:
    old = {**FOUND, f"host-serial:{SERIAL}:features": fail("unknown host service"), "shell:": b"OKAYhi\n"}

    async def main() -> None:
        async with scripted(old) as server, open_device(SERIAL, options(server)) as device:
            assert device.banner.features == frozenset()
            assert (await device.shell("echo hi")).code is None

    run(main())


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 12])
def test_answers_come_in_whatever_pieces(size: int) -> None:
    whole = b"OKAY" + DONE
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    async def main() -> None:
        async with (
            scripted({**FOUND, SHELL: says(*pieces)}) as server,
            open_device(SERIAL, options(server)) as device,
        ):
            assert (await device.shell("echo hi")).out == b"hi\n"

    run(main())


# -- while the device is looked for ------------------------------------------------------------------------------------

OPENING: list[tuple[str, Answer, type[DeviceError], str]] = [
    (STATE, fail(f"device '{SERIAL}' not found"), NoDevice, "knows no such device"),
    (STATE, fail("no devices/emulators found"), NoDevice, "knows no such device"),
    (STATE, fail("device offline"), DeviceGone, "device offline"),
    (STATE, answer("offline"), DeviceGone, "offline"),
    (STATE, answer("bootloader"), DeviceGone, "the adb server says it is bootloader"),
    (STATE, answer("unauthorized"), DeviceUnauthorized, "unauthorized"),
    (
        STATE,
        fail("device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set"),
        DeviceUnauthorized,
        "device unauthorized\n",
    ),
    (STATE, fail("device still authorizing"), DeviceUnauthorized, "authorizing"),
    (STATE, fail("unknown host service"), AdbServerError, "refuses host-serial:.*: unknown host service"),
    (STATE, b"", AdbServerError, "ended the connection without an answer"),
    (STATE, b"FAIL00", AdbServerError, "ended the connection without an answer"),
    (STATE, b"HTTP/1.1 400 Bad Request\r\n\r\n", AdbServerError, "where OKAY or FAIL should be"),
    (STATE, b"OKAYnonsense", AdbServerError, "hexadecimal"),
    ("host:devices-l", b"", AdbServerError, "ended the connection"),
    (f"host-serial:{SERIAL}:features", fail("device offline"), DeviceGone, "device offline"),
]


@pytest.mark.parametrize(("asked", "said", "kind", "words"), OPENING)
def test_what_stands_against_a_device_is_told(asked: str, said: Answer, kind: type[DeviceError], words: str) -> None:
    async def main() -> None:
        async with scripted({**FOUND, asked: said}) as server:
            with pytest.raises(kind, match=words) as caught:
                async with open_device(SERIAL, options(server)):
                    pass
            remedied(caught.value, SERIAL)
            assert "\n" not in caught.value.why

    run(main())


def test_a_server_that_never_answers_is_given_up() -> None:
    async def main() -> None:
        async with scripted({**FOUND, STATE: waits}) as server:
            opening = asyncio.ensure_future(open_device(SERIAL, options(server)).__aenter__())
            await until(lambda: server.asked)
            await wait_out(TIMEOUT_S)
            with pytest.raises(DeviceTimeout, match="the adb server gave no answer in time") as caught:
                await opening
            remedied(caught.value, SERIAL)

    run(main())


# -- while the device is asked -----------------------------------------------------------------------------------------

ASKING: list[tuple[dict[str, Answer], type[DeviceError], str]] = [
    ({TRANSPORT: fail(f"device '{SERIAL}' not found")}, NoDevice, "knows no such device"),
    ({TRANSPORT: fail("device unauthorized.\nmore")}, DeviceUnauthorized, "unauthorized"),
    ({TRANSPORT: fail("device offline")}, DeviceGone, "offline"),
    ({TRANSPORT: fail("something else")}, AdbServerError, "something else"),
    ({TRANSPORT: b"WHAT"}, AdbServerError, "where OKAY or FAIL should be"),
    ({SHELL: fail("closed")}, DeviceRefused, "shell,v2,raw: it has no such service"),
    ({SHELL: fail("device offline")}, DeviceGone, "offline"),
    ({SHELL: fail("something else")}, DeviceRefused, "something else"),
    ({SHELL: b""}, AdbServerError, "ended the connection without an answer"),
    ({SHELL: b"OKAY"}, DeviceGone, "without telling its exit code"),
    ({SHELL: b"OKAY" + DONE[:9]}, DeviceGone, "without telling its exit code"),
    ({SHELL: breaks}, DeviceGone, "broke off the stream|without telling its exit code"),
    ({SHELL: b"OKAY" + b"\xff" * 9}, DeviceError, "unknown id 255"),
]


@pytest.mark.parametrize(("script", "kind", "words"), ASKING)
def test_what_goes_wrong_with_a_command_is_told_and_the_next_one_runs(
    script: dict[str, Answer], kind: type[DeviceError], words: str
) -> None:
    async def main() -> None:
        async with scripted({**FOUND, **script}) as server, open_device(SERIAL, options(server)) as device:
            with pytest.raises(kind, match=words) as caught:
                await device.shell("echo hi")
            remedied(caught.value, SERIAL)
            server.script.update({TRANSPORT: b"OKAY", SHELL: b"OKAY" + DONE})
            assert (await device.shell("echo hi")).code == 3

    run(main())


@pytest.mark.parametrize(
    ("state", "kind"),
    [(fail("device offline"), DeviceGone), (fail(f"device '{SERIAL}' not found"), NoDevice), (b"", AdbServerError)],
)
def test_the_end_of_a_stream_is_asked_about(state: bytes, kind: type[DeviceError]) -> None:
    async def main() -> None:
        async with (
            scripted({**FOUND, "shell:": b"OKAYone line\n"}) as server,
            open_device(SERIAL, options(server)) as device,
        ):
            async with device.service("shell:logcat") as stream:
                assert b"".join([piece async for piece in stream]) == b"one line\n"
            server.script[STATE] = state
            async with device.service("shell:logcat") as stream:
                assert await stream.read() == b"one line\n"
                with pytest.raises(kind) as caught:
                    await stream.read()
            remedied(caught.value, SERIAL)

    run(main())


def test_a_stream_that_is_not_read_is_not_taken_either() -> None:
    sent: list[int] = []

    async def floods(peer: Peer) -> None:
        peer.send(b"OKAY")
        for _ in range(1000):
            peer.send(b"x" * 65536)
            await peer.writer.drain()
            sent.append(65536)

    async def main() -> None:
        async with (
            scripted({**FOUND, "shell:": floods, SHELL: b"OKAY" + DONE}) as server,
            open_device(SERIAL, options(server)) as device,
            device.service("shell:yes") as stream,
        ):
            for _ in range(20):
                await device.shell("the rest goes on")
            assert sum(sent) < 1000 * 65536 / 2
            assert sum([len(piece) async for piece in stream]) == 1000 * 65536

    run(main())


def test_what_is_written_waits_for_a_server_that_reads_slowly() -> None:
    go = asyncio.Event()
    got: list[int] = []

    async def slow(peer: Peer) -> None:
        peer.send(b"OKAY")
        await go.wait()
        while data := await peer.reader.read(1 << 16):
            got.append(len(data))

    async def main() -> None:
        async with scripted({**FOUND, "tcp:7": slow}) as server, open_device(SERIAL, options(server)) as device:
            async with device.service("tcp:7") as stream:
                stream.write(b"x" * (32 << 20))
                waiting = asyncio.ensure_future(stream.drained())
                await asyncio.sleep(0)
                assert not waiting.done()
                go.set()
                await waiting
            await until(lambda: sum(got) == 32 << 20)

    run(main())


def test_a_command_that_is_cancelled_leaves_no_socket() -> None:
    async def opened(peer: Peer) -> None:
        peer.send(b"OKAY")
        await waits(peer)

    async def main() -> None:
        async with scripted({**FOUND, SHELL: opened}) as server, open_device(SERIAL, options(server)) as device:
            asking = asyncio.ensure_future(device.shell("sleep 100"))
            await until(lambda: server.asked[-1].startswith(SHELL))
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    run(main())


def test_a_device_that_comes_back_is_reached_anew() -> None:
    async def main() -> None:
        async with (
            scripted({**FOUND, SHELL: b"OKAY" + DONE}) as server,
            open_device(SERIAL, options(server, reconnect_s=20)) as device,
        ):
            server.script[STATE] = fail(f"device '{SERIAL}' not found")
            asking = asyncio.ensure_future(device.shell("echo hi"))
            await until(lambda: server.asked.count(STATE) == 3)
            server.script[STATE] = answer("device")
            assert (await asking).code == 3
            assert server.asked.count(f"{SHELL}echo hi") == 1

    run(main())


def test_the_servers_list_is_told() -> None:
    lines = "emulator-5554          device product:sdk model:Pixel_7 transport_id:2\nR58M  unauthorized usb:1-1\n"

    async def main() -> None:
        async with scripted({"host:devices-l": answer(lines)}) as server:
            assert await list_devices(options(server)) == [
                ListedDevice("emulator-5554", "device", {"product": "sdk", "model": "Pixel_7", "transport_id": "2"}),
                ListedDevice("R58M", "unauthorized", {"usb": "1-1"}),
            ]

    run(main())


def test_a_server_that_keeps_the_connection_is_left() -> None:
    left = asyncio.Event()

    async def keeps(peer: Peer) -> None:
        peer.send(answer(""))
        await waits(peer)
        left.set()

    async def main() -> None:
        async with scripted({"host:devices-l": keeps}) as server:
            assert await list_devices(options(server)) == []
            await left.wait()

    run(main())


def test_a_request_that_is_too_long_is_the_callers_fault() -> None:
    async def ask(device: Device) -> None:
        with pytest.raises(UsageError, match="65535"):
            await device.shell("x" * 70_000)

    async def main() -> None:
        async with scripted(FOUND) as server, open_device(SERIAL, options(server)) as device:
            await ask(device)

    run(main())


@pytest.mark.parametrize("port", [0, 70_000])
def test_a_port_that_is_none_is_told(port: int) -> None:
    async def main() -> None:
        with pytest.raises(AdbServerError) as caught:
            await AdbServer(port, 1.0).devices()
        remedied(caught.value, "")

    run(main())
