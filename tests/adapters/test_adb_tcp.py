"""Agreeing with adbd: who may talk, what answers there, and what is said when it comes to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.adapters.adb_keys import load_keys
from harness.adapters.adb_link import open_device
from harness.adb.keys import PrivateKey, PublicKey
from harness.adb.packets import Command, Packet, encode
from harness.errors import (
    DeviceError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnauthorized,
    MalformedAdb,
    NoDevice,
    UsageError,
)
from tests.adapters.adb_peer import (
    TIMEOUT_S,
    DeviceEnd,
    PeerDevice,
    PeerStream,
    deaf,
    keys_in,
    listening,
    over_tcp,
    pem,
    remedied,
    run,
    shell_v2,
    until,
    wait_out,
)
from tests.adapters.raw_server import Peer, raw_server

KEY = PrivateKey.from_pem(pem())
SHELL = {"shell,v2,raw:": shell_v2}
Offered = Callable[[DeviceEnd, PublicKey], None]


async def works(device: PeerDevice, tmp_path: Path) -> None:
    async with open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
        assert (await link.shell("next")).code == 7


# -- who may talk ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trusted", [None, [KEY.public_key()]])
def test_a_device_that_trusts_us_is_online(trusted: list[PublicKey] | None, tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(PeerDevice(SHELL, trusted=trusted)) as device:
            async with open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
                assert link.serial == device.serial
                assert link.banner.properties == {"ro.product.model": "A phone"}
            await works(device, tmp_path)

    run(main())


@pytest.mark.parametrize("later", [False, True])
def test_a_key_that_the_user_allows_will_do(later: bool, tmp_path: Path) -> None:
    """`later`: longer than a device may be silent otherwise."""
    shown: list[PublicKey] = []
    told: list[PublicKey] = []
    asks: list[Callable[[], None]] = []

    def offered(end: DeviceEnd, key: PublicKey) -> None:
        shown.append(key)
        asks.append(lambda: end.allow(key))

    async def main() -> None:
        async with listening(PeerDevice(SHELL, trusted=[], offered=offered)) as device:
            options = over_tcp(key_files=keys_in(tmp_path), on_key_asked=told.append, key_s=40)

            async def talk() -> None:
                async with open_device(device.serial, options) as link:
                    assert (await link.shell("next")).code == 7

            talking = asyncio.ensure_future(talk())
            await until(lambda: asks and told)
            if later:
                await wait_out(TIMEOUT_S)
            asks[0]()
            await talking
        assert shown == told == [KEY.public_key()]
        assert "@" in shown[0].user

    run(main())


def nothing(end: DeviceEnd, key: PublicKey) -> None: ...


def closes(end: DeviceEnd, key: PublicKey) -> None:
    end.drop()


@pytest.mark.parametrize(
    ("offered", "words"),
    [(nothing, "nobody allowed our key within 20 s"), (closes, "closed the connection instead of allowing our key")],
)
def test_a_key_that_nobody_allows_is_told_with_its_fingerprint(offered: Offered, words: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(PeerDevice(SHELL, trusted=[], offered=offered)) as device:
            told: list[PublicKey] = []
            options = over_tcp(key_files=keys_in(tmp_path), on_key_asked=told.append, key_s=20)
            opening = asyncio.ensure_future(open_device(device.serial, options).__aenter__())
            await until(lambda: told)
            await wait_out(20)
            with pytest.raises(DeviceUnauthorized, match=words) as caught:
                await opening
            remedied(caught.value, device.serial)
            assert KEY.public_key().fingerprint in caught.value.remedy
            device.trusted = [KEY.public_key()]
            await works(device, tmp_path)

    run(main())


def test_what_is_called_when_a_key_is_asked_for_may_fail(tmp_path: Path) -> None:
    def broken(key: PublicKey) -> None:
        raise ZeroDivisionError

    complaints: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context["exception"]))
        device = PeerDevice(SHELL, trusted=[], offered=lambda end, key: end.allow(key))
        async with (
            listening(device),
            open_device(device.serial, over_tcp(key_files=keys_in(tmp_path), on_key_asked=broken)) as link,
        ):
            assert (await link.shell("next")).code == 7

    run(main())
    assert [type(each) for each in complaints] == [ZeroDivisionError]


def test_an_authorisation_that_is_withdrawn_ends_what_is_under_way_and_the_next_time_it_is_told(tmp_path: Path) -> None:
    async def withdrawn(stream: PeerStream) -> None:
        stream.end.withdraw()

    async def main() -> None:
        device = PeerDevice({"shell,v2,raw:": withdrawn}, trusted=[KEY.public_key()], offered=closes)
        options = over_tcp(key_files=keys_in(tmp_path))
        async with listening(device):
            async with open_device(device.serial, options) as link:
                with pytest.raises(DeviceGone) as gone:
                    await link.shell("ls")
                remedied(gone.value, device.serial)
            with pytest.raises(DeviceUnauthorized):
                async with open_device(device.serial, options):
                    pass

    run(main())


def test_a_key_file_that_is_none_is_the_callers_fault_and_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "adbkey"
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nsecret\n")

    async def main() -> None:
        async with listening(PeerDevice(SHELL)) as device:
            with pytest.raises(UsageError, match="adbkey: no private key") as caught:
                async with open_device(device.serial, over_tcp(key_files=[path])):
                    pass
            assert "secret" not in str(caught.value)

    run(main())


# -- what answers there ------------------------------------------------------------------------------------------------


def says(data: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def talk(peer: Peer) -> None:
        await peer.reader.read(1)
        peer.send(data)
        await peer.reader.read()

    return talk


async def hangs_up(peer: Peer) -> None:
    await peer.reader.read(1)


async def breaks_off(peer: Peer) -> None:
    await peer.reader.read(1)
    peer.send(encode(Packet(Command.CNXN, 0x01000001, 4096, b"device::"))[:30])


ANSWERS: list[tuple[Callable[[Peer], Awaitable[None]], type[DeviceError], str]] = [
    (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), MalformedAdb, "what it says is no adb"),
    (says(b"\0" * 24), MalformedAdb, "what it says is no adb"),
    (says(encode(Packet(Command.STLS, 0x01000000, 0))), DeviceRefused, "TLS only"),
    (says(encode(Packet(Command.AUTH, 1, 0, b"short"))), MalformedAdb, "token"),
    (says(encode(Packet(Command.CNXN, 1, 4096, b"device::"))), MalformedAdb, "version 0x00000001"),
    (hangs_up, DeviceGone, "the connection broke"),
    (breaks_off, DeviceGone, "amid the payload of CNXN"),
]


@pytest.mark.parametrize(("talk", "kind", "words"), ANSWERS)
def test_what_is_no_adbd_or_none_that_talks_to_us_is_told(
    talk: Callable[[Peer], Awaitable[None]], kind: type[DeviceError], words: str, tmp_path: Path
) -> None:
    async def main() -> None:
        async with raw_server(talk) as server:
            with pytest.raises(kind, match=words) as caught:
                async with open_device(server.authority, over_tcp(key_files=keys_in(tmp_path))):
                    pass
        remedied(caught.value, server.authority)

    run(main())


def test_a_device_that_never_answers_is_given_up(tmp_path: Path) -> None:
    heard = asyncio.Event()

    async def mute(peer: Peer) -> None:
        await peer.reader.read(1)
        heard.set()
        await peer.reader.read()

    async def main() -> None:
        async with raw_server(mute) as server:
            opening = asyncio.ensure_future(
                open_device(server.authority, over_tcp(key_files=keys_in(tmp_path))).__aenter__()
            )
            await heard.wait()
            await wait_out(TIMEOUT_S)
            with pytest.raises(DeviceTimeout, match=f"connect: no answer in time \\({TIMEOUT_S:g} s\\)") as caught:
                await opening
        remedied(caught.value, server.authority)

    run(main())


def test_an_opening_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        device = PeerDevice(SHELL, trusted=[])
        async with listening(device):
            told: list[PublicKey] = []
            options = over_tcp(key_files=keys_in(tmp_path), on_key_asked=told.append)
            opening = asyncio.ensure_future(open_device(device.serial, options).__aenter__())
            await until(lambda: told)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening

    run(main())


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("127.0.0.1", "nothing listens on 127.0.0.1:{port}"),
        ("nobody.invalid", "there is no host nobody.invalid"),
        ("a" * 300, f"there is no host {'a' * 300}"),
    ],
)
def test_nobody_at_the_address_is_told(host: str, words: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with raw_server(hangs_up) as server:
            port = server.port
        with pytest.raises(NoDevice) as caught:
            async with open_device(f"{host}:{port}", over_tcp(key_files=keys_in(tmp_path))):
                pass
        assert caught.value.why == words.format(port=port)
        remedied(caught.value, f"{host}:{port}")

    run(main())


def test_a_device_that_does_not_answer_a_service_is_told_by_its_name_alone(tmp_path: Path) -> None:
    async def main() -> None:
        device = PeerDevice({"shell,v2,raw:": deaf})
        async with (
            listening(device),
            open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link,
        ):
            with pytest.raises(DeviceRefused) as caught:
                async with link.service("exec:settings put secure key pk_secret"):
                    pass
            assert "pk_secret" not in str(caught.value)
            with pytest.raises(UsageError, match="the peer takes"):
                async with link.service("exec:" + "x" * (1 << 20)):
                    pass

    run(main())


def test_the_keys_are_those_of_the_file(tmp_path: Path) -> None:
    assert [repr(key) for key in load_keys(keys_in(tmp_path))] == [repr(KEY)]
