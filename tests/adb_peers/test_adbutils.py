"""adbutils, a client of the adb server, with the fake device."""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adb_peers.claims import CLAIMS, LACKS
from tests.adb_peers.fakes import PATIENCE_S, Fake
from tests.adb_peers.servers import found_adb, server

adbutils = pytest.importorskip("adbutils", reason="no adbutils here")
BIG = random.Random(2).randbytes(20 << 20)
Proof = Callable[["adbutils.AdbDevice", Fake, Path], None]
PROOFS: dict[str, Proof] = {}


def proves(claim: str) -> Callable[[Proof], Proof]:
    def kept(proof: Proof) -> Proof:
        PROOFS[claim] = proof
        return proof

    return kept


@pytest.fixture(scope="module")
def client(device: Fake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[adbutils.AdbDevice]:
    binary = found_adb("newest") or found_adb("debian")
    if binary is None:
        pytest.skip("no adb here")
    with server(binary, tmp_path_factory.mktemp("home")) as adb:
        made = adbutils.AdbClient("127.0.0.1", adb.port, PATIENCE_S)
        made.connect(device.address)
        yield made.device(device.address)


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if ("adbutils", claim) not in LACKS])
def test_adbutils_does_with_the_fake_device_what_is_claimed(
    claim: str, client: adbutils.AdbDevice, device: Fake, tmp_path: Path
) -> None:
    PROOFS[claim](client, device, tmp_path)


@proves("listed")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    # The adb server of this wheel finds the emulators of other tests, too.
    [listed] = [each for each in client._client.list(extended=True) if each.serial == device.address]
    assert listed.state == "device"
    assert listed.tags["model"] == "sdk_gphone64_x86_64"
    assert client.prop.get("ro.build.version.sdk") == "34"
    assert "shell_v2" in client.get_features()


@proves("shell")
def _(client: adbutils.AdbDevice, _device: Fake, _folder: Path) -> None:
    assert client.shell(["echo", "a  b", "ü"]) == "a  b ü"


@proves("status")
def _(client: adbutils.AdbDevice, _device: Fake, _folder: Path) -> None:
    done = client.shell2("echo out; echo err >&2; exit 7", v2=True)
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")
    assert client.shell2("(exit 3)").returncode == 3


@proves("much")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    data = BIG[: 1 << 20]
    device.call(lambda android: android.device.files.write("/sdcard/much", data, 0))
    assert client.shell("cat /sdcard/much", encoding=None) == data


@proves("files")
def _(client: adbutils.AdbDevice, _device: Fake, folder: Path) -> None:
    assert client.sync.push(BIG, "/sdcard/big", 0o600, check=True) == len(BIG)
    found = client.sync.stat("/sdcard/big")
    assert (found.size, found.mode & 0o777) == (len(BIG), 0o600)
    assert client.sync.pull("/sdcard/big", folder / "back") == len(BIG)
    assert hashlib.sha256((folder / "back").read_bytes()).digest() == hashlib.sha256(BIG).digest()


@proves("names")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    device.call(lambda android: android.device.files.write("/data/local/tmp/one", b"12345", 0))
    [found] = [each for each in client.sync.list("/data/local/tmp") if each.path == "one"]
    assert found.size == 5


@proves("missing")
def _(client: adbutils.AdbDevice, _device: Fake, _folder: Path) -> None:
    assert not client.sync.exists("/sdcard/none")
    with pytest.raises(adbutils.AdbError, match="No such file or directory"):
        client.sync.read_bytes("/sdcard/none")


@proves("refused")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    # It does not read why.
    with pytest.raises(adbutils.AdbError, match="FAIL"):
        client.sync.push(b"hello", "/system/x")
    before = device.call(lambda android: android.device.files.capacity_bytes)
    device.call(lambda android: setattr(android.device.files, "capacity_bytes", android.device.files.used_bytes))
    with pytest.raises(adbutils.AdbError, match="FAIL"):
        client.sync.push(b"hello", "/sdcard/full")
    device.call(lambda android: setattr(android.device.files, "capacity_bytes", before))


@proves("forward")
def _(client: adbutils.AdbDevice, _device: Fake, _folder: Path) -> None:
    with socket.create_connection(("127.0.0.1", client.forward_port(7)), PATIENCE_S) as link:
        link.sendall(b"hello")
        assert link.recv(5) == b"hello"
    with client.create_connection("tcp", 7) as link:
        link.sendall(b"hello")
        assert link.recv(5) == b"hello"


@proves("reverse")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE_S)
        port = listening.getsockname()[1]
        client.reverse("tcp:8081", f"tcp:{port}")
        assert ("tcp:8081", f"tcp:{port}") in [(each.remote, each.local) for each in client.reverse_list()]
        app = device.run(device.android.adb.dial("tcp:8081"))
        link, _ = listening.accept()
        with link:
            device.run(app.write(b"from the app"))
            assert link.recv(100) == b"from the app"
        device.call(lambda _android: app.close())
        client.reverse_remove("tcp:8081")
        assert client.reverse_list() == []


@proves("logcat")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    device.call(lambda android: android.device.log.clear())
    stream = client.shell("logcat", stream=True)
    try:
        assert b"beginning of main" in stream.recv(100)
        client.shell("log -t first words")
        assert b"first: words" in stream.recv(100)
    finally:
        stream.close()


@proves("reboot")
def _(client: adbutils.AdbDevice, device: Fake, _folder: Path) -> None:
    client.reboot()
    client._client.wait_for(device.address, timeout=PATIENCE_S)
    assert client.shell("echo hi") == "hi"


@proves("several")
def _(client: adbutils.AdbDevice, _device: Fake, _folder: Path) -> None:
    heard: list[str] = []
    asking = [threading.Thread(target=lambda: heard.append(client.shell("sleep 0.1; echo hi"))) for _ in range(8)]
    for each in asking:
        each.start()
    for each in asking:
        each.join(PATIENCE_S)
    assert heard == ["hi"] * 8
