"""adb-shell, a client that speaks to adbd itself, with the fake device."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.adb.keys import PublicKey
from harness.fake_android import FakeAndroidOptions
from tests.adb_peers.claims import CLAIMS, LACKS
from tests.adb_peers.fakes import PATIENCE_S, Fake, fake

adb_device = pytest.importorskip("adb_shell.adb_device", reason="no adb-shell here")
keygen = pytest.importorskip("adb_shell.auth.keygen", reason="no adb-shell here")
signing = pytest.importorskip("adb_shell.auth.sign_pythonrsa", reason="no adb-shell here")
exceptions = pytest.importorskip("adb_shell.exceptions", reason="no adb-shell here")

# It sends each packet with one call of the socket, and does not look how much of it went (phone-behaviour.md 9.6).
DATA = random.Random(3).randbytes(60_000)
Proof = Callable[["adb_device.AdbDeviceTcp", Fake, Path], None]
PROOFS: dict[str, Proof] = {}


def proves(claim: str) -> Callable[[Proof], Proof]:
    def kept(proof: Proof) -> Proof:
        PROOFS[claim] = proof
        return proof

    return kept


def linked(device: Fake) -> adb_device.AdbDeviceTcp:
    host, _, port = device.address.partition(":")
    return adb_device.AdbDeviceTcp(host, int(port), default_transport_timeout_s=PATIENCE_S)


@pytest.fixture
def client(device: Fake) -> Iterator[adb_device.AdbDeviceTcp]:
    made = linked(device)
    made.connect()
    yield made
    made.close()


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if ("adb-shell", claim) not in LACKS])
def test_adb_shell_does_with_the_fake_device_what_is_claimed(
    claim: str, client: adb_device.AdbDeviceTcp, device: Fake, tmp_path: Path
) -> None:
    PROOFS[claim](client, device, tmp_path)


@proves("shell")
def _(client: adb_device.AdbDeviceTcp, _device: Fake, _folder: Path) -> None:
    assert client.shell("echo héllo; echo err >&2") == "héllo\nerr\n"
    assert client.exec_out("printf 'a\\0b'", decode=False) == b"a\0b"


@proves("much")
def _(client: adb_device.AdbDeviceTcp, device: Fake, _folder: Path) -> None:
    data = random.Random(4).randbytes(1 << 20)
    device.call(lambda android: android.device.files.write("/sdcard/much", data, 0))
    assert client.shell("cat /sdcard/much", decode=False) == data


@proves("files")
def _(client: adb_device.AdbDeviceTcp, _device: Fake, _folder: Path) -> None:
    client.push(io.BytesIO(DATA), "/sdcard/x", st_mode=0o100600, mtime=1_700_000_000)
    assert client.stat("/sdcard/x") == (0o100600, len(DATA), 1_700_000_000)
    back = io.BytesIO()
    client.pull("/sdcard/x", back)
    assert back.getvalue() == DATA


@proves("names")
def _(client: adb_device.AdbDeviceTcp, device: Fake, _folder: Path) -> None:
    device.call(lambda android: android.device.files.write("/data/local/tmp/one", b"12345", 0))
    [found] = [each for each in client.list("/data/local/tmp") if each.filename == b"one"]
    assert found.size == 5


@proves("missing")
def _(client: adb_device.AdbDeviceTcp, _device: Fake, _folder: Path) -> None:
    with pytest.raises(exceptions.AdbCommandFailureException, match="No such file or directory"):
        client.pull("/sdcard/none", io.BytesIO())


@proves("refused")
def _(client: adb_device.AdbDeviceTcp, device: Fake, _folder: Path) -> None:
    with pytest.raises(exceptions.PushFailedError, match="Read-only file system"):
        client.push(io.BytesIO(b"hello"), "/system/x")
    before = device.call(lambda android: android.device.files.capacity_bytes)
    device.call(lambda android: setattr(android.device.files, "capacity_bytes", android.device.files.used_bytes))
    with pytest.raises(exceptions.PushFailedError, match="No space left on device"):
        client.push(io.BytesIO(b"hello"), "/sdcard/full")
    device.call(lambda android: setattr(android.device.files, "capacity_bytes", before))


@proves("logcat")
def _(client: adb_device.AdbDeviceTcp, device: Fake, _folder: Path) -> None:
    device.call(lambda android: android.device.log.clear())
    stream = client.streaming_shell("logcat")
    assert "beginning of main" in next(stream)
    device.call(lambda android: (android.device.note("first", "words", 0), android.adb.ring()))
    assert "first: words" in next(stream)
    stream.close()


@proves("auth")
def _(_client: adb_device.AdbDeviceTcp, _device: Fake, folder: Path) -> None:
    signer, key = _key(folder)
    with fake(FakeAndroidOptions(trusted=(key,))) as made:
        client = linked(made)
        client.connect(rsa_keys=[signer], auth_timeout_s=PATIENCE_S)
        assert client.shell("echo hi") == "hi\n"
        client.close()
        with pytest.raises(exceptions.DeviceAuthError):
            client.connect()


@proves("asked")
def _(_client: adb_device.AdbDeviceTcp, _device: Fake, folder: Path) -> None:
    signer, key = _key(folder)
    asked: list[PublicKey] = []
    with fake(FakeAndroidOptions(trusted=()), lambda offered: asked.append(offered) or True) as made:
        client = linked(made)
        client.connect(rsa_keys=[signer], auth_timeout_s=PATIENCE_S)
        assert client.shell("echo hi") == "hi\n"
        client.close()
    assert asked == [key]


@proves("reboot")
def _(client: adb_device.AdbDeviceTcp, _device: Fake, _folder: Path) -> None:
    client.reboot()
    client.close()
    client.connect()
    assert client.shell("echo hi") == "hi\n"


@proves("several")
def _(client: adb_device.AdbDeviceTcp, device: Fake, _folder: Path) -> None:
    other = linked(device)
    other.connect()
    flood = other.streaming_shell("yes", decode=False)
    assert next(flood).startswith(b"y\n")
    assert client.shell("echo hi") == "hi\n"
    other.close()


def _key(folder: Path) -> tuple[object, PublicKey]:
    keygen.keygen(str(folder / "adbkey"))
    public = (folder / "adbkey.pub").read_bytes()
    return signing.PythonRSASigner(public, (folder / "adbkey").read_bytes()), PublicKey.parse(public)
