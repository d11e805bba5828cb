"""adb itself, with a server of its own: its port, its home and its keys are nobody else's."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Adb", "Done", "found_adb", "server"]

TIMEOUT_S = 60


@dataclass(frozen=True)
class Done:
    """What a run of adb said. `out` and `err` are octets."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Both, as they stand on a terminal."""
        return (self.out + self.err).decode("utf-8", "replace")


def found_adb(which: str) -> Path | None:
    """`debian`: that of the system; `newest`: that of the wheel of adbutils. None where it is not."""
    if which == "debian":
        found = shutil.which("adb")
        return Path(found) if found else None
    spec = importlib.util.find_spec("adbutils")
    if spec is None or spec.origin is None:
        return None
    inside = Path(spec.origin).parent / "binaries" / "adb"
    return inside if os.access(inside, os.X_OK) else None


class Adb:
    """One adb server, and its client. `emulators_to`: up to which port it looks for emulators."""

    def __init__(self, binary: Path, home: Path, port: int, emulators_to: int = 5000) -> None:
        self.binary = binary
        self.home = home
        self.port = port
        self.emulators_to = emulators_to

    @property
    def version(self) -> int:
        """The first number of its release: 29, 36."""
        match = re.search(rb"^Version (\d+)\.", self("version").out, re.MULTILINE)
        assert match is not None
        return int(match[1])

    @property
    def environment(self) -> dict[str, str]:
        """Without USB and mDNS, and without the user's own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ADB_", "ANDROID_"))}
        quiet = {"ADB_MDNS": "0", "ADB_MDNS_OPENSCREEN": "0", "ADB_LIBUSB": "0"}
        own = {"ADB_LOCAL_TRANSPORT_MAX_PORT": str(self.emulators_to), "HOME": str(self.home), "TMPDIR": str(self.home)}
        return kept | quiet | own

    def __call__(self, *arguments: str, stdin: bytes = b"", serial: str = "", timeout_s: float = TIMEOUT_S) -> Done:
        """`adb ARGUMENTS`, to the device of that serial."""
        to = ("-s", serial) if serial else ()
        done = subprocess.run(
            [self.binary, "-P", str(self.port), *to, *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment,
            timeout=timeout_s,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def started(self, *arguments: str, serial: str, terminal: int | None = None) -> subprocess.Popen[bytes]:
        """`adb ARGUMENTS` that goes on. `terminal`: the descriptor of the one that it is in, None: it has none."""
        return subprocess.Popen(
            [self.binary, "-P", str(self.port), "-s", serial, *arguments],
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=subprocess.PIPE if terminal is None else terminal,
            stderr=terminal,
            env=self.environment,
            start_new_session=terminal is not None,
        )

    def connect(self, address: str) -> str:
        """Makes the device known; its serial."""
        assert "connected to" in self("connect", address).text
        return address


@contextlib.contextmanager
def server(binary: Path, home: Path, emulators_to: int = 5000) -> Iterator[Adb]:
    """A server on a free port, as long as the context."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    adb = Adb(binary, home, port, emulators_to)
    try:
        started = adb("start-server")
        assert started.code == 0, started
        yield adb
    finally:
        adb("kill-server")
