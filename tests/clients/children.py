"""Other people's clients as child processes (node/client.mjs, go/main.go), and what they need to be there."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands import clean_environment
from tests.processes import LIFE_S, NUMBER, TIMEOUT_S, Gateway
from tests.test_serving import said_by

HERE = Path(__file__).parent
NODE, GO = HERE / "node", HERE / "go"
COMMANDS = {"node": ["node", str(NODE / "client.mjs")], "go": [str(GO / "bin" / "client")]}
OLDEST_GO = (1, 22)
# These skips are right in CI, too (allowed_skips.txt); that nothing was prepared is not.
NO_NODE = "no Node.js here: install node and npm, then run `make clients`"
NO_GO = "no Go 1.22 or newer here: install it, then run `make clients`"
NOT_PREPARED = "the clients are not prepared: run `make clients`"


def missing(language: str) -> str | None:
    """Why the client cannot run, with the remedy; None when it can."""
    return _missing_node() if language == "node" else _missing_go()


def _missing_node() -> str | None:
    if not (shutil.which("node") and shutil.which("npm")):
        return NO_NODE
    made_for = _read(NODE / "node_modules" / ".made-for")
    return None if made_for == _read(NODE / "package.json") else NOT_PREPARED


def _missing_go() -> str | None:
    if _go_version() < OLDEST_GO:
        return NO_GO
    sources = b"".join(_read(GO / name) for name in ("go.mod", "go.sum", "main.go"))
    return None if _read(GO / "bin" / "made-for") == sources else NOT_PREPARED


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _go_version() -> tuple[int, int]:
    if shutil.which("go") is None:
        return (0, 0)
    said = subprocess.run(["go", "version"], capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def child(command: list[str], *, stderr: int | None = None, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A program with pipes for its input and output; killed if it is still there after a minute."""
    process = subprocess.Popen(
        command,
        env=clean_environment(no_proxy="127.0.0.1", **environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    watchdog = threading.Timer(LIFE_S, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT_S)
        watchdog.cancel()


@dataclass(frozen=True, slots=True)
class Client:
    """A client that runs. A call is named as in client.mjs and main.go."""

    language: str
    process: subprocess.Popen[str]

    def ask(self, call: str, **facts: Any) -> Any:
        """The answer of a call that succeeds."""
        result = self.result(call, **facts)
        assert "error" not in result, result
        return result["answer"]

    def result(self, call: str, **facts: Any) -> dict[str, Any]:
        """`answer`, or `error`; with the `status` and the `body` of the response where the client tells them."""
        assert self.process.stdout is not None
        write_line(self.process, json.dumps({"call": call, **facts}))
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result


@contextmanager
def client(language: str, url: str, user_key: str) -> Iterator[Client]:
    with child(COMMANDS[language], HTTPSMS_URL=url, HTTPSMS_KEY=user_key) as process:
        yield Client(language, process)


@contextmanager
def phone(gateway: Gateway, encryption_key: str) -> Iterator[subprocess.Popen[str]]:
    """A phone with this key at the gateway, logged in. Its input takes texts, its stderr shows them."""
    command = [sys.executable, "-m", "harness", "phone", "--server", gateway.url, "--number", NUMBER]
    keys = {"PHONE": gateway.phone_key, "ENCRYPTION": encryption_key}
    environment = {f"HTTPSMS_HARNESS_{name}_KEY": key for name, key in keys.items()}
    with child(command, stderr=subprocess.PIPE, **environment) as process:
        said_by(process, "logged in")
        yield process


def write_line(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
