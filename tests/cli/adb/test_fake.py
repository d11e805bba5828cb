"""`adb fake`: what it says, what it refuses, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.adb.events import KeyAsked, Online
from tests.adapters.adb_host import Host, host
from tests.adb.joined import key
from tests.cli.usage import Wrong, each, refuses
from tests.commands import run
from tests.processes import end, start

FAKE = ("adb", "fake", "--port", "0")
NUMBER = "+18005550100"
WRONG_USAGE: list[Wrong] = [
    ((*FAKE, "--trouble", "bad"), 2, ("there is no trouble 'bad'", "slow=MS", "refuses-isms")),
    ((*FAKE, "--trouble", "slow=x"), 2, ("x is no number", "slow=1000")),
    ((*FAKE, "--android", "3"), 2, ("Android 3 is not known", "14")),
    ((*FAKE, "--hardware", "--console-port", "5554"), 2, ("only an emulator has a console",)),
    ((*FAKE, "--auth-key", "other.db"), 2, ("other.db", "give an adbkey.pub")),
    ((*FAKE, "--auth-key", "none.pub"), 2, ("none.pub", "does not exist")),
    ((*FAKE, "--sims", "3"), 2, ("--sims",)),
    ((*FAKE, "--number", "abc"), 2, ("--number", "'abc' is no phone number", "+18005550100")),
    ((*FAKE, "--serial", "a b"), 2, ("--serial", "'a b' is no serial", "without spaces")),
    ((*FAKE, "--serial", "a\nb"), 2, ("--serial", "is no serial")),
    ((*FAKE, "--host", "nobody.invalid"), 2, ("error: cannot listen on nobody.invalid",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run("adb", "fake", "--port", port).failed(2, f"error: port {port} on 127.0.0.1 is in use", "0 for any free one")


@contextmanager
def fake(*arguments: str, home: Path, lines: int = 3) -> Iterator[tuple[list[str], subprocess.Popen[str]]]:
    """A fake that runs, by the lines that it printed."""
    process = start(*FAKE, *arguments, environment={"HOME": str(home)})
    assert process.stdout is not None
    try:
        printed = [process.stdout.readline().rstrip("\n") for _ in range(lines)]
        if not printed[0]:
            raise AssertionError(process.communicate()[1])
        yield printed, process
    finally:
        end(process)


def port_in(line: str) -> int:
    match = re.search(r"127\.0\.0\.1:(\d+)", line)
    assert match is not None
    return int(match[1])


def test_it_says_how_to_reach_it_and_leaves_nothing_when_it_ends(tmp_path: Path) -> None:
    with fake("--android", "12", "--number", NUMBER, home=tmp_path) as ((adb, console, device), process):
        ports = port_in(adb), port_in(console)
        assert adb == f"adb      127.0.0.1:{ports[0]}  (adb connect 127.0.0.1:{ports[0]})"
        assert console == f"console  127.0.0.1:{ports[1]}  (adb -s emulator-{ports[1]} emu help)"
        assert device == f"device   emulator-{ports[1]}  Android 12, emulator, {NUMBER}, 1 SIM"
        with socket.create_connection(("127.0.0.1", ports[1])) as typing:
            typing.sendall(b"sms send +18005550199 Hello\nquit\n")
            while typing.recv(1000):
                pass
        out, err = end(process)
    assert (process.returncode, out) == (0, "")
    assert "TextArrived(sender='+18005550199', text='Hello', slot=1, row_id=1)" in err
    assert err.endswith("stopped\n")
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()


def test_the_console_may_end_it(tmp_path: Path) -> None:
    with fake(home=tmp_path) as ((_adb, console, _device), process):
        with socket.create_connection(("127.0.0.1", port_in(console))) as typing:
            typing.sendall(b"kill\n")
            heard = b"".join(iter(lambda: typing.recv(1000), b""))
        assert heard.endswith(b"OK: killing emulator, bye bye\r\nOK\r\n")
        assert process.wait(30) == 0


def test_hardware_has_no_console(tmp_path: Path) -> None:
    arguments = ("--hardware", "--serial", "R58M", "--sims", "2")
    with fake(*arguments, home=tmp_path, lines=2) as ((adb, device), _process):
        assert adb.startswith("adb      127.0.0.1:")
        assert device.startswith("device   R58M  Android 14, hardware, +1")
        assert device.endswith(", 2 SIMs")


def test_the_console_asks_for_the_token_of_its_user(tmp_path: Path) -> None:
    (tmp_path / ".emulator_console_auth_token").write_text("secret-token", encoding="ascii")
    with fake(home=tmp_path) as ((_adb, console, _device), process):
        with socket.create_connection(("127.0.0.1", port_in(console))) as typing:
            typing.sendall(b"quit\n")
            assert b"Authentication required" in b"".join(iter(lambda: typing.recv(1000), b""))
        out, err = end(process)
    assert "secret-token" not in out + err


def test_only_hosts_with_a_key_that_is_known_may(tmp_path: Path) -> None:
    (tmp_path / "adbkey.pub").write_bytes(key(1).public("me@here") + b"\n")

    async def told(port: int, number: int) -> Host:
        async with host(port, [key(number)]) as me:
            return me

    with fake("--auth-key", str(tmp_path / "adbkey.pub"), home=tmp_path) as ((adb, *_), _process):
        assert asyncio.run(told(port_in(adb), 1)).was(Online)
        other = asyncio.run(told(port_in(adb), 2))
        assert (other.was(Online), other.was(KeyAsked)) == (False, True)
