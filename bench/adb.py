"""What our adb link costs: a command in the shell and a file of 20 MiB, beside the real `adb` on one fake device.

The fake device runs in a process of its own. Each round measures all of them in turn; the ratio to `adb` says more
than a figure, which depends on the machine. `adb` starts a process for each call, as everybody who calls it does.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from harness.adapters.adb_daemon import AdbDaemon
from harness.adapters.adb_keys import generate_key
from harness.adapters.adb_link import Device, LinkOptions, open_device
from harness.fake_device import FakeDevice
from tests.adapters.adb_servers import RealServer, connected, real_server

ROUNDS = 5
SHELLS = 30
FILE = "/sdcard/big"
CONTENT = bytes(range(256)) * 4096 * 20

Measured = Callable[[], Awaitable[float]]


def fake(told: Connection) -> None:
    """Serves a fake device until it is told to end."""

    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            told.send(daemon.port)
            await asyncio.to_thread(told.recv)

    asyncio.run(main())


async def shell_s(device: Device) -> float:
    began = time.perf_counter()
    for _ in range(SHELLS):
        assert (await device.shell("echo hi")).out == b"hi\n"
    return (time.perf_counter() - began) / SHELLS


async def pull_s(device: Device) -> float:
    began = time.perf_counter()
    assert len(await device.pull(FILE)) == len(CONTENT)
    return time.perf_counter() - began


async def adb_s(server: RealServer, serial: str, *words: str) -> float:
    command = ["adb", "-P", str(server.port), "-s", serial, *words]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert await process.wait() == 0
    return time.perf_counter() - began


async def measured(measures: Sequence[Measured]) -> list[list[float]]:
    """For each measure what it took in every round."""
    rounds = [[await measure() for measure in measures] for _ in range(ROUNDS)]
    return [list(each) for each in zip(*rounds, strict=True)]


def row(title: str, took: list[list[float]], unit: float) -> None:
    """The medians, and how many times as long as the real adb the others take."""
    middle = [statistics.median(each) for each in took]
    ratios = [
        statistics.median(mine / theirs for mine, theirs in zip(each, took[-1], strict=True)) for each in took[:-1]
    ]
    figures = [f"{value * unit:9.1f} ms" for value in middle] + [f"{ratio:7.2f}" for ratio in ratios]
    print(f"{title:22}" + "  ".join(figures))


async def main(port: int, folder: Path) -> None:
    serial = f"127.0.0.1:{port}"
    key = folder / "adbkey"  # not the user's own, which would be made if there is none
    generate_key(key)
    with real_server(folder) as server:
        # The file first: the server may have the device for itself then.
        async with open_device(serial, LinkOptions(server="never", key_files=[key])) as direct:
            await direct.push(CONTENT, FILE)
            await connected(server, serial)
            async with open_device(serial, LinkOptions(server="always", server_port=server.port)) as served:
                print(f"Python {sys.version.split()[0]}, medians of {ROUNDS} rounds")
                print(f"{'':22}{'link, TCP':>12}  {'link, server':>12}  {'adb':>12}  {'ratio':>7}  {'ratio':>7}")
                shells = [
                    lambda: shell_s(direct),
                    lambda: shell_s(served),
                    lambda: adb_s(server, serial, "shell", "echo", "hi"),
                ]
                row("echo in the shell", await measured(shells), 1000)
                target = str(folder / "pulled")
                pulls = [
                    lambda: pull_s(direct),
                    lambda: pull_s(served),
                    lambda: adb_s(server, serial, "pull", FILE, target),
                ]
                row("pull of 20 MiB", await measured(pulls), 1000)


if __name__ == "__main__":
    if shutil.which("adb") is None:
        sys.exit("no adb here to compare with")
    here, there = multiprocessing.get_context("spawn").Pipe()
    device = multiprocessing.get_context("spawn").Process(target=fake, args=(there,))
    device.start()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(here.recv(), Path(folder)))
    here.send("end")
    device.join()
