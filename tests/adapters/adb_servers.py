"""Servers of adb: the real program on a port of its own, and one that says what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.adapters.raw_server import Peer, raw_server

Answer = bytes | Callable[[Peer], Awaitable[None]]
SERIAL = "R58M12ABCDE"
STARTING_S = 20


def answer(text: str) -> bytes:
    """OKAY, and a text that has its length before it."""
    return b"OKAY%04x" % len(text) + text.encode()


def fail(words: str) -> bytes:
    return b"FAIL%04x" % len(words) + words.encode()


# A device on USB, as the server has it: what the link asks before anything else.
FOUND: Mapping[str, Answer] = {
    f"host-serial:{SERIAL}:get-state": answer("device"),
    f"host-serial:{SERIAL}:features": answer("shell_v2,cmd,stat_v2"),
    "host:devices-l": answer(f"{SERIAL}             device usb:1-1 product:a model:b device:c transport_id:1\n"),
    f"host:transport:{SERIAL}": b"OKAY",
}


class ScriptedServer:
    """Answers each request as the script says; a service is a function that goes on from there."""

    def __init__(self, script: Mapping[str, Answer]) -> None:
        self.script = dict(script)
        self.asked: list[str] = []
        self.port = 0

    async def talk(self, peer: Peer) -> None:
        while True:
            request = (await peer.reader.readexactly(int(await peer.reader.readexactly(4), 16))).decode()
            self.asked.append(request)
            said = self.script.get(request)
            if said is None:
                said = next((each for name, each in self.script.items() if request.startswith(name)), b"FAIL0006closed")
            if not isinstance(said, bytes):
                await said(peer)
                return
            peer.send(said)
            if not request.startswith("host:transport:"):
                return


@contextlib.asynccontextmanager
async def scripted(script: Mapping[str, Answer]) -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(script)
    async with raw_server(server.talk) as raw:
        server.port = raw.port
        yield server


class RealServer:
    """adb's own. `kill` ends it as a crash would."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], environ: Mapping[str, str]) -> None:
        self.port = port
        self._process = process
        self._environ = environ

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.adb("kill-server")
                self._process.wait(STARTING_S)
        self.kill()

    def adb(self, *words: str) -> str:
        command = ["adb", "-P", str(self.port), *words]
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, check=False, timeout=STARTING_S
        )
        return done.stdout + done.stderr


@contextlib.contextmanager
def real_server(home: Path) -> Iterator[RealServer]:
    """Skips the test where there is no adb."""
    if shutil.which("adb") is None:
        pytest.skip("no adb here")
    port = free_port()
    # It keeps its key and its log in a folder of the test, and looks for no emulator of anybody else.
    environ = {
        **os.environ,
        "HOME": str(home),
        "TMPDIR": str(home),
        "ANDROID_ADB_SERVER_PORT": str(port),
        "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553",
    }
    environ.pop("ADB_VENDOR_KEYS", None)
    command = ["adb", "-P", str(port), "nodaemon", "server"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = RealServer(port, process, environ)
    try:
        # The client waits for a server that listens already, and would start one itself otherwise.
        _wait_for(port, process)
        yield server
    finally:
        server.end()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTING_S * 50):
        assert process.poll() is None, "adb has ended before it listened"
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    raise AssertionError("adb does not listen")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def connected(server: RealServer, serial: str) -> None:
    """The server has the device."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    asked = f"host:connect:{serial}".encode()
    writer.write(b"%04x" % len(asked) + asked)
    said = await reader.read()
    assert b"connected to" in said, said
    writer.close()
    await writer.wait_closed()
