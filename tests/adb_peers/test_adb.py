"""adb itself, in two releases, with the fake device."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import random
import select
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.adapters.adb_daemon import HostStream
from harness.adb.keys import PublicKey
from harness.errors import PortInUse
from harness.fake_android import FakeAndroidOptions
from harness.fake_device import Stat
from harness.fake_device.happened import AppInstalled, Happened
from tests.adb_peers.claims import CLAIMS
from tests.adb_peers.fakes import PATIENCE_S, Fake, fake
from tests.adb_peers.servers import Adb, server

BIG = random.Random(1).randbytes(20 << 20)
DIGEST = hashlib.sha256(BIG).hexdigest()


@pytest.fixture
def serial(adb: Adb, device: Fake) -> str:
    return adb.connect(device.address)


Proof = Callable[[Adb, Fake, str, Path], None]
PROOFS: dict[str, Proof] = {}


def proves(claim: str) -> Callable[[Proof], Proof]:
    def kept(proof: Proof) -> Proof:
        PROOFS[claim] = proof
        return proof

    return kept


@pytest.mark.parametrize("claim", CLAIMS)
def test_adb_does_with_the_fake_device_what_is_claimed(
    claim: str, adb: Adb, device: Fake, serial: str, tmp_path: Path
) -> None:
    PROOFS[claim](adb, device, serial, tmp_path)


@proves("listed")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    [line] = [line for line in adb("devices", "-l").text.splitlines() if line.startswith(serial)]
    assert line.split()[1:5] == [
        "device",
        "product:sdk_gphone64_x86_64",
        "model:sdk_gphone64_x86_64",
        "device:emu64xa",
    ]


@proves("found")
def _(adb: Adb, _device: Fake, _serial: str, folder: Path) -> None:
    with _paired() as made, server(adb.binary, folder, 5586) as looking:
        name = made.android.device.serial
        _until(lambda: f"{name}\tdevice" in looking("devices").text)
        assert looking("shell", "getprop ro.serialno", serial=name).out == f"{name}\n".encode()


@proves("shell")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    assert adb("shell", "echo", "héllo", "'a  b'", serial=serial).out.decode() == "héllo a  b\n"
    assert adb("exec-out", "printf 'a\\0b\\r\\n'", serial=serial).out == b"a\0b\r\n"


@proves("status")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    done = adb("shell", "echo out; echo err >&2; exit 7", serial=serial)
    assert (done.code, done.out, done.err) == (7, b"out\n", b"err\n")


@proves("stdin")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    data = BIG[: 3 << 20]
    assert adb("shell", "sha256sum", stdin=data, serial=serial).out.split()[0].decode() == _sha(data)
    assert adb("shell", stdin=b"echo from stdin; exit 3", serial=serial).out == b"from stdin\n"
    adb("exec-in", "cat > /sdcard/in", stdin=data, serial=serial)
    _until(lambda: adb("shell", "sha256sum < /sdcard/in", serial=serial).out.split()[0].decode() == _sha(data))


@proves("much")
def _(adb: Adb, device: Fake, serial: str, _folder: Path) -> None:
    data = BIG[: 1 << 20]
    device.call(lambda android: android.device.files.write("/sdcard/much", data, 0))
    assert adb("shell", "cat /sdcard/much", serial=serial).out == data
    assert adb("exec-out", "cat /sdcard/much", serial=serial).out == data


@proves("files")
def _(adb: Adb, _device: Fake, serial: str, folder: Path) -> None:
    (folder / "big").write_bytes(BIG)
    os.utime(folder / "big", (1_700_000_000, 1_700_000_000))
    assert adb("push", str(folder / "big"), "/sdcard/big", serial=serial).code == 0
    assert adb("shell", "sha256sum /sdcard/big", serial=serial).out.split()[0].decode() == DIGEST
    assert adb("pull", "-a", "/sdcard/big", str(folder / "back"), serial=serial).code == 0
    back = folder / "back"
    assert (_sha(back.read_bytes()), back.stat().st_mtime) == (DIGEST, 1_700_000_000)


@proves("folders")
def _(adb: Adb, _device: Fake, serial: str, folder: Path) -> None:
    odd = ("-d", "two  blanks", "q'u\"o", "new\nline", "back\\slash", "$HOME", "%s", ";")
    files = {"a/x": b"1", "a/b/y": b"", "a/b/ü z": b"22"} | {f"a/-o/{name}": name.encode() for name in odd}
    for name, data in files.items():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / name).write_bytes(data)
    assert adb("push", str(folder / "tree"), "/sdcard/trees", serial=serial).code == 0
    assert adb("pull", "/sdcard/trees", str(folder / "back"), serial=serial).code == 0
    assert {name: (folder / "back" / name).read_bytes() for name in files} == files


@proves("names")
def _(adb: Adb, device: Fake, serial: str, _folder: Path) -> None:
    device.call(lambda android: android.device.files.write("/data/local/tmp/one", b"12345", 0))
    lines = adb("ls", "/data/local/tmp", serial=serial).text.splitlines()
    assert "000081a4 00000005 00000000 one" in lines


@proves("missing")
def _(adb: Adb, _device: Fake, serial: str, folder: Path) -> None:
    done = adb("pull", "/sdcard/none", str(folder / "none"), serial=serial)
    assert (done.code, "No such file or directory" in done.text) == (1, True)


@proves("refused")
def _(adb: Adb, device: Fake, serial: str, folder: Path) -> None:
    (folder / "file").write_bytes(BIG[:100_000])
    done = adb("push", str(folder / "file"), "/system/file", serial=serial)
    assert (done.code, "remote couldn't create file: Read-only file system" in done.text) == (1, True)
    before = device.call(lambda android: _room(android.device.files, android.device.files.used_bytes + 1000))
    done = adb("push", str(folder / "file"), "/sdcard/file", serial=serial)
    device.call(lambda android: _room(android.device.files, before))
    assert (done.code, "No space left on device" in done.text) == (1, True)


@proves("forward")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    port = int(adb("forward", "tcp:0", "tcp:7", serial=serial).out)
    data = BIG[:500_000]
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as link:
        writing = threading.Thread(target=link.sendall, args=(data,))
        writing.start()
        heard = b""
        while len(heard) < len(data):
            heard += link.recv(65_536)
        writing.join()
    assert heard == data
    assert f"{serial} tcp:{port} tcp:7" in adb("forward", "--list", serial=serial).text
    nothing = int(adb("forward", "tcp:0", "tcp:81", serial=serial).out)
    with socket.create_connection(("127.0.0.1", nothing), PATIENCE_S) as link:
        assert link.recv(1) == b""


@proves("reverse")
def _(adb: Adb, device: Fake, serial: str, _folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE_S)
        port = listening.getsockname()[1]
        assert adb("reverse", "tcp:8080", f"tcp:{port}", serial=serial).code == 0
        assert f"tcp:8080 tcp:{port}" in adb("reverse", "--list", serial=serial).text
        app = device.run(device.android.adb.dial("tcp:8080"))
        link, _ = listening.accept()
        with link:
            link.settimeout(PATIENCE_S)
            device.run(app.write(b"from the app"))
            assert link.recv(100) == b"from the app"
            link.sendall(b"from the host")
            assert device.run(app.read()) == b"from the host"
        assert device.run(app.read()) == b""
        device.call(lambda _android: _closed(app))
    assert adb("reverse", "tcp:0", "tcp:1", serial=serial).out == b"40000\n"
    assert "cannot rebind" in adb("reverse", "--no-rebind", "tcp:8080", "tcp:1", serial=serial).text
    assert "not found" in adb("reverse", "--remove", "tcp:9", serial=serial).text
    assert adb("reverse", "--remove-all", serial=serial).code == 0
    assert adb("reverse", "--list", serial=serial).text.strip() == ""


@proves("logcat")
def _(adb: Adb, device: Fake, serial: str, _folder: Path) -> None:
    adb("logcat", "-c", serial=serial)
    device.call(lambda android: android.device.note("first", "words", 0))
    assert b"first: words" in adb("logcat", "-d", serial=serial).out
    with adb.started("logcat", serial=serial) as following:
        assert following.stdout is not None
        try:
            assert b"beginning of main" in following.stdout.readline()
            assert b"first: words" in following.stdout.readline()
            adb("shell", "log -t second words", serial=serial)
            assert b"second: words" in following.stdout.readline()
        finally:
            following.kill()


@proves("install")
def _(adb: Adb, device: Fake, serial: str, folder: Path) -> None:
    happened: list[Happened] = []
    device.call(lambda android: android.on_happened.append(happened.append))
    with zipfile.ZipFile(folder / "app.apk", "w") as apk:
        apk.writestr("AndroidManifest.xml", bytes(100_000))
    assert "Success" in adb("install", "-g", str(folder / "app.apk"), serial=serial).text
    assert AppInstalled("com.httpsms", (folder / "app.apk").stat().st_size, True) in happened
    assert b"package:" in adb("shell", "pm", "path", "com.httpsms", serial=serial).out
    assert "Success" in adb("uninstall", "com.httpsms", serial=serial).text
    (folder / "bad.apk").write_bytes(b"no zip")
    assert "INSTALL_PARSE_FAILED_NOT_APK" in adb("install", str(folder / "bad.apk"), serial=serial).text


@proves("emu")
def _(adb: Adb, device: Fake, serial: str, _folder: Path) -> None:
    console = device.android.device.serial
    assert adb("emu", "ping", serial=console).out == b"I am alive!\r\nOK\r\n"
    assert adb("emu", "sms", "send", "+18005550100", "Hello you", serial=console).out == b"OK\r\n"
    assert b"KO: bad phone number format" in adb("emu", "sms", "send", "abc", "Hello", serial=console).out
    read = "content query --uri content://sms/inbox --projection _id:address:body"
    assert b"address=+18005550100, body=Hello you\n" in adb("shell", read, serial=serial).out


@proves("auth")
def _(adb: Adb, _device: Fake, _serial: str, _folder: Path) -> None:
    adb("connect", "127.0.0.1:1")  # so that the key is there
    key = PublicKey.parse((adb.home / ".android" / "adbkey.pub").read_bytes())
    with fake(FakeAndroidOptions(trusted=(key,))) as made:
        serial = adb.connect(made.address)
        assert adb("shell", "echo hi", serial=serial).out == b"hi\n"
        made.call(lambda android: android.adb.withdraw())
        _until(lambda: f"{serial}\tunauthorized" in adb("devices").text)
        assert "unauthorized" in adb("shell", "echo hi", serial=serial).text
        adb("disconnect", serial)


@proves("asked")
def _(adb: Adb, _device: Fake, _serial: str, _folder: Path) -> None:
    offered: list[PublicKey] = []

    def note(key: PublicKey) -> bool:
        offered.append(key)
        return False

    with fake(FakeAndroidOptions(trusted=()), note) as made:
        adb("connect", made.address)
        _until(lambda: bool(offered))
        assert f"{made.address}\tunauthorized" in adb("devices").text
        made.call(lambda android: android.adb.trust(offered[0]))
        _until(lambda: f"{made.address}\tdevice" in adb("devices").text)
        assert adb("shell", "echo hi", serial=made.address).out == b"hi\n"
        adb("disconnect", made.address)


@proves("reboot")
def _(adb: Adb, _device: Fake, serial: str, _folder: Path) -> None:
    adb("reboot", serial=serial)
    _until(lambda: adb("shell", "echo hi", serial=serial).out == b"hi\n")


@proves("vanished")
def _(adb: Adb, device: Fake, serial: str, folder: Path) -> None:
    device.call(lambda android: android.device.files.write("/sdcard/big", BIG, 0))
    with device.troubled(vanish_after_bytes=5 << 20):
        done = adb("pull", "/sdcard/big", str(folder / "back"), serial=serial)
    assert done.code != 0
    _until(lambda: adb("shell", "echo hi", serial=serial).out == b"hi\n")


@proves("several")
def _(adb: Adb, device: Fake, serial: str, folder: Path) -> None:
    with server(adb.binary, folder) as other:
        other.connect(device.address)
        with adb.started("exec-out", "yes", serial=serial) as flood:
            assert flood.stdout is not None
            assert flood.stdout.read(1000) == b"y\n" * 500
            assert other("shell", "echo hi", serial=device.address).out == b"hi\n"
            assert adb("shell", "echo hi", serial=serial).out == b"hi\n"
            flood.kill()


def test_a_client_that_is_killed_amid_a_file_leaves_nothing_of_it(adb: Adb, device: Fake, serial: str) -> None:
    def comes() -> bool:
        return isinstance(device.call(lambda android: android.device.files.stat("/sdcard/half")), Stat)

    (adb.home / "half").write_bytes(BIG)
    with (
        device.troubled(slow_ms=100),
        adb.started("push", str(adb.home / "half"), "/sdcard/half", serial=serial) as push,
    ):
        _until(comes)
        push.kill()
    assert push.returncode < 0
    _until(lambda: not comes())
    assert adb("shell", "echo hi", serial=serial).out == b"hi\n"


def test_a_shell_in_a_terminal_is_interrupted_and_left_with_its_status(adb: Adb, serial: str) -> None:
    typed = [
        ("", "$ "),
        ("yes\r", "y\r\ny\r\n"),
        ("\x03", "^C\r\n"),
        ("echo was $?\r", "was 130\r\n"),
        ("cat\r", "cat\r\n"),
        ("hi\r", "hi\r\nhi\r\n"),
        ("\x04", "$ "),
    ]
    with _terminal() as (ours, theirs), adb.started("shell", serial=serial, terminal=theirs) as shell:
        try:
            for keys, shown in typed:
                os.write(ours, keys.encode())
                _shown(ours, shown.encode())
            assert adb("shell", "echo hi", serial=serial).out == b"hi\n"
            os.write(ours, b"exit 5\r")
            assert shell.wait(PATIENCE_S) == 5
        finally:
            shell.kill()


# Helpers.


@contextlib.contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a terminal: that of who types, and that of the program."""
    ends = pty.openpty()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def _shown(terminal: int, words: bytes) -> None:
    """Reads on until they stand there."""
    seen = b""
    while words not in seen:
        assert select.select([terminal], [], [], PATIENCE_S)[0], f"{words!r} never came after {seen[-200:]!r}"
        seen += os.read(terminal, 65_536)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _room(files: object, capacity_bytes: int) -> int:
    before: int = files.capacity_bytes  # type: ignore[attr-defined]
    files.capacity_bytes = capacity_bytes  # type: ignore[attr-defined]
    return before


def _closed(app: HostStream) -> None:
    app.close()


def _until(holds: Callable[[], bool]) -> None:
    """adb tells nobody when its list has changed: it is asked again and again."""
    ends_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < ends_at, "it never came to hold"


@contextlib.contextmanager
def _paired() -> Iterator[Fake]:
    """A device where adb servers look for emulators, on the first two ports there that are free."""
    with contextlib.ExitStack() as open_things:
        for port in range(5554, 5586, 2):
            with contextlib.suppress(PortInUse, ExceptionGroup):
                made = open_things.enter_context(fake(FakeAndroidOptions(adb_port=port + 1, console_port=port)))
                assert made.android.is_paired
                yield made
                return
    raise AssertionError("all ports of emulators are taken")
