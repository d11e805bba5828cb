"""The whole way: the command, adb over a socket, a console over another, and a fake Android behind both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adapters.adb_daemon import AdbDaemon
from harness.adapters.emulator_console import ConsoleServer
from harness.emulator.console import Console
from harness.errors import PortInUse
from harness.fake_device.device import FakeDevice
from harness.fake_device.releases import RELEASES
from harness.fake_device.state import Troubles
from tests.cli.inside import call
from tests.cli.stories import write
from tests.commands import Done
from tests.device_radio.behind import Behind

THERE_AND_BACK = """
scenario: There and back
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received, text: Hello}
  - send: {from: alice, to: bob, text: "It's $HOME"}
  - expect: {sms: {to: bob, text: "It's $HOME"}}
"""
OUT = """
scenario: Out
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
  - expect: {sms: {to: bob, text: Hello}}
"""
IN = """
scenario: In
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
"""
BOB = "+18005550101"


@contextlib.contextmanager
def emulator(there: Behind) -> Iterator[str]:
    """Serves it from a thread, on ports where emulators are; gives its address."""
    loop = asyncio.new_event_loop()
    ready: asyncio.Future[str] = loop.create_future()
    over = asyncio.Event()
    started = threading.Event()

    async def main() -> None:
        for port in range(5570, 5584, 2):  # those of the first emulators may be taken
            async with contextlib.AsyncExitStack() as stack:
                try:
                    await stack.enter_async_context(
                        ConsoleServer(Console("", "", "Pixel_7"), there.answered, port=port)
                    )
                    await stack.enter_async_context(AdbDaemon(there.device, port=port + 1))
                except PortInUse:
                    continue
                ready.set_result(f"127.0.0.1:{port + 1}")
                started.set()
                await over.wait()
                return
        raise AssertionError("every port of emulators is taken")

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert started.wait(10)
        yield ready.result()
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def behind(android: str = "14", *, is_emulator: bool = True) -> Behind:
    return Behind(FakeDevice(RELEASES[android], is_emulator=is_emulator))


def run(folder: Path, story: str, serial: str, *options: str) -> Done:
    path = str(write(folder, story))
    device = ("--device", f"adb:{serial}", "--adb-server", "never")
    return call("run", path, *device, *options, folder=folder, HOME=str(folder))


def test_a_story_runs_over_an_emulator(tmp_path: Path) -> None:
    there = behind()
    with emulator(there) as serial:
        done = run(tmp_path, THERE_AND_BACK, serial)
    assert done.code == 0, done
    assert [(row.address, row.body) for row in there.device.sms.rows] == [(BOB, "Hello"), (BOB, "It's $HOME")]


@pytest.mark.parametrize(("options", "texted"), [((), []), (("--allow", BOB), [BOB])])
def test_hardware_texts_only_whom_it_may(options: tuple[str, ...], texted: list[str], tmp_path: Path) -> None:
    there = behind(is_emulator=False)
    with emulator(there) as serial:
        done = run(tmp_path, OUT, serial, *options)
    assert done.code == 0, done
    assert [row.address for row in there.device.sms.rows] == texted
    assert ("1 passed" if texted else f"--allow {BOB}") in done.out + done.err


def test_a_probe_tells_what_an_emulator_can_do_and_changes_nothing(tmp_path: Path) -> None:
    there = behind()
    with emulator(there) as serial:
        probe = ("adb", "probe", serial, "--adb-server", "never")
        done = call(*probe, "--json", "found.json", folder=tmp_path, HOME=str(tmp_path))
    assert done.code == 0, done
    found = json.loads((tmp_path / "found.json").read_text())
    assert (found["android"], found["emulator"], found["can_run"]) == ("14", True, True)
    assert found["capabilities"]["receive"] == {"there": True}
    assert there.device.sms.rows == ()


def test_an_emulator_is_listed_without_an_adb_server(tmp_path: Path) -> None:
    with emulator(behind()) as serial:
        done = call("adb", "devices", "--adb-server", "never", folder=tmp_path, HOME=str(tmp_path))
    assert done.code == 0, done
    assert f"emulator-{int(serial.rpartition(':')[2]) - 1}" in done.out


def test_an_adb_server_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = call("adb", "devices", "--adb-server", "9", folder=tmp_path, HOME=str(tmp_path))
    assert done.code == 3, done
    assert "adb" in done.err


def test_a_text_that_the_device_loses_fails_the_story(tmp_path: Path) -> None:
    there = behind()
    there.device.troubles = Troubles(loses_texts=True)
    with emulator(there) as serial:
        done = run(tmp_path, IN, serial, "--seen-within", "0.5")
    assert done.code == 1, done
    assert "the console said OK and nothing came" in done.out


def test_a_device_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, OUT, "127.0.0.1:9")
    assert done.code == 3, done
    assert "127.0.0.1:9" in done.err
