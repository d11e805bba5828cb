"""The way back: what the device opens on this machine, and only where it may."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from harness.adapters.adb_device import Device
from harness.adapters.adb_link import open_device
from tests.adapters.adb_peer import PeerDevice, PeerStream, keys_in, listening, over_tcp, run, said, shell_v2, until
from tests.adapters.raw_server import Peer, RawServer, raw_server

BIG = bytes(range(256)) * 8192
Talk = Callable[[Peer], Awaitable[None]]


@contextlib.asynccontextmanager
async def reversed_to(
    talk: Talk, tmp_path: Path, max_data: int = 1 << 20
) -> AsyncIterator[tuple[PeerDevice, Device, RawServer]]:
    device = PeerDevice({"reverse:": said(b"OKAY"), "shell,v2,raw:": shell_v2}, max_data=max_data)
    async with (
        raw_server(talk) as server,
        listening(device),
        open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link,
    ):
        await link.reverse("tcp:8080", f"tcp:{server.port}")
        yield device, link, server


async def dialled(device: PeerDevice, port: int) -> PeerStream:
    stream = await device.ends[-1].dial(f"tcp:{port}")
    assert stream is not None
    return stream


async def read_all(stream: PeerStream) -> bytes:
    pieces = []
    while piece := await stream.read():
        pieces.append(piece)
    return b"".join(pieces)


async def echo(peer: Peer) -> None:
    while data := await peer.reader.read(1 << 16):
        peer.send(data)
        await peer.writer.drain()


@pytest.mark.parametrize("max_data", [1 << 20, 4096])
def test_octets_go_both_ways_however_many(max_data: int, tmp_path: Path) -> None:
    async def main() -> None:
        async with reversed_to(echo, tmp_path, max_data) as (device, _, server):
            streams = [await dialled(device, server.port) for _ in range(3)]
            for stream in streams:
                stream.write(BIG)
            for stream in streams:
                got = b""
                while len(got) < len(BIG):
                    got += await stream.read()
                assert got == BIG
                stream.close()

    run(main())


def test_the_end_on_this_machine_is_the_devices_end(tmp_path: Path) -> None:
    async def once(peer: Peer) -> None:
        peer.send(await peer.reader.readexactly(5))

    async def main() -> None:
        async with reversed_to(once, tmp_path) as (device, _, server):
            stream = await dialled(device, server.port)
            stream.write(b"hello")
            assert await read_all(stream) == b"hello"

    run(main())


def test_the_devices_end_is_the_end_on_this_machine(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def hears(peer: Peer) -> None:
        heard.append(await peer.reader.read())

    async def main() -> None:
        async with reversed_to(hears, tmp_path) as (device, _, server):
            stream = await dialled(device, server.port)
            stream.write(BIG)
            stream.close()
            await until(lambda: heard)
            assert heard == [BIG]

    run(main())


def test_a_device_that_reads_slowly_slows_this_machine(tmp_path: Path) -> None:
    sent: list[int] = []

    async def floods(peer: Peer) -> None:
        for _ in range(500):
            peer.send(b"x" * 65536)
            await peer.writer.drain()
            sent.append(65536)

    async def main() -> None:
        async with reversed_to(floods, tmp_path, 65536) as (device, link, server):
            stream = await dialled(device, server.port)
            await until(lambda: stream.arrived.qsize())
            for _ in range(50):
                await link.shell("the rest goes on")
            assert sum(sent) < 500 * 65536 / 2
            assert len(await read_all(stream)) == 500 * 65536

    run(main())


def test_this_machine_that_reads_slowly_slows_the_device(tmp_path: Path) -> None:
    go = asyncio.Event()
    got: list[int] = []

    async def slow(peer: Peer) -> None:
        await go.wait()
        while data := await peer.reader.read(1 << 16):
            got.append(len(data))

    async def main() -> None:
        async with reversed_to(slow, tmp_path, 65536) as (device, link, server):
            stream = await dialled(device, server.port)
            stream.write(BIG * 16)
            for _ in range(800):
                await link.shell("the rest goes on")
            assert device.ends[-1].adb.unsent(stream.number) > len(BIG)
            go.set()
            await until(lambda: sum(got) == len(BIG) * 16)

    run(main())


def test_no_other_port_is_reached_and_none_after_it_was_given_back(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_server(echo) as other, reversed_to(echo, tmp_path) as (device, link, server):
            end = device.ends[-1]
            for service in (f"tcp:{other.port}", f"tcp:{server.port}:127.0.0.1", "shell:ls", "localabstract:x", ""):
                assert await end.dial(service) is None
            await link.remove_reverse("tcp:8080")
            assert await end.dial(f"tcp:{server.port}") is None
            assert (other.connections, server.connections) == (0, 0)

    run(main())


def test_a_port_that_two_lead_to_is_kept_for_the_second(tmp_path: Path) -> None:
    async def main() -> None:
        async with reversed_to(echo, tmp_path) as (device, link, server):
            await link.reverse("tcp:9090", f"tcp:{server.port}")
            await link.remove_reverse("tcp:8080")
            assert await device.ends[-1].dial(f"tcp:{server.port}") is not None

    run(main())


def test_a_port_where_nobody_listens_is_refused_and_the_next_call_works(tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_server(echo) as gone:
            port = gone.port
        async with reversed_to(echo, tmp_path) as (device, link, _):
            await link.reverse("tcp:1", f"tcp:{port}")
            assert await device.ends[-1].dial(f"tcp:{port}") is None
            assert (await link.shell("next")).code == 7

    run(main())


@pytest.mark.parametrize("how", ["left", "lost"])
def test_what_is_joined_ends_with_the_link(how: str, tmp_path: Path) -> None:
    ends: list[bytes] = []

    async def hears(peer: Peer) -> None:
        with contextlib.suppress(ConnectionError):
            await peer.reader.read()
        ends.append(b"")

    async def main() -> None:
        async with reversed_to(hears, tmp_path) as (device, _, server):
            for _ in range(3):
                (await dialled(device, server.port)).write(b"x")
            await until(lambda: server.connections == 3)
            if how == "lost":
                device.ends[-1].drop()
                await until(lambda: len(ends) == 3)
        await until(lambda: len(ends) == 3)

    run(main())


def test_a_device_that_opens_and_leaves_at_once_is_borne(tmp_path: Path) -> None:
    async def main() -> None:
        async with reversed_to(echo, tmp_path) as (device, link, server):
            end = device.ends[-1]
            for _ in range(20):
                end.adb.close(end.adb.open(f"tcp:{server.port}"))
            end.flush()
            assert (await link.shell("next")).code == 7

    async def cut() -> None:
        async with reversed_to(echo, tmp_path) as (device, _, server):
            end = device.ends[-1]
            opening = [asyncio.ensure_future(end.dial(f"tcp:{server.port}")) for _ in range(20)]
            await asyncio.sleep(0)
            end.drop()
            for each in opening:
                each.cancel()
            await asyncio.wait(opening)

    run(main())
    run(cut())
