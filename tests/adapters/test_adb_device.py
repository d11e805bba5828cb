"""What a device is asked over its streams, and what goes wrong there: over TCP, against a device that a test writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.adapters.adb_device import Device, ShellDone
from harness.adapters.adb_link import open_device
from harness.adb.shell import Id, frame
from harness.adb.sync import Data, Done, Fail, Okay, Quit, RequestReader, Send, Stat, Stat2, SyncId, encode
from harness.errors import (
    DeviceError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    MalformedAdb,
    UsageError,
)
from tests.adapters import adb_peer
from tests.adapters.adb_peer import (
    MODERN,
    TIMEOUT_S,
    PeerDevice,
    PeerStream,
    Serve,
    deaf,
    ended,
    garbage,
    gone,
    keys_in,
    listening,
    over_tcp,
    remedied,
    run,
    said,
    shell_v2,
    silence,
    until,
    wait_out,
)
from tests.adapters.moved_loop import move

Ask = Callable[[Device], Awaitable[object]]


def asked(device: PeerDevice, ask: Callable[[Device], Awaitable[None]], tmp_path: Path, **options: float) -> None:
    """Opens the device over TCP, and lets the test ask it."""

    async def main() -> None:
        async with (
            listening(device),
            open_device(device.serial, over_tcp(key_files=keys_in(tmp_path), **options)) as link,
        ):
            await ask(link)

    run(main())


def refused_by(device: PeerDevice, ask: Ask, tmp_path: Path, kind: type[DeviceError], words: str) -> None:
    async def one(link: Device) -> None:
        with pytest.raises(kind, match=words) as caught:
            await ask(link)
        remedied(caught.value, device.serial)

    asked(device, one, tmp_path)


# -- shell -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("max_data", "version"), [(1 << 20, 0x01000001), (4096, 0x01000000), (256 << 10, 0x01000000)])
@pytest.mark.parametrize("stdin", [b"", b"x", b"octets \0\r\n" * 50_000])
def test_a_shell_tells_the_code_and_both_outputs(stdin: bytes, max_data: int, version: int, tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        done = await link.shell("echo hi", stdin=stdin)
        assert done == ShellDone(7, b"echo hi", stdin)

    asked(PeerDevice({"shell,v2,raw:": shell_v2}, max_data=max_data, version=version), ask, tmp_path)


def test_many_commands_run_at_the_same_time(tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        done = await asyncio.gather(*(link.shell(f"n {number}") for number in range(50)))
        assert [each.out for each in done] == [b"n %d" % number for number in range(50)]

    asked(PeerDevice({"shell,v2,raw:": shell_v2}), ask, tmp_path)


@pytest.mark.parametrize(
    ("sdk", "out"),
    [(b"23\r\n", b"a\nb\n\r"), (b"24\n", b"a\r\nb\n\r"), (b"sh: getprop: not found\n", b"a\r\nb\n\r")],
)
def test_an_old_shell_tells_no_code_and_its_line_ends_are_mended_before_android_7(
    sdk: bytes, out: bytes, tmp_path: Path
) -> None:
    device = PeerDevice({"shell:getprop": said(sdk), "shell:": said(b"a\r\n", b"b\n\r")}, features=frozenset())

    async def ask(link: Device) -> None:
        for _ in range(2):
            assert await link.shell("ls") == ShellDone(None, out)
        assert device.services == ["shell:ls", "shell:getprop ro.build.version.sdk", "shell:ls"]

    asked(device, ask, tmp_path)


def test_an_old_shell_takes_no_input(tmp_path: Path) -> None:
    old = PeerDevice({"shell:": said(b"")}, features=frozenset())
    refused_by(old, lambda link: link.shell("cat", stdin=b"x"), tmp_path, DeviceRefused, "no end of input")


def test_a_command_that_takes_too_long_is_given_up_and_the_next_one_runs(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:sleep": deaf, "shell,v2,raw:": shell_v2})

    async def ask(link: Device) -> None:
        waiting = asyncio.ensure_future(link.shell("sleep 100", timeout_s=30))
        await until(lambda: len(device.services) == 1)
        await wait_out(30)
        with pytest.raises(DeviceTimeout, match="shell: sleep: not done in 30 s") as caught:
            await waiting
        remedied(caught.value, device.serial)
        assert (await link.shell("next")).code == 7

    asked(device, ask, tmp_path)


def test_a_host_that_was_asleep_for_an_hour_still_takes_the_answer(tmp_path: Path) -> None:
    let = asyncio.Event()

    async def late(stream: PeerStream) -> None:
        await let.wait()
        stream.write(frame(Id.EXIT, b"\0"))

    device = PeerDevice({"shell,v2,raw:": late})

    async def main() -> None:
        async with listening(device), open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
            waiting = asyncio.ensure_future(link.shell("svc data enable", timeout_s=30))
            await until(lambda: device.services)
            await move(45)  # more than the limit, at one stroke
            let.set()
            assert (await waiting).code == 0

    run(main())


def test_the_secret_in_a_command_is_in_no_error(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:": gone})

    async def ask(link: Device) -> None:
        with pytest.raises(DeviceGone) as caught:
            await link.shell("settings put secure key pk_secret")
        assert "pk_secret" not in str(caught.value) + repr(caught.value)

    asked(device, ask, tmp_path)


# -- files -------------------------------------------------------------------------------------------------------------


class Folder:
    """A sync service over a dict."""

    def __init__(self, **files: bytes) -> None:
        self.files = {f"/{name}": content for name, content in files.items()}
        self.sent: list[tuple[str, int, int]] = []
        self.largest = 0

    async def __call__(self, stream: PeerStream) -> None:
        reader = RequestReader()
        sending, content = Send("", 0), b""
        while data := await stream.read():
            for request in reader.feed(data):
                match request:
                    case Send():
                        sending, content = request, b""
                    case Data(piece):
                        content += piece
                        self.largest = max(self.largest, len(piece))
                    case Done(mtime_s):
                        self.files[sending.path] = content
                        self.sent.append((sending.path, sending.mode, mtime_s))
                        stream.write(encode(Okay()))
                    case Quit():
                        stream.close()
                    case _:
                        stream.write(self._answer(request.id, request.path))

    def _answer(self, kind: SyncId, path: str) -> bytes:
        content = self.files.get(path)
        size = len(content or b"")
        if kind is SyncId.STAT:
            return encode(Stat(0o100644 if content is not None else 0, size, 5))
        if kind is SyncId.STA2:
            error = 13 if path == "/forbidden" else 2 if content is None else 0
            return encode(Stat2(kind, error, 0o100644, size, 5))
        if content is None:
            return encode(Fail("No such file or directory"))
        pieces = [encode(Data(content[at : at + 65536])) for at in range(0, size, 65536)]
        return b"".join([*pieces, encode(Done())])


BIG = bytes(range(256)) * 4096 + b"end"


@pytest.mark.parametrize("content", [b"", b"x", BIG[:65536], BIG])
@pytest.mark.parametrize("max_data", [1 << 20, 4096])
@pytest.mark.parametrize("kind", ["octets", "file"])
def test_a_file_goes_there_and_back(content: bytes, max_data: int, kind: str, tmp_path: Path) -> None:
    folder = Folder()
    path = tmp_path / "file"
    path.write_bytes(content)
    pushed: list[int] = []
    pulled: list[int] = []

    async def ask(link: Device) -> None:
        source = content if kind == "octets" else path
        await link.push(source, "/a, b", mode=0o600, mtime_s=77, progress=pushed.append)
        assert folder.sent == [("/a, b", 0o100600, 77)]
        assert await link.pull("/a, b", progress=pulled.append) == content
        for steps in (pushed, pulled):
            assert steps == sorted(steps)
            assert (steps or [0])[-1] == len(content)
        assert folder.largest <= 65536

    asked(PeerDevice({"sync:": folder}, max_data=max_data), ask, tmp_path)


@pytest.mark.parametrize("features", [MODERN, frozenset({"shell_v2"})])
def test_a_files_size_and_time_are_told(features: frozenset[str], tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        found = await link.stat("/here")
        assert found is not None
        assert (found.mode, found.size, found.mtime_s) == (0o100644, 3, 5)
        assert await link.stat("/nowhere") is None

    asked(PeerDevice({"sync:": Folder(here=b"abc")}, features=features), ask, tmp_path)


def test_a_file_keeps_its_own_time(tmp_path: Path) -> None:
    folder = Folder()
    path = tmp_path / "file"
    path.write_bytes(b"x")

    async def ask(link: Device) -> None:
        await link.push(path, "/x")
        assert folder.sent[0][2] == int(path.stat().st_mtime)

    asked(PeerDevice({"sync:": folder}), ask, tmp_path)


async def full(stream: PeerStream) -> None:
    """Refuses a file in the midst of it, and reads no more."""
    await stream.read()
    stream.write(encode(Fail("No space left on device")))
    await deaf(stream)


@pytest.mark.parametrize(
    ("serve", "ask", "words"),
    [
        (Folder(), lambda link: link.pull("/none"), "/none: No such file or directory"),
        (Folder(), lambda link: link.stat("/forbidden"), "/forbidden: errno 13"),
        (full, lambda link: link.push(BIG * 8, "/sdcard/x"), "/sdcard/x: No space left on device"),
    ],
)
def test_what_a_device_says_of_a_file_is_in_the_error(serve: Serve, ask: Ask, words: str, tmp_path: Path) -> None:
    refused_by(PeerDevice({"sync:": serve}), ask, tmp_path, DeviceRefused, words)


def test_a_file_that_is_refused_is_sent_no_further(tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        pushed: list[int] = []
        with pytest.raises(DeviceRefused):
            await link.push(BIG * 8, "/sdcard/x", progress=pushed.append)
        assert (pushed or [0])[-1] < len(BIG) * 4

    asked(PeerDevice({"sync:": full}), ask, tmp_path)


def test_a_path_that_sync_cannot_hold_is_the_callers_fault(tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        with pytest.raises(UsageError, match="1024"):
            await link.push(b"x", "/" + "x" * 1024)
        assert await link.pull("/here") == b"abc"

    asked(PeerDevice({"sync:": Folder(here=b"abc")}), ask, tmp_path)


@pytest.mark.parametrize("what", ["push", "install"])
def test_a_file_of_ours_that_is_not_there_is_the_callers_fault(what: str, tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        missing = tmp_path / "missing.apk"
        with pytest.raises(UsageError, match="missing"):
            await (link.push(missing, "/x") if what == "push" else link.install(missing))

    asked(PeerDevice({"sync:": Folder(), "shell,v2,raw:": shell_v2}), ask, tmp_path)


# -- installing --------------------------------------------------------------------------------------------------------


def exits(out: bytes, code: int) -> Serve:
    return said(frame(Id.STDOUT, out) + frame(Id.EXIT, bytes([code])))


@pytest.mark.parametrize("grant", [True, False])
def test_an_app_is_installed_from_a_file_that_is_removed_afterwards(grant: bool, tmp_path: Path) -> None:
    folder = Folder()
    apk = tmp_path / "app.apk"
    apk.write_bytes(BIG)
    device = PeerDevice({"sync:": folder, "shell,v2,raw:pm": exits(b"Success\n", 0), "shell,v2,raw:rm": exits(b"", 0)})

    async def ask(link: Device) -> None:
        await link.install(apk, grant=grant)
        ((path, content),) = folder.files.items()
        assert content == BIG
        assert path.startswith("/data/local/tmp/")
        options = "-g " if grant else ""
        assert device.services[1:] == [f"shell,v2,raw:pm install {options}{path}", f"shell,v2,raw:rm -f {path}"]

    asked(device, ask, tmp_path)


@pytest.mark.parametrize(
    ("out", "code", "words"),
    [
        (b"Failure [INSTALL_FAILED_OLDER_SDK]\n", 1, "INSTALL_FAILED_OLDER_SDK"),
        (b"Failure [not Success]\n", 0, "not Success"),
        (b"", 137, "exit code 137"),
    ],
)
def test_what_the_package_manager_refuses_is_told_and_the_file_removed(
    out: bytes, code: int, words: str, tmp_path: Path
) -> None:
    apk = tmp_path / "app.apk"
    apk.write_bytes(b"PK")
    device = PeerDevice({"sync:": Folder(), "shell,v2,raw:pm": exits(out, code), "shell,v2,raw:rm": exits(b"", 0)})
    refused_by(device, lambda link: link.install(apk), tmp_path, DeviceRefused, words)
    assert device.services[-1].startswith("shell,v2,raw:rm -f /data/local/tmp/")


# -- ports -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remote", "answer", "port"), [("tcp:8080", b"OKAY", 8080), ("tcp:0", b"OKAY000540000", 40000)]
)
def test_the_devices_port_is_told_and_given_back(remote: str, answer: bytes, port: int, tmp_path: Path) -> None:
    device = PeerDevice({"reverse:forward:": said(answer[:3], answer[3:]), "reverse:killforward:": said(b"OKAY")})

    async def ask(link: Device) -> None:
        assert await link.reverse(remote, "tcp:9999") == port

    asked(device, ask, tmp_path)
    assert device.services == [f"reverse:forward:{remote};tcp:9999", f"reverse:killforward:tcp:{port}"]


def test_a_port_that_was_given_back_is_not_given_back_again(tmp_path: Path) -> None:
    device = PeerDevice({"reverse:": said(b"OKAY")})

    async def ask(link: Device) -> None:
        await link.reverse("tcp:1", "tcp:9999")
        await link.remove_reverse("tcp:1")

    asked(device, ask, tmp_path)
    assert device.services == ["reverse:forward:tcp:1;tcp:9999", "reverse:killforward:tcp:1"]


@pytest.mark.parametrize("serve", [gone, deaf, silence, ended, garbage, said(b"FAIL0004what")])
def test_a_port_that_cannot_be_given_back_keeps_nobody(serve: Serve, tmp_path: Path) -> None:
    device = PeerDevice({"reverse:forward:": said(b"OKAY"), "reverse:killforward:": serve})

    async def main() -> None:
        async with listening(device):
            link = open_device(device.serial, over_tcp(key_files=keys_in(tmp_path)))
            await (await link.__aenter__()).reverse("tcp:1", "tcp:9999")
            closing = asyncio.ensure_future(link.__aexit__(None, None, None))
            await until(lambda: len(device.services) == 2)
            await wait_out(2)
            await closing

    run(main())


@pytest.mark.parametrize(("remote", "local"), [("8080", "tcp:1"), ("tcp:1", "localabstract:x"), ("tcp:1", "tcp:70000")])
def test_only_ports_are_reversed(remote: str, local: str, tmp_path: Path) -> None:
    device = PeerDevice({"reverse:": said(b"OKAY")})

    async def ask(link: Device) -> None:
        with pytest.raises(UsageError, match="write it like tcp:8080"):
            await link.reverse(remote, local)

    asked(device, ask, tmp_path)
    assert device.services == []


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"FAIL0011cannot bind to it", DeviceRefused, "reverse: cannot bind to it"),
        (b"OKAYnonsense", MalformedAdb, "hexadecimal"),
        (b"OKAY0001x", MalformedAdb, "'x' is no port"),
        (b"OK", DeviceRefused, "ended without an answer"),
        (b"what", MalformedAdb, "where OKAY or FAIL should be"),
    ],
)
def test_a_port_that_is_refused_is_told(answer: bytes, kind: type[DeviceError], words: str, tmp_path: Path) -> None:
    device = PeerDevice({"reverse:": said(answer)})
    refused_by(device, lambda link: link.reverse("tcp:0", "tcp:9999"), tmp_path, kind, words)


# -- streams -----------------------------------------------------------------------------------------------------------


async def echo(stream: PeerStream) -> None:
    while data := await stream.read():
        stream.write(data)


def test_a_stream_carries_octets_both_ways(tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        async with link.service("tcp:7") as stream:
            stream.write(BIG)
            await stream.drained()
            got = b""
            while len(got) < len(BIG):
                got += await stream.read()
            assert got == BIG

    asked(PeerDevice({"tcp:7": echo}, max_data=4096), ask, tmp_path)


def test_a_stream_that_ends_is_iterated_to_its_end(tmp_path: Path) -> None:
    async def ask(link: Device) -> None:
        async with link.service("shell:logcat") as stream:
            assert [piece async for piece in stream] == [b"one", b"two"]
            assert await stream.read() == b""
            stream.write(b"nobody reads this")
            await stream.drained()

    asked(PeerDevice({"shell:": said(b"one", b"two")}), ask, tmp_path)


def test_a_slow_reader_slows_the_device(tmp_path: Path) -> None:
    device = PeerDevice({"shell:": said(*[b"x" * 1000] * 100)})

    async def ask(link: Device) -> None:
        async with link.service("shell:yes") as stream:
            for _ in range(50):
                await asyncio.sleep(0)
            (end,) = device.ends
            (number,) = end.streams
            assert end.adb.unsent(number) == 100_000  # one packet came, and is not acknowledged before it is read
            assert sum([len(piece) async for piece in stream]) == 100_000

    asked(device, ask, tmp_path)


# -- what goes wrong ---------------------------------------------------------------------------------------------------

ASKS: dict[str, tuple[str, Ask]] = {
    "shell": ("shell,v2,raw:", lambda link: link.shell("getprop", stdin=BIG, timeout_s=TIMEOUT_S)),
    "push": ("sync:", lambda link: link.push(BIG * 2, "/sdcard/x")),
    "pull": ("sync:", lambda link: link.pull("/sdcard/x")),
    "stat": ("sync:", lambda link: link.stat("/sdcard/x")),
    "reverse": ("reverse:", lambda link: link.reverse("tcp:1", "tcp:2")),
}
FAULTS: dict[str, tuple[Serve | None, type[DeviceError] | tuple[type[DeviceError], ...]]] = {
    "refused": (None, DeviceRefused),
    "vanished": (gone, DeviceGone),
    "ended": (ended, (DeviceGone, DeviceRefused)),
    "garbage": (garbage, MalformedAdb),
    "nonsense": (said(b"\xff" * 99), MalformedAdb),
    "not opened": (silence, DeviceTimeout),
    "deaf": (deaf, DeviceTimeout),
}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_leaves_nothing_behind_and_the_next_call_works(
    ask: str, fault: str, tmp_path: Path
) -> None:
    name, call = ASKS[ask]
    serve, kinds = FAULTS[fault]
    device = PeerDevice({"shell,v2,raw:after": shell_v2, **({} if serve is None else {name: serve})})

    async def main() -> None:
        async with listening(device):
            options = over_tcp(key_files=keys_in(tmp_path))
            async with open_device(device.serial, options) as link:
                asking = asyncio.ensure_future(call(link))
                if kinds is DeviceTimeout:
                    await until(lambda: device.services)
                    await wait_out(TIMEOUT_S)
                with pytest.raises(kinds) as caught:
                    await asking
                remedied(caught.value, device.serial)
            async with open_device(device.serial, options) as link:
                assert (await link.shell("after")).code == 7

    run(main())


SERVES: dict[str, Serve] = {"shell,v2,raw:": shell_v2, "sync:": Folder(x=BIG), "reverse:": said(b"OKAY")}


async def everything(link: Device) -> None:
    await link.shell("echo hi", stdin=b"some input")
    await link.push(BIG, "/y")
    assert await link.pull("/x") == BIG
    await link.reverse("tcp:1", "tcp:2")


@pytest.mark.parametrize("bytes_sent", [0, 1, 23, 24, 60, 80, 110, 150, 220, 300, 5000, 70_000, 900_000, 1_049_500])
def test_wherever_a_device_vanishes_it_is_told(bytes_sent: int, tmp_path: Path) -> None:
    device = PeerDevice(SERVES, max_data=4096, vanish_after=bytes_sent)

    async def main() -> None:
        async with listening(device):
            with pytest.raises(DeviceGone) as caught:
                async with open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
                    await everything(link)
            remedied(caught.value, device.serial)
            device.vanish_after = None
            async with open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
                await everything(link)

    run(main())


@pytest.mark.parametrize("ask", ASKS)
def test_a_call_that_is_cancelled_ends_its_stream(ask: str, tmp_path: Path) -> None:
    name, call = ASKS[ask]
    device = PeerDevice({"shell,v2,raw:after": shell_v2, name: deaf})

    async def one(link: Device) -> None:
        asking = asyncio.ensure_future(call(link))
        await until(lambda: device.ends and device.ends[0].streams)
        if ask != "reverse":  # there the host writes nothing
            await until(lambda: any(stream.arrived.qsize() for stream in device.ends[0].streams.values()))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await link.shell("after")).code == 7
        await until(lambda: not device.ends[0].streams)

    asked(device, one, tmp_path)


def test_a_service_that_is_opened_after_nobody_waited_any_longer_is_closed(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:": silence})

    async def one(link: Device) -> None:
        asking = asyncio.ensure_future(link.shell("true"))
        await until(lambda: device.services)
        await wait_out(TIMEOUT_S)
        with pytest.raises(DeviceTimeout):
            await asking
        (end,) = device.ends
        end.adb.accept(end.asked[0])
        end.flush()
        await until(lambda: end.closed == end.asked)

    asked(device, one, tmp_path)


# -- a device that comes back ------------------------------------------------------------------------------------------


def test_without_reconnecting_a_lost_device_stays_lost(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:die": gone, "shell,v2,raw:": shell_v2})

    async def ask(link: Device) -> None:
        for command in ("die", "next"):
            with pytest.raises(DeviceGone) as caught:
                await link.shell(command)
            remedied(caught.value, device.serial)
        assert device.services == ["shell,v2,raw:die"]

    asked(device, ask, tmp_path)


def test_a_lost_device_is_reached_anew_its_ports_too_and_nothing_is_done_twice(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:die": gone, "shell,v2,raw:": shell_v2, "reverse:": said(b"OKAY")})

    async def ask(link: Device) -> None:
        await link.reverse("tcp:1", "tcp:2")
        with pytest.raises(DeviceGone):
            await link.shell("die")
        done = await asyncio.gather(*(link.shell("next") for _ in range(3)))
        assert [each.code for each in done] == [7] * 3
        forward, die, *_ = device.services
        assert device.services[2:] == [forward, *["shell,v2,raw:next"] * 3]
        assert die == "shell,v2,raw:die"
        assert len(device.ends) == 2

    asked(device, ask, tmp_path, reconnect_s=20)


def test_a_device_that_stays_away_is_waited_for_only_so_long(tmp_path: Path) -> None:
    device = PeerDevice({"shell,v2,raw:": gone})

    async def main() -> None:
        options = over_tcp(key_files=keys_in(tmp_path), reconnect_s=10)
        async with adb_peer.listening(device):
            link = open_device(device.serial, options)
            opened = await link.__aenter__()
            with pytest.raises(DeviceGone):
                await opened.shell("die")
        asking = asyncio.ensure_future(opened.shell("next"))
        await asyncio.sleep(0)
        await wait_out(10)
        with pytest.raises(DeviceError) as caught:
            await asking
        remedied(caught.value, device.serial)
        await link.__aexit__(None, None, None)

    run(main())


@pytest.mark.parametrize(("serial", "port"), [("emulator-5556", 5556), ("127.0.0.1:5555", None), ("R58M12ABCDE", None)])
def test_an_emulators_console_is_told_by_its_serial(serial: str, port: int | None) -> None:
    class Nowhere:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

    assert Device(serial, Nowhere(), timeout_s=1).console_port == port  # type: ignore[arg-type]
