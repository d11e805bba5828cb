"""What befalls a device, the way to it and this machine, as a table: what is told, that nothing is left of it, and that
whoever comes next finds everything as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.adb_daemon import AdbDaemon
from harness.adapters.adb_link import Device, LinkOptions, open_device
from harness.adb.keys import PrivateKey, PublicKey
from harness.adb.sync import Data, encode
from harness.errors import AdbServerError, DeviceError, DeviceGone, DeviceUnauthorized, NoDevice, PortInUse
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_device import FakeDevice, Troubles
from harness.fake_device.happened import Happened, TextArrived
from harness.scenario import read_scenarios
from harness.targets import TargetOptions
from harness.targets.device import DeviceTarget
from harness.targets.device_link import linked_device
from tests.adapters.adb_peer import (
    PeerDevice,
    PeerStream,
    Serve,
    deaf,
    keys_in,
    listening,
    over_tcp,
    pem,
    shell_v2,
    until,
)
from tests.adapters.adb_servers import RealServer, connected, real_server
from tests.adapters.moved_loop import MovedLoop, move
from tests.cli.stories import write
from tests.commands import COMMAND, TIMEOUT_S, clean_environment

KEY = PrivateKey.from_pem(pem())
BIG = bytes(range(256)) * 4096
PLUGGED = "see that the device is on and adb debugging is allowed, then open it again"
Ask = Callable[[Device], Awaitable[object]]

ASKS: dict[str, tuple[str, Ask]] = {
    "shell": ("shell,v2,raw:ls", lambda link: link.shell("ls")),
    "push": ("sync:", lambda link: link.push(BIG, "/sdcard/x")),
    "pull": ("sync:", lambda link: link.pull("/sdcard/x")),
}


def children() -> set[int]:
    """The processes that this one has begun and that are still there."""
    found: set[int] = set()
    for each in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found |= set(map(int, (each / "children").read_text().split()))
    return found


def files() -> int:
    """How many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))


def left_by(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs it, and proves that no task, no file, no socket and no process is left."""
    before = children(), files()

    async def alone() -> None:
        await main()
        for _ in range(3):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(alone())
    assert (children(), files()) == before


def is_free(port: int) -> None:
    socket.create_server(("127.0.0.1", port)).close()


# -- the device, amid a call -------------------------------------------------------------------------------------------


async def begins(stream: PeerStream) -> None:
    """The device has said something, or taken something, when the fault comes."""
    if stream.service == "sync:":
        await stream.read()
        stream.write(encode(Data(b"half of it"))[:5])
    else:
        stream.write(b"\1\4\0\0\0ha")


async def vanishes(stream: PeerStream) -> None:
    await begins(stream)
    stream.end.drop()


async def withdraws(stream: PeerStream) -> None:
    await begins(stream)
    stream.end.withdraw()


@dataclass(frozen=True)
class Fault:
    """What a device does amid a call, and what its user reads."""

    serve: Serve
    error: type[DeviceError]
    why: str
    remedy: str


FAULTS = {
    "vanishes": Fault(vanishes, DeviceGone, "the connection broke", PLUGGED),
    "authorisation withdrawn": Fault(
        withdraws,
        DeviceUnauthorized,
        "it trusts our key no longer, and asks its user about it anew",
        f"allow the key {KEY.public_key().fingerprint} ({{user}}) on the device's screen, then open it again",
    ),
}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_device_does_amid_a_call_is_told_and_the_next_one_works(ask: str, fault: str, tmp_path: Path) -> None:
    (service, call), row = ASKS[ask], FAULTS[fault]
    device = PeerDevice({service: row.serve, "shell,v2,raw:after": shell_v2}, trusted=[KEY.public_key()])
    options = over_tcp(key_files=keys_in(tmp_path), reconnect_s=1.0)

    async def main() -> None:
        async with listening(device):
            async with open_device(device.serial, options) as link:
                with pytest.raises(row.error) as caught:
                    await call(link)
            assert (type(caught.value), caught.value.why) == (row.error, row.why)
            assert re.fullmatch(re.escape(row.remedy).replace(r"\{user\}", r"\S+@\S+"), caught.value.remedy)
            assert device.services == [service + ("ls" if service == "shell" else "")]  # nothing was done twice
            device.trusted = [KEY.public_key()]
            async with open_device(device.serial, options) as link:
                assert (await link.shell("after")).code == 7
        is_free(device.port)

    left_by(main)


@pytest.mark.parametrize("ask", ASKS)
def test_a_device_that_does_not_come_back_is_told_at_the_next_call(ask: str, tmp_path: Path) -> None:
    device = PeerDevice({"shell:logcat": deaf})

    async def follow(link: Device) -> None:
        async with link.service("shell:logcat") as stream:
            await stream.read()

    async def main() -> None:
        async with contextlib.AsyncExitStack() as stack:
            async with listening(device):
                options = over_tcp(key_files=keys_in(tmp_path), reconnect_s=0.01)
                link = await stack.enter_async_context(open_device(device.serial, options))
                following = asyncio.ensure_future(follow(link))
                await until(lambda: device.services)
            with pytest.raises(DeviceGone):
                await following
            with pytest.raises(NoDevice) as caught:
                await ASKS[ask][1](link)
        assert caught.value.why == f"nothing listens on {device.serial}"
        assert "`adb tcpip 5555`" in caught.value.remedy

    left_by(main)


def by_tcp(daemon: AdbDaemon, home: Path) -> AbstractAsyncContextManager[Device]:
    return open_device(f"127.0.0.1:{daemon.port}", over_tcp(key_files=keys_in(home)))


@pytest.mark.parametrize("ask", ASKS)
def test_an_hour_of_sleep_amid_a_call_is_no_silence(ask: str, tmp_path: Path) -> None:
    """The answer waits in the socket when this machine wakes up."""

    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon, by_tcp(daemon, tmp_path) as link:
            await link.push(BIG, "/sdcard/x")
            asking = asyncio.ensure_future(ASKS[ask][1](link))
            await asyncio.sleep(0)
            await move(3600)
            assert not asking.done()
            await asking
            assert await link.pull("/sdcard/x") == BIG
        is_free(daemon.port)

    left_by(main)


# -- the adb server ----------------------------------------------------------------------------------------------------


def test_a_server_that_is_killed_amid_a_shell_is_told_and_another_one_will_do(tmp_path: Path) -> None:
    """With adb's own, a child of this process."""

    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            with real_server(tmp_path) as server:
                await connected(server, f"127.0.0.1:{daemon.port}")
                async with open_device(f"127.0.0.1:{daemon.port}", by(server)) as link:
                    with pytest.raises(AdbServerError) as caught:
                        await read_on(link, server.kill)
            assert caught.value.why == nobody_at(server)
            is_no_server(caught.value, server)
            with real_server(tmp_path) as server:
                await connected(server, f"127.0.0.1:{daemon.port}")
                async with open_device(f"127.0.0.1:{daemon.port}", by(server)) as link:
                    assert (await link.shell("echo hi")).out == b"hi\n"

    left_by(main)


async def read_on(link: Device, fault: Callable[[], None]) -> None:
    """Follows a shell that would go on for ever, amid which the fault comes."""
    async with link.service("shell:echo began; logcat") as stream:
        assert (await stream.read()).startswith(b"began\n")
        fault()
        while await stream.read():
            pass


def by(server: RealServer) -> LinkOptions:
    return LinkOptions(server="always", server_port=server.port)


def nobody_at(server: RealServer) -> str:
    return f"there is no adb server: nothing listens on 127.0.0.1:{server.port}"


def is_no_server(error: AdbServerError, server: RealServer) -> None:
    """It is killed at any moment: also between a request of ours and its answer."""
    assert error.why in (nobody_at(server), "the adb server ended the connection without an answer")
    assert error.remedy == "start one with `adb start-server`"
    is_free(server.port)


def test_a_server_that_is_killed_amid_a_run_is_told_and_the_next_run_works(tmp_path: Path) -> None:
    [plan] = read_scenarios(STORY.encode(), "story.yaml")
    servers: list[RealServer] = []

    def linked(server: RealServer) -> DeviceTarget:
        def opens(options: TargetOptions) -> AbstractAsyncContextManager[Any]:
            return linked_device(options, lambda serial, _options: open_device(serial, by(server)))

        token = tmp_path / "token"
        token.write_text(TOKEN)
        options = TargetOptions("device", device=android.address, console_token_file=token)
        return DeviceTarget(options, opens, waits=0)

    def act(_android: FakeAndroid) -> None:
        servers.pop().kill()

    before = children(), files()
    with emulator(act, console_token=TOKEN) as android:
        for kills in (True, False):
            with real_server(tmp_path) as server:
                asyncio.run(connected(server, android.address))
                with contextlib.closing(linked(server)) as target:
                    if not kills:
                        android.on_happened.clear()
                        assert target.run(plan).passed
                        continue
                    servers.append(server)
                    with pytest.raises(AdbServerError) as caught:
                        target.run(plan)
                    is_no_server(caught.value, server)
    assert (children(), files()) == before


# -- a run -------------------------------------------------------------------------------------------------------------

STORY = """
scenario: Hello
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received, text: Hello, within: 5s}
  - send: {from: alice, to: bob, text: "I'm there"}
  - expect: {sms: {to: bob, text: "I'm there"}, within: 5s}
"""
Act = Callable[[FakeAndroid], None]


@contextlib.contextmanager
def emulator(act: Act, **settings: Any) -> Iterator[FakeAndroid]:
    """A fake Android in a thread, on ports where emulators are. `act` is done once a text has arrived there."""
    loop, over, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    made: list[FakeAndroid] = []

    @contextlib.asynccontextmanager
    async def put_up() -> AsyncIterator[FakeAndroid]:
        for port in range(5571, 5585, 2):
            async with contextlib.AsyncExitStack() as stack:
                try:
                    options = FakeAndroidOptions(adb_port=port, **settings)
                    android = await stack.enter_async_context(fake_android(options))
                except PortInUse:
                    continue
                yield android
                return
        raise AssertionError("every port of emulators is taken")

    async def main() -> None:
        async with put_up() as android:

            def happened(what: Happened) -> None:
                if isinstance(what, TextArrived):
                    act(android)

            android.on_happened.append(happened)
            made.append(android)
            started.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert started.wait(10)
        yield made[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def nothing(_android: FakeAndroid) -> None: ...


def breaks(android: FakeAndroid) -> None:
    """Whoever comes finds nobody who answers, though somebody listens."""
    android.set_troubles(Troubles(vanish_after_bytes=0))


def breaks_off(android: FakeAndroid) -> None:
    android.adb.drop()


def withdraws_now(android: FakeAndroid) -> None:
    android.adb.withdraw()


@dataclass(frozen=True)
class Run:
    """What befalls the device of a run, its exit code, and what its user reads; "" where all is well."""

    act: Act
    code: int
    error: str
    token: str | None = None  # in the file that is named


TOKEN = "9/DO11I8NEPn1Yqv"
RUNS = {
    "vanishes": Run(breaks, 3, r"error: {serial}: the connection broke( \(.*\))?\n  " + re.escape(PLUGGED)),
    "vanishes, and is back": Run(breaks_off, 0, ""),
    "authorisation withdrawn": Run(
        withdraws_now,
        3,
        r"error: {serial}: it trusts our key no longer, and asks its user about it anew\n"
        r"  allow the key [0-9A-F:]+ \(\S+\) on the device's screen, then open it again",
    ),
    "console token wrong": Run(
        nothing,
        3,
        r"error: {serial}: the emulator's console does not take what is in named as its token\n"
        r"  name the \.emulator_console_auth_token in the home of the user who runs the emulator",
        token="wrong",
    ),
    "console token empty": Run(
        nothing,
        3,
        r"error: {serial}: the emulator's console does not take what is in named as its token\n.*",
        token="",
    ),
}


def ran(folder: Path, serial: str, *options: str) -> tuple[int, str]:
    """The command, in a session of its own, of which no process is left; its exit code, and what it said."""
    process = subprocess.Popen(
        [*COMMAND, "run", str(write(folder, STORY)), "--device", f"adb:{serial}", *options],
        cwd=folder,
        env=clean_environment(HOME=str(folder)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    assert "Traceback" not in said, said
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return process.returncode, said


@pytest.mark.parametrize("row", RUNS)
def test_what_befalls_the_device_of_a_run_is_no_failure_of_the_story_and_the_next_run_works(
    row: str, tmp_path: Path
) -> None:
    what = RUNS[row]
    acts = [what.act]

    def act(android: FakeAndroid) -> None:
        acts.pop()(android) if acts else None

    (tmp_path / "named").write_text(what.token or "")
    (tmp_path / ".emulator_console_auth_token").write_text(TOKEN)
    token = () if what.token is None else ("--console-token-file", "named")
    before = children(), files()
    with emulator(act, console_token=TOKEN) as android:
        code, said = ran(tmp_path, android.address, "--adb-server", "never", *token)
        assert code == what.code, said
        if what.error:
            assert re.search(what.error.format(serial=re.escape(android.address)) + r"\n", said), said
        assert "FAIL" not in said
        assert TOKEN not in said
        android.set_troubles(Troubles())
        android.adb.trust(PublicKey.parse((tmp_path / ".android" / "adbkey.pub").read_bytes()))
        code, said = ran(tmp_path, android.address, "--adb-server", "never")
        assert (code, "1 passed" in said) == (0, True), said
    assert (children(), files()) == before
    is_free(android.adb.port)
