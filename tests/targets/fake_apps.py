"""A fake Android with this package's phone core for an app, served from a thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from harness.adapters.adb_link import ShellDone
from harness.errors import PortInUse
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_app import fake_app, install_fake_app
from harness.fake_device import FakeDevice


@contextlib.contextmanager
def app_device(*, is_emulator: bool = True, sims: int = 1) -> Iterator[FakeAndroid]:
    """On ports where emulators are."""
    loop = asyncio.new_event_loop()
    over, started = asyncio.Event(), threading.Event()
    found: list[FakeAndroid] = []

    async def main() -> None:
        for port in range(5560, 5584, 2):  # those of the first emulators may be taken
            options = FakeAndroidOptions(is_emulator=is_emulator, sims=sims, adb_port=port + 1)
            with contextlib.suppress(PortInUse):
                async with fake_android(options) as android, fake_app(android):
                    found.append(android)
                    started.set()
                    await over.wait()
                    return
        raise AssertionError("every port of emulators is taken")

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert started.wait(10)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


class FakeLink:
    """A link to a fake device without a wire; notes every command line."""

    def __init__(self, device: FakeDevice) -> None:
        self.device = device
        self.lines: list[str] = []
        self.reversed: dict[str, str] = {}

    async def shell(self, command: str, *, stdin: bytes = b"") -> ShellDone:
        self.lines.append(command)
        ran = self.device.run(command, stdin, 1)
        return ShellDone(ran.code, ran.out, ran.err)

    async def reverse(self, remote: str, local: str) -> int:
        self.reversed[remote] = local
        return int(remote.removeprefix("tcp:"))

    async def remove_reverse(self, remote: str) -> None:
        del self.reversed[remote]

    async def install(self, apk: Path, *, grant: bool = True) -> None:
        install_fake_app(self.device)
