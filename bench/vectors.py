"""Calls a second through the runner protocol, start-up apart; and with a process for each call, for contrast.

A runner that is not installed is missing in the table: `httpsms-harness vectors install`.
"""

from __future__ import annotations

import asyncio
import shlex
import statistics
import sys
import time
from collections.abc import Sequence

from table import show

from harness.adapters import runner_commands, runner_in_process, runner_process
from harness.adapters.toolchains import RUNNERS, Found, find
from harness.cipher import encrypt
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.ourselves import performer
from harness.interop.outcomes import Decrypted, Encrypted
from harness.interop.talk import Talked

RUNS = 3
SIZES = {"32 B": (32, 10_000), "2 KB": (2048, 2_000)}  # bytes of a text, and how many calls
GOAL = 3000
KEY = "Password123"
FASTER = ("node", "go", "jvm")


def calls(size: int, number: int) -> list[Call]:
    """Encryptions and decryptions in turn, each with a text of its own."""
    texts = [str(n).ljust(size, "x") for n in range(number // 2)]
    return [call for text in texts for call in (Encrypt(KEY, text), Decrypt(KEY, encrypt(KEY, text)))]


def rate(talked: Talked) -> float:
    """Calls a second. Each has to have been answered."""
    assert all(isinstance(outcome, Encrypted | Decrypted) for outcome in talked.outcomes), talked.complaints
    return len(talked.outcomes) / talked.seconds


def started_s(command: Sequence[str]) -> float:
    """Seconds for a talk without calls: the start, hello, bye and the end."""
    began = time.perf_counter()
    asyncio.run(runner_process.talk(command, ()))
    return time.perf_counter() - began


def runner_rows(name: str, command: Sequence[str]) -> list[tuple[str, str, str]]:
    start_ms = 1000 * statistics.median(started_s(command) for _ in range(RUNS))
    rows = [(f"{name}: start and end", f"{start_ms:6.0f} ms", "")]
    for size, (letters, number) in SIZES.items():
        asked = calls(letters, number)
        best = statistics.median(rate(asyncio.run(runner_process.talk(command, asked))) for _ in range(RUNS))
        goal = f"goal ≥ {GOAL:,}" if name in FASTER and size == "32 B" else ""
        rows.append((f"{name}: {size}", f"{best:8,.0f} calls/s", goal))
    return rows


# The least that a program can do, and one that decrypts.
COMMANDS = {
    "/bin/echo, a process per call": ("/bin/echo {key} {ciphertext}", 400),
    "our command line, a process per call": (
        f"{shlex.quote(sys.executable)} -m harness decrypt --key {{key}} -- {{ciphertext}}", 40,
    ),
}  # fmt: skip


def command_rows() -> list[tuple[str, str, str]]:
    rows = []
    for name, (template, number) in COMMANDS.items():
        asked = [call for call in calls(32, 2 * number) if isinstance(call, Decrypt)]
        talked = asyncio.run(runner_commands.talk([template], asked, at_once=2))
        rows.append((name, f"{rate(talked):8,.0f} calls/s", ""))
    return rows


def echo_rows() -> list[tuple[str, str, str]]:
    """What our side costs: the other one answers without looking."""
    asked = calls(*SIZES["32 B"])
    answers = "import sys\nfor n, line in enumerate(sys.stdin.buffer, 1):\n" + ECHO
    best = max(rate(asyncio.run(runner_process.talk((sys.executable, "-c", answers), asked))) for _ in range(RUNS))
    return [("who answers without looking: our side alone", f"{best:8,.0f} calls/s", "")]


ECHO = """
    if n == 1:
        said = b'"protocol":1,"name":"echo","version":"1","can":["encrypt","decrypt"]'
    elif b'"op":"e' in line:
        said = b'"ciphertext":"AA=="'
    else:
        said = b'"text":"t"' if b'"op":"d' in line else b'"n":1'
    sys.stdout.buffer.write(b'{"id":%d,%s}\\n' % (n, said))
    sys.stdout.buffer.flush()
    if b'"op":"bye"' in line:
        break
"""


if __name__ == "__main__":
    here = asyncio.run(runner_in_process.talk(performer("phone"), calls(*SIZES["32 B"])))
    rows = [("python, in this process: 32 B", f"{rate(here):8,.0f} calls/s", "")]
    for name in RUNNERS:
        match find(name):
            case Found(command):
                rows += runner_rows(name, command)
            case missing:
                rows.append((name, missing.why, ""))
    show("calls through the runner protocol, encryptions and decryptions in turn", rows + echo_rows() + command_rows())
