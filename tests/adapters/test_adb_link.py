"""The whole link against a fake device: over TCP, and through the real adb server. Both ways do the same."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from harness.adapters.adb_daemon import AdbDaemon
from harness.adapters.adb_link import Device, LinkOptions, ListedDevice, list_devices, open_device
from harness.errors import (
    AdbServerError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnauthorized,
    NoDevice,
    UsageError,
)
from harness.fake_device import FakeDevice
from tests.adapters.adb_peer import keys_in, remedied, run, until
from tests.adapters.adb_servers import RealServer, answer, connected, free_port, real_server, scripted
from tests.adapters.raw_server import Peer, raw_server

BIG = bytes(range(256)) * 16384
Ask = Callable[[Device, AdbDaemon], Awaitable[None]]


@pytest.fixture(scope="module")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with real_server(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture(params=["tcp", "adb server"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> LinkOptions:
    if request.param == "tcp":
        return LinkOptions(server="never", key_files=keys_in(tmp_path))
    server: RealServer = request.getfixturevalue("adb_server")
    return LinkOptions(server="always", server_port=server.port)


async def known(options: LinkOptions, serial: str) -> None:
    """The adb server has the device, if there is one."""
    if options.server == "always":
        asked = f"host:connect:{serial}".encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", options.server_port)
        writer.write(b"%04x" % len(asked) + asked)
        assert b"connected to" in await reader.read()
        writer.close()
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def linked(options: LinkOptions) -> AsyncIterator[tuple[Device, AdbDaemon]]:
    async with AdbDaemon(FakeDevice()) as daemon:
        serial = f"127.0.0.1:{daemon.port}"
        await known(options, serial)
        async with open_device(serial, options) as device:
            yield device, daemon


def test_a_shell_has_input_two_outputs_and_a_code(way: LinkOptions) -> None:
    async def main() -> None:
        async with linked(way) as (device, _):
            assert device.banner.kind == "device"
            assert "shell_v2" in device.banner.features
            assert device.banner.properties["ro.product.model"].startswith("sdk_gphone64")
            done = await device.shell("cat; echo bad >&2; exit 3", stdin=BIG)
            assert (done.code, done.out, done.err) == (3, BIG, b"bad\n")

    run(main())


def test_files_go_there_and_back(way: LinkOptions) -> None:
    async def main() -> None:
        async with linked(way) as (device, _):
            await device.push(BIG, "/sdcard/big", mtime_s=5)
            assert await device.pull("/sdcard/big") == BIG
            found = await device.stat("/sdcard/big")
            assert found is not None
            assert (found.size, found.mtime_s) == (len(BIG), 5)
            assert await device.stat("/sdcard/none") is None
            for asking in (device.pull("/sdcard/none"), device.push(b"x", "/system/x")):
                with pytest.raises(DeviceRefused) as caught:
                    await asking
                remedied(caught.value, device.serial)
            assert (await device.shell("true")).code == 0

    run(main())


def test_a_file_that_does_not_fit_is_refused_in_the_devices_words(way: LinkOptions) -> None:
    async def main() -> None:
        async with AdbDaemon(FakeDevice(capacity_bytes=1 << 20)) as daemon:
            serial = f"127.0.0.1:{daemon.port}"
            await known(way, serial)
            async with open_device(serial, way) as device:
                with pytest.raises(DeviceRefused, match="No space left on device"):
                    await device.push(BIG, "/sdcard/big")
                if way.server == "never":  # adb's server goes on with WRTE unasked, for which the fake breaks with it
                    assert (await device.shell("true")).code == 0

    run(main())


async def upper(peer: Peer) -> None:
    while data := await peer.reader.read(100):
        peer.send(data.upper())


def test_an_app_on_the_device_reaches_a_port_of_this_machine(way: LinkOptions) -> None:
    async def main() -> None:
        async with raw_server(upper) as here, linked(way) as (device, daemon):
            assert await device.reverse("tcp:8080", f"tcp:{here.port}") == 8080
            chosen = await device.reverse("tcp:0", f"tcp:{here.port}")
            for port in (8080, chosen):
                stream = await daemon.dial(f"tcp:{port}")
                await stream.write(b"hello")
                assert await stream.read() == b"HELLO"
                stream.close()
            await device.remove_reverse("tcp:8080")
            with pytest.raises(DeviceRefused):
                await daemon.dial("tcp:8080")
            with pytest.raises(DeviceRefused) as caught:
                await device.remove_reverse("tcp:8080")
            remedied(caught.value, device.serial)

    run(main())


def test_a_reversed_port_ends_with_the_link(way: LinkOptions) -> None:
    async def main() -> None:
        async with raw_server(upper) as here, AdbDaemon(FakeDevice()) as daemon:
            serial = f"127.0.0.1:{daemon.port}"
            await known(way, serial)
            async with open_device(serial, way) as device:
                await device.reverse("tcp:8080", f"tcp:{here.port}")
            with pytest.raises(DeviceRefused):
                await daemon.dial("tcp:8080")

    run(main())


def test_an_app_is_installed(way: LinkOptions, tmp_path: Path) -> None:
    apk = tmp_path / "app.apk"
    apk.write_bytes(b"PK\x03\x04" + BIG)
    broken = tmp_path / "broken.apk"
    broken.write_bytes(b"nonsense")

    async def main() -> None:
        async with linked(way) as (device, _):
            await device.install(apk)
            assert b"com.httpsms" in (await device.shell("pm list packages -3")).out
            with pytest.raises(DeviceRefused, match="INSTALL_PARSE_FAILED_NOT_APK") as caught:
                await device.install(broken)
            remedied(caught.value, device.serial)
            assert (await device.shell("ls /data/local/tmp")).out == b""

    run(main())


def test_a_service_is_a_stream(way: LinkOptions) -> None:
    async def main() -> None:
        async with linked(way) as (device, _):
            async with device.service("shell:echo one; echo two") as stream:
                assert b"".join([piece async for piece in stream]).split() == [b"one", b"two"]
            async with device.service("tcp:7") as stream:
                stream.write(b"over and back")
                assert await stream.read() == b"over and back"
            with pytest.raises(DeviceRefused, match="nonsense: it has no such service") as caught:
                async with device.service("nonsense:"):
                    pass
            remedied(caught.value, device.serial)

    run(main())


def test_many_things_are_asked_at_the_same_time(way: LinkOptions) -> None:
    async def main() -> None:
        async with linked(way) as (device, _):
            await device.push(BIG, "/sdcard/big")
            pulls = [device.pull("/sdcard/big") for _ in range(3)]
            shells = [device.shell(f"echo {number}") for number in range(20)]
            pulled, said = await asyncio.gather(asyncio.gather(*pulls), asyncio.gather(*shells))
            assert pulled == [BIG] * 3
            assert [done.out for done in said] == [b"%d\n" % number for number in range(20)]

    run(main())


def test_a_device_that_vanishes_amid_a_stream_is_told(way: LinkOptions) -> None:
    async def main() -> None:
        async with linked(way) as (device, daemon):
            async with device.service("shell:logcat") as stream:
                reading = asyncio.ensure_future(_all(stream))
                await asyncio.sleep(0)
                daemon.drop()
                with pytest.raises((DeviceGone, NoDevice)) as caught:
                    await reading
            remedied(caught.value, device.serial)

    run(main())


async def _all(stream: object) -> bytes:
    return b"".join([piece async for piece in stream])  # type: ignore[attr-defined]


# -- which way ---------------------------------------------------------------------------------------------------------


def test_without_a_word_a_running_server_that_has_the_device_is_taken(adb_server: RealServer, tmp_path: Path) -> None:
    options = LinkOptions(server_port=adb_server.port, key_files=keys_in(tmp_path))

    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            serial = f"127.0.0.1:{daemon.port}"
            async with open_device(serial, options) as device:
                assert (await device.shell("echo hi")).out == b"hi\n"
                assert len(daemon.hosts) == 1  # ours
            await until(lambda: not daemon.hosts)
            await connected(adb_server, serial)
            assert len(daemon.hosts) == 1  # the server's
            async with open_device(serial, options) as device:
                assert (await device.shell("echo hi")).out == b"hi\n"
                assert len(daemon.hosts) == 1
            (listed,) = [each for each in await list_devices(options) if each.serial == serial]
            assert listed.state == "device"

    run(main())


@pytest.mark.parametrize("state", ["offline", "unauthorized", "device"])
def test_a_server_that_may_not_use_the_device_is_passed_by(state: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            serial = f"127.0.0.1:{daemon.port}"
            async with scripted({"host:devices-l": answer(f"{serial} {state} product:a\n")}) as server:
                options = LinkOptions(server_port=server.port, key_files=keys_in(tmp_path))
                opened = open_device(serial, options)
                if state == "device":
                    with pytest.raises(AdbServerError):
                        await opened.__aenter__()
                    return
                async with opened as device:
                    assert (await device.shell("echo hi")).out == b"hi\n"

    run(main())


@pytest.mark.parametrize(
    ("serial", "server", "kind"),
    [
        ("R58M12ABCDE", "never", NoDevice),
        ("R58M12ABCDE", "auto", AdbServerError),
        ("R58M12ABCDE", "always", AdbServerError),
        ("emulator-5554", "always", AdbServerError),
        ("usb:1-4", "auto", AdbServerError),
        ("adb-R58M (2)._adb-tls-connect._tcp", "auto", AdbServerError),
    ],
)
def test_without_a_server_what_cannot_be_reached_is_told(
    serial: str, server: str, kind: type[NoDevice] | type[AdbServerError]
) -> None:
    async def main() -> None:
        options = LinkOptions(server=server, server_port=free_port())  # type: ignore[arg-type]
        with pytest.raises(kind) as caught:
            async with open_device(serial, options):
                pass
        remedied(caught.value, serial)
        assert "adb start-server" in caught.value.remedy

    run(main())


@pytest.mark.parametrize(
    ("serial", "remedy"),
    [
        ("", "as `adb devices` shows it"),
        ("a b", "as `adb devices` shows it"),
        ("a\nb", "as `adb devices` shows it"),
        ("127.0.0.1:abc", "like 127.0.0.1:5555"),
        ("127.0.0.1:", "like 127.0.0.1:5555"),
        ("::1", "like 127.0.0.1:5555"),
        ("127.0.0.1:99999", "from 1 to 65535"),
        ("127.0.0.1:0", "from 1 to 65535"),
        ("emulator-65535", "from 1 to 65535"),
        ("emulator-99999", "from 1 to 65535"),
    ],
)
@pytest.mark.parametrize("server", ["auto", "never", "always"])
def test_what_is_no_serial_is_the_callers_fault(serial: str, remedy: str, server: str) -> None:
    async def main() -> None:
        options = LinkOptions(server=server, server_port=free_port())  # type: ignore[arg-type]
        with pytest.raises(UsageError) as caught:
            async with open_device(serial, options):
                pass
        told = str(caught.value)
        assert repr(serial) in told or (serial and serial in told)
        assert remedy in told

    run(main())


def test_a_device_that_the_server_does_not_know_is_told(adb_server: RealServer) -> None:
    async def main() -> None:
        with pytest.raises(NoDevice, match="the adb server knows no such device") as caught:
            async with open_device("127.0.0.1:1", LinkOptions(server="always", server_port=adb_server.port)):
                pass
        remedied(caught.value, "127.0.0.1:1")

    run(main())


def test_a_server_that_is_not_authorised_is_told(adb_server: RealServer) -> None:
    async def main() -> None:
        async with AdbDaemon(FakeDevice(), trusted=[]) as daemon:
            serial = f"127.0.0.1:{daemon.port}"
            asked = f"host:connect:{serial}".encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", adb_server.port)
            writer.write(b"%04x" % len(asked) + asked)
            await reader.read()
            writer.close()
            with pytest.raises(DeviceUnauthorized) as caught:
                async with open_device(serial, LinkOptions(server="always", server_port=adb_server.port)):
                    pass
            remedied(caught.value, serial)

    run(main())


@pytest.mark.parametrize("command", ["shell,v2,raw:sleep 100", "shell:sleep 100", "shell:logcat", "sync:"])
def test_a_server_that_is_killed_amid_a_stream_is_told(command: str, tmp_path: Path) -> None:
    async def main() -> None:
        with real_server(tmp_path) as server:
            options = LinkOptions(server="always", server_port=server.port)
            async with linked(options) as (device, _):
                async with device.service(command) as stream:
                    reading = asyncio.ensure_future(_all(stream))
                    await asyncio.sleep(0)
                    server.kill()
                    with pytest.raises(AdbServerError) as caught:
                        await reading
                for asking in (device.shell("true"), device.pull("/sdcard/x"), device.reverse("tcp:1", "tcp:2")):
                    with pytest.raises(AdbServerError):
                        await asking
        remedied(caught.value, device.serial)
        assert "adb start-server" in caught.value.remedy

    run(main())


# -- what there is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ["auto", "never"])
def test_without_a_server_the_emulators_that_answer_are_listed(server: str) -> None:
    async def main() -> None:
        async with (
            AdbDaemon(FakeDevice()) as one,
            AdbDaemon(FakeDevice(), trusted=[]) as two,
            raw_server(_hangs_up) as three,
        ):
            ports = [one.port, two.port, three.port, free_port()]
            options = LinkOptions(server=server, server_port=free_port(), emulator_ports=ports)  # type: ignore[arg-type]
            product = "sdk_gphone64_x86_64"
            assert await list_devices(options) == [
                ListedDevice(
                    f"emulator-{one.port - 1}", "device", {"product": product, "model": product, "device": "emu64xa"}
                ),
                ListedDevice(f"emulator-{two.port - 1}", "unauthorized", {}),
                ListedDevice(f"emulator-{three.port - 1}", "offline", {}),
            ]

    run(main())


async def _hangs_up(peer: Peer) -> None:
    await peer.reader.read(1)


def test_a_list_that_has_to_be_the_servers_is_only_its() -> None:
    async def main() -> None:
        with pytest.raises(AdbServerError, match="there is no adb server: nothing listens on") as caught:
            await list_devices(LinkOptions(server="always", server_port=free_port()))
        remedied(caught.value, "")

    run(main())


def test_an_emulator_is_reached_by_the_port_of_its_console(tmp_path: Path) -> None:
    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            serial = f"emulator-{daemon.port - 1}"
            async with open_device(serial, LinkOptions(server="never", key_files=keys_in(tmp_path))) as device:
                assert device.console_port == daemon.port - 1

    run(main())


def test_where_nobody_says_otherwise_the_users_own_key_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ADB_VENDOR_KEYS", raising=False)

    async def main() -> None:
        async with AdbDaemon(FakeDevice(), trusted=[], on_key=lambda key: True) as daemon:
            async with open_device(f"127.0.0.1:{daemon.port}", LinkOptions(server="never")) as device:
                assert (await device.shell("echo hi")).out == b"hi\n"
            assert daemon.trusted is not None
            assert len(daemon.trusted) == 1
        assert (tmp_path / ".android" / "adbkey").is_file()

    run(main())


def test_a_slow_device_is_no_silent_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with AdbDaemon(FakeDevice()) as daemon:
            daemon.device.troubles.slow_ms = 20
            options = LinkOptions(server="never", key_files=keys_in(tmp_path), timeout_s=5)
            async with open_device(f"127.0.0.1:{daemon.port}", options) as device:
                await device.push(BIG[:200_000], "/sdcard/x")
                with pytest.raises(DeviceTimeout):
                    await device.shell("sleep 100", timeout_s=0.2)
                assert await device.pull("/sdcard/x") == BIG[:200_000]

    run(main())
